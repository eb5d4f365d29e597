"""A person has a run in hand, or wants a message sent again: what of a run needs somebody, and the evidence of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from deployplan.errors import DeployPlanError
from deployplan.evidence.entry import Entry
from deployplan.evidence.hold import HoldSwitch
from deployplan.evidence.kinds import event_in
from deployplan.evidence.kinds.people import Acknowledged, MessageBegun, MessageFailed, MessageSent, SendAgain
from deployplan.evidence.record import Records, RunRecord
from deployplan.runbook.run.fold import fold_all
from deployplan.runbook.run.state import RunState
from deployplan.runbook.run.traces import ATTEMPT_GONE_AFTER, MessageTrace
from deployplan.runbook.telling.alarms import alarms
from deployplan.runbook.telling.runs import runs_to_tell_of


class NothingNeeded(DeployPlanError):
    """Nothing of the run needs anybody, or there is no such message; the message says what there is."""


@dataclass(frozen=True, slots=True)
class InHand:
    """A run that a person has in hand now, and what of it needs somebody."""

    run_id: str
    reasons: tuple[str, ...]


def acknowledge(records: Records, plan: str, run_id: str | None, *, by: str, note: str | None, now: datetime) -> InHand:
    """Leave that this person sees to it: nobody else is called. Without `run_id`: each run of the plan that needs it.

    Saying it again is evidence again, and changes nothing. Raises NothingNeeded, and as the ledger does.
    """
    hold = HoldSwitch(records.root).state()
    found = [each for each in runs_to_tell_of(records, now) if each.plan == plan and run_id in (None, each.run_id)]
    needing = [(record, open_) for record in found if (open_ := tuple(alarms(_state(record), hold)))]
    if not needing:
        of = f"run {run_id} of {plan}" if run_id else f"no run of {plan}"
        raise NothingNeeded(
            f"{of} needs {'nobody' if run_id else 'anybody'} now: no card is open, nothing is held, "
            "and none has ended with its nodes locked in the last three days"
        )
    for record, _ in needing:
        record.note(Acknowledged(by=by, note=note))
    record, open_ = needing[-1]
    return InHand(record.run_id, tuple(each.reason for each in open_))


def send_again(record: RunRecord, key: str, *, by: str, now: datetime) -> int:
    """Leave that this person wants the messages with this key, or whose keys begin so, sent again; how many they are.

    Those that arrived, are being sent or wait for it are left, and each is wanted again once a minute at most: people
    are told, and evidence grows, each time. Raises NothingNeeded when the run has no such message, or none is left.
    """
    known = messages_told(record)
    wanted = [name for name in known if len(key) >= SHORTEST_KEY and name[0].startswith(key)]
    if not wanted:
        raise NothingNeeded(f"no message of {record.name} has a key that begins with {key!r}; it has {len(known)}")
    said, wanted_at = last_said(record), _wanted_at(record)
    refused = {name: why for name in wanted if (why := _why_not_again(known[name], wanted_at.get(name), now))}
    again = [name for name in wanted if name not in refused]
    if not again:
        (first, via), why = next(iter(refused.items()))
        raise NothingNeeded(f"the message {first[:SHORTEST_KEY]} of {record.name} by {via} is not sent again: {why}")
    for key, via in again:
        about = said[key, via]
        record.note(SendAgain(to=about.to, moment=about.moment, key=key, via=via, by=by))
    return len(again)


OfMessage: TypeAlias = MessageBegun | MessageSent | MessageFailed | SendAgain
SHORTEST_KEY = 6
"""Characters of a key that name a message."""
AGAIN_AFTER = timedelta(minutes=1)


def _why_not_again(trace: MessageTrace, wanted_at: datetime | None, now: datetime) -> str | None:
    """Why a message is left as it is; None when it may be sent again."""
    if trace.sent and not trace.uncertain:
        return f"it was sent, and there is no doubt of it ({trace.told or 'no receipt'})"
    if trace.begun is not None and abs(now - trace.begun.at) < ATTEMPT_GONE_AFTER:
        return "it is being sent"
    if wanted_at is not None and trace == MessageTrace(ended=trace.ended, at=trace.at, again_at=trace.again_at):
        return "it waits to be sent again already"
    if wanted_at is not None and abs(now - wanted_at) < AGAIN_AFTER:
        return "that was wanted less than a minute ago"
    return None


def _wanted_at(record: RunRecord) -> dict[tuple[str, str], datetime]:
    """When each message was last wanted again, by key and channel."""
    entries: tuple[Entry, ...] = (*record.ledger().entries(), *record.apart().entries())
    return {(said.key, said.via): each.at for each in entries if isinstance(said := event_in(each), SendAgain)}


def messages_told(record: RunRecord) -> dict[tuple[str, str], MessageTrace]:
    """What became of each message, by key and channel, by the run's ledger and what is kept apart."""
    state, late = _state(record), _late(record)
    names = dict.fromkeys([*state.messages, *late.messages])
    found = {}
    for name in names:
        here, there = (each.messages.get(name, MessageTrace()) for each in (state, late))
        found[name] = there.beside(here) if name in late.messages else here.beside(there)
    return found


def last_said(record: RunRecord) -> dict[tuple[str, str], OfMessage]:
    """The last word on each message, by key and channel."""
    entries: tuple[Entry, ...] = (*record.ledger().entries(), *record.apart().entries())
    events = [event for each in entries if isinstance(event := event_in(each), OfMessage)]
    return {(event.key, event.via): event for event in events}


def _state(record: RunRecord) -> RunState:
    return fold_all(record.ledger().entries())


def _late(record: RunRecord) -> RunState:
    return fold_all(record.apart().entries())
