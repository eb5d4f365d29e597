"""The outbox of a run is its evidence: who is first to leave there that it sends a message sends it, and no other."""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta
from uuid import uuid4

from deployplan.clock import Clock
from deployplan.evidence.event import Event
from deployplan.evidence.hold import Hold
from deployplan.evidence.kinds.people import Acknowledged, MessageBegun, MessageFailed, MessageSent, MomentReached
from deployplan.evidence.record import Records, RunRecord
from deployplan.plan.model.moment import Moment
from deployplan.plan.model.roster import Roster
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.run.fold import StateReader
from deployplan.runbook.run.frozen_plan import frozen_plan
from deployplan.runbook.run.state import RunState
from deployplan.runbook.run.traces import ATTEMPT_GONE_AFTER, MessageTrace
from deployplan.runbook.telling.due import DueMessage, due_messages
from deployplan.runbook.telling.occasions import Around

LONGEST = 120.0
"""Seconds after which a channel is not waited for any more."""
FIRST_PAUSE = timedelta(seconds=20)
LONGEST_PAUSE = timedelta(minutes=30)
MOST_TRIES = 12
HELD = "held by "
"""How the occasion of a hold begins, as `Hold` says it."""
GONE = "whoever sent it is gone, and left no word: it may have arrived"


class RunOutbox:
    """What is to be told of one run, and what has been. Threads may share it; so may processes, through the record."""

    def __init__(self, records: Records, record: RunRecord, clock: Clock) -> None:
        self.record = record
        self._records = records
        self._clock = clock
        self._main, self._apart = record.ledger(), record.apart()
        self._states, self._late = StateReader(self._main), StateReader(self._apart)
        self._snapshot: Snapshot | None = None
        self._by = f"{socket.gethostname()}:{os.getpid()}"

    def read(self) -> tuple[Snapshot, RunState] | None:
        """The frozen plan and what the evidence says now; None before there is one.

        Raises LedgerDamaged, RecordError and OSError as those who read them do.
        """
        state = self._states.read()
        if state.frozen is None:
            return None
        if self._snapshot is None or self._snapshot.digest != state.frozen.digest:
            self._snapshot = frozen_plan(self._records, self.record.plan, state.frozen.digest)
        return self._snapshot, state

    def to_send(self, roster: Roster | None = None, hold: Hold | None = None) -> tuple[DueMessage, ...]:
        """The messages that are due and that nobody has sent, or is about to; what never ended is called uncertain."""
        found = self.read()
        if found is None:
            return ()
        snapshot, state = found
        if hold is None and self._goes_on(state):
            state = self._states.read()
        late, now = self._late.read(), self._clock.now()
        due = due_messages(snapshot, self.record.run_id, state, now=now, around=Around(roster, hold, late))
        return tuple(each for each in due if self._may_try(each, state, late, now))

    def calls_made(self, roster: Roster | None = None, hold: Hold | None = None) -> tuple[DueMessage, ...]:
        """The calls that were sent for what needs somebody, and that nobody has taken in hand."""
        found = self.read()
        if found is None:
            return ()
        snapshot, state = found
        late, now = self._late.read(), self._clock.now()
        due = due_messages(snapshot, self.record.run_id, state, now=now, around=Around(roster, hold, late))
        calls = (each for each in due if each.occasion.is_call)
        return tuple(each for each in calls if any(trace.sent for trace in _traces(each, state, late)))

    def take_in_hand(self, call: DueMessage, who: str) -> None:
        """Leave that somebody has acknowledged the call where it was sent: nobody else is called for what it was about.

        A pager says who, and not since when: what began between their word and this look, they have not seen.
        """
        note = f"acknowledged at {call.recipient.to}"
        self._keep(Acknowledged(by=f"{who} (by {call.recipient.to})", note=note, about=call.occasion.alarm))

    def _goes_on(self, state: RunState) -> bool:
        """Leave evidence that a hold of which people were told is over, where whoever ended it has left none here."""
        held = [seen for (moment, _), seen in state.moments.items() if moment is Moment.ON_HOLD]
        if state.is_over or not held or not (was := held[-1].occasion or "").startswith(HELD):
            return False
        if any(moment is Moment.RESUMED and seen.at >= held[-1].at for (moment, _), seen in state.moments.items()):
            return False
        return self._main.keep_unless_sealed(MomentReached(moment=str(Moment.RESUMED), occasion=was)) is not None

    def claim(self, due: DueMessage) -> str | None:
        """Leave in the evidence that this process sends it; the attempt's name, or None when somebody else does.

        In one ledger the first entry decides. Between a run's own ledger and what is kept apart behind its seal there
        is no order: who finds the message begun in the other one lets it be, so that at most one goes on.
        """
        if not self._may_try(due, self._states.read(), self._late.read(), self._clock.now()):
            return None
        attempt = uuid4().hex[:12]
        begun = MessageBegun(
            to=due.recipient.group, moment=str(due.moment), via=due.via, key=due.key, attempt=attempt, by=self._by
        )
        is_apart = self._keep(begun)
        mine, other = _traces(due, self._states.read(), self._late.read())[:: -1 if is_apart else 1]
        if mine.begun is None or mine.begun.event.attempt != attempt:
            return None
        if mine.sent or mine.uncertain or other.begun is not None or other.sent or other.uncertain:
            self.failed(due, attempt, "another process has begun to send it")
            return None
        return attempt

    def sent(self, due: DueMessage, attempt: str, receipt: str) -> None:
        """Leave the receipt."""
        to, moment = due.recipient.group, str(due.moment)
        self._keep(MessageSent(to=to, moment=moment, via=due.via, key=due.key, receipt=receipt, attempt=attempt))

    def failed(self, due: DueMessage, attempt: str, why: str, uncertain: bool = False) -> None:
        """Leave that it did not leave, or that nobody knows."""
        to, moment = due.recipient.group, str(due.moment)
        self._keep(
            MessageFailed(to=to, moment=moment, via=due.via, key=due.key, why=why, uncertain=uncertain, attempt=attempt)
        )

    def _may_try(self, due: DueMessage, state: RunState, late: RunState, now: datetime) -> bool:
        traces = _traces(due, state, late)
        if any(each.sent or each.uncertain for each in traces) or _was_mailed(due, state, late):
            return False
        for begun in (each.begun for each in traces if each.begun is not None):
            if abs(now - begun.at) >= ATTEMPT_GONE_AFTER:
                self.failed(due, begun.event.attempt, GONE, uncertain=True)
        return all(may_try(each, now) for each in traces)

    def _keep(self, event: Event) -> bool:
        """Keep it in the run's ledger, or apart when that is sealed; whether it is apart."""
        if self._main.keep_unless_sealed(event) is not None:
            return False
        self._apart.keep(event)
        return True


