"""What needs somebody: an open question, a hold, a run that ended with its nodes locked; and who is called when?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from deployplan.evidence.hold import Hold
from deployplan.plan.model.moment import Moment
from deployplan.runbook.run.outcome_kinds import LEAVES_LOCKED
from deployplan.runbook.run.state import RunState
from deployplan.runbook.run.traces import CardState


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that needs somebody since `at`; `key` tells two apart, `task` is whose card it is, if it is one.

    `until`: when silence is taken for an answer; None when it is not.
    """

    key: str
    at: datetime
    reason: str
    asked: tuple[str, ...] = ()
    task: str | None = None
    until: datetime | None = None

    @property
    def moment(self) -> Moment | None:
        """The moment at which people are told of a card; None for what is no card."""
        group = "" if self.task is None else self.task.partition(".")[0]
        return next((moment for moment in Moment if group in moment.telling.asks), None)


def alarms(state: RunState, hold: Hold | None) -> Iterator[Alarm]:
    """Return what needs somebody now; `hold` is who holds everything."""
    if state.is_over:
        if state.outcome is not None and state.outcome.event.outcome in LEAVES_LOCKED:
            event = state.outcome.event
            reason = f"the run ended in {event.outcome}, its nodes stay locked: {event.because}"
            yield Alarm(f"end {state.outcome.hash}", state.outcome.at, reason)
        return
    for task, card in state.cards.items():
        if card.is_open:
            until = deadline_of(card)
            yield Alarm(f"card {card.seq}", card.at, card.put.subject or task, card.put.people, task, until)
    if hold is not None and (seen := state.moments.get((Moment.ON_HOLD, str(hold)))) is not None:
        yield Alarm(f"hold {seen.occasion}", seen.at, f"the release waits, everything is {hold}")


def is_acknowledged(alarm: Alarm, *states: RunState) -> bool:
    """Whether somebody has said, since it began, that they see to it: to it alone, or to all that was open then."""
    said = [state.acknowledged.at for state in states if state.acknowledged is not None]
    alone = [at for state in states if (at := state.acknowledged_alone.get(alarm.key)) is not None]
    return any(at >= alarm.at for at in (*said, *alone))


def deadline_of(card: CardState) -> datetime | None:
    """When silence is taken for an answer; None when it is not, or the card does not say."""
    try:
        return datetime.fromisoformat(card.put.until or "")
    except ValueError:
        return None
