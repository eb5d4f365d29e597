"""Was the backout of exactly this content rehearsed? What rehearsals left in the record store, by plan."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from deployplan.evidence.error import RecordError
from deployplan.evidence.kinds import event_in
from deployplan.evidence.kinds.backout import PlanRehearsed
from deployplan.evidence.record import Records
from deployplan.plan.model.backout import Tested
from deployplan.plan.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """When a plan was rehearsed, and with what result."""

    at: datetime
    result: PlanRehearsed


def last_rehearsal(records: Records | None, snapshot: Snapshot) -> Rehearsal | None:
    """The latest rehearsal of exactly the plan's scripts, commands and packages; None when there is none.

    One whose record is damaged, or with another signature than this installation's, is none.
    """
    content, found = snapshot.content_digest, list[Rehearsal]()
    for ledger in () if records is None else records.rehearsals(snapshot.plan.name):
        try:
            for entry in ledger.entries():
                event = event_in(entry)
                if isinstance(event, PlanRehearsed) and event.content == content:
                    found.append(Rehearsal(entry.at, event))
        except RecordError:
            continue
    return max(found, key=lambda each: each.at, default=None)


def with_rehearsal(snapshot: Snapshot, rehearsal: Rehearsal | None) -> Snapshot:
    """The plan as its controls are to judge it: a rehearsal whose backout was proven stands for `backout.tested`.

    One whose backout failed takes away what the plan says of an earlier test, and so does one whose deploy did: what
    was not deployed was not undone, however well all stands afterwards.
    """
    if rehearsal is None:
        return snapshot
    result = rehearsal.result
    took = timedelta(seconds=result.backout_seconds)
    tested = (
        Tested(environment=result.environment, at=rehearsal.at.date(), duration=took)
        if result.deploy_ok and result.backout_ok
        else None
    )
    backout = snapshot.plan.backout.model_copy(update={"tested": tested})
    return snapshot.model_copy(update={"plan": snapshot.plan.model_copy(update={"backout": backout})})