def _was_mailed(due: DueMessage, state: RunState, late: RunState) -> bool:
    """Whether an earlier version has told it by mail, or may have; a person may want it sent again all the same."""
    if due.name_as_mail is None or any(each.again_at is not None for each in _traces(due, state, late)):
        return False
    mails = _traces_of(due.name_as_mail, state, late)
    return any(each.sent or each.uncertain or each.begun is not None for each in mails)


def _traces(due: DueMessage, *states: RunState) -> tuple[MessageTrace, MessageTrace]:
    """What became of it by the run's ledger and by what is kept apart, each beside the other."""
    return _traces_of(due.name, *states)


def _traces_of(name: tuple[str, str], *states: RunState) -> tuple[MessageTrace, MessageTrace]:
    first, second = (each.messages.get(name, MessageTrace()) for each in states)
    return first.beside(second), second.beside(first)


def may_try(trace: MessageTrace, now: datetime) -> bool:
    """Whether a message may be tried now; the pauses grow, and a clock that was set must not stretch them."""
    if trace.sent or trace.uncertain or trace.begun is not None or trace.failures >= MOST_TRIES:
        return False
    return trace.failed_at is None or abs(now - trace.failed_at) >= pause_after(trace.failures)


def pause_after(failures: int) -> timedelta:
    """How long a message is left alone after so many failures, of which it is known that nothing was handed over."""
    return min(FIRST_PAUSE * int(2 ** (failures - 1)), LONGEST_PAUSE)
