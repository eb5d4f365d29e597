"""A person has a run in hand, or wants a message sent again: what of a run needs somebody, and the evidence of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from deployplan.errors import DeployPlanError
from deployplan.evidence.entry import Entry
from deployplan.evidence.hold import HoldSwitch
from deployplan.evidence.kinds import event_in
from deployplan.evidence.kinds.people import Acknowledged, MessageBegun, MessageFailed, MessageSent, SendAgain
from deployplan.evidence.record import Records, RunRecord
from deployplan.runbook.run.fold import fold_all
from deployplan.runbook.run.state import MessageTrace, RunState
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


def send_again(record: RunRecord, key: str, *, by: str) -> int:
    """Leave that this person wants the messages with this key, or whose keys begin so, sent again; how many they are.

    Raises NothingNeeded when no message of the run has such a key.
    """
    known = messages_told(record)
    wanted = [name for name in known if len(key) >= SHORTEST_KEY and name[0].startswith(key)]
    if not wanted:
        raise NothingNeeded(f"no message of {record.name} has a key that begins with {key!r}; it has {len(known)}")
    said = last_said(record)
    for key, via in wanted:
        about = said[key, via]
        record.note(SendAgain(to=about.to, moment=about.moment, key=key, via=via, by=by))
    return len(wanted)


OfMessage: TypeAlias = MessageBegun | MessageSent | MessageFailed | SendAgain
SHORTEST_KEY = 6
"""Characters of a key that name a message."""


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
