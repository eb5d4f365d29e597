"""Of what are people to be told, by the evidence of a run and by the clock?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from deployplan.evidence.hold import Hold
from deployplan.plan.model.address_book import AddressBook
from deployplan.plan.model.moment import Moment
from deployplan.plan.model.roster import Roster
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.text.scalars import spell_duration
from deployplan.runbook.run.state import RunState
from deployplan.runbook.telling.alarms import Alarm, alarms, is_acknowledged
from deployplan.runbook.timing.chosen_window import Choice, choices, chosen_in
from deployplan.window.wall_time import local

PASSING = timedelta(hours=6)
"""What is under way is told for so long; who could not be told until then hears of what came of it."""
LASTING = timedelta(days=3)
"""How a run ended is told for so long, and so long somebody is called."""
SOON = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Around:
    """What is known besides the run's own evidence: who is who, who holds everything, what came when it was over."""

    roster: Roster | None = None
    hold: Hold | None = None
    late: RunState = field(default_factory=RunState)


@dataclass(frozen=True, slots=True)
class Occasion:
    """Something of which people are told from `at` on, and not any more from `until` on.

    `key` tells two of the same moment apart; `facts` go into the words. `tells` are those who are told without the plan
    saying so; `asked` are those who are asked something; `task` is whose page is shown. `is_call`: nobody but those who
    are told without the plan is told, and that they cannot be is said; `alarm` is the key of what they are called for.
    """

    moment: Moment
    at: datetime
    until: datetime
    key: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    tells: tuple[str, ...] = ()
    task: str | None = None
    is_call: bool = False
    asked: tuple[str, ...] = ()
    alarm: str | None = None


def occasions(snapshot: Snapshot, state: RunState, around: Around) -> Iterator[Occasion]:
    """Return all of which people were, are and, by what is known now, will be told."""
    for seen in state.moments.values():
        lasts = LASTING if seen.moment.telling.ends_run else PASSING
        yield Occasion(seen.moment, seen.at, seen.at + lasts, seen.occasion, seen.facts)
    yield from _by_the_clock(snapshot, state)
    for alarm in (_with_deadline(snapshot, each) for each in alarms(state, around.hold)):
        yield from _questions(snapshot, alarm)
        if not is_acknowledged(alarm, state, around.late):
            yield from _calls(snapshot, alarm, around.roster)


def _by_the_clock(snapshot: Snapshot, state: RunState) -> Iterator[Occasion]:
    """What is told before the opening, when the run was announced before that, and has not begun or ended."""
    announced = state.moments.get((Moment.ANNOUNCED, None))
    if announced is None or state.review.baseline is None or state.is_over:
        return
    opening = chosen_in(state) or opening_after(snapshot, announced.at)
    if opening is None:
        return
    for moment in Moment:
        if moment.telling.before is not None:
            at = opening.opens - moment.telling.before
            if at >= announced.at and (state.armed is None or at < state.armed.at):
                yield Occasion(moment, at, opening.opens, opening.value, {"window": opening.label})


def opening_after(snapshot: Snapshot, at: datetime) -> Choice | None:
    """The opening that a run without a choice waits for, by its windows; None where nobody can tell."""
    return next(iter(choices(snapshot, (), at=at, count=1)), None)


def _with_deadline(snapshot: Snapshot, alarm: Alarm) -> Alarm:
    """The card with the end of its time, by the plan where the card itself does not say it."""
    if alarm.until is not None or alarm.task is None:
        return alarm
    if alarm.moment is Moment.APPROVAL_ASKED:
        return replace(alarm, until=alarm.at + snapshot.plan.approval.within)
    tests = snapshot.plan.manual_criteria().items()
    within = next((each.within for name, each in tests if alarm.task == f"verify.manual_{name}"), None)
    return alarm if within is None else replace(alarm, until=alarm.at + within)


def _questions(snapshot: Snapshot, alarm: Alarm) -> Iterator[Occasion]:
    """Those who are asked are told, and once more before silence is taken for an answer."""
    if alarm.moment is None:
        return
    end = alarm.until or alarm.at + LASTING
    facts = {"question": alarm.reason, "asked": alarm.asked, "answer_until": _told(snapshot, alarm.until)}
    asks = Occasion(
        alarm.moment, alarm.at, end, alarm.key, facts, tells=alarm.asked, task=alarm.task, asked=alarm.asked
    )
    yield asks
    if alarm.until is not None:
        soon = alarm.until - min((alarm.until - alarm.at) / 4, SOON)
        yield replace(asks, moment=Moment.ABOUT_TO_EXPIRE, at=soon)


def _calls(snapshot: Snapshot, alarm: Alarm, roster: Roster | None) -> Iterator[Occasion]:
    """The ladder: each rung, until somebody answers or says that they see to it."""
    plan, book = snapshot.plan, AddressBook(snapshot.plan, roster)
    asked = [f"{name}{f' ({phone})' if (phone := book.phone_of(name)) else ''}" for name in alarm.asked]
    for number, rung in enumerate(plan.delivery.escalation, 1):
        facts = {
            "reason": alarm.reason,
            "since": _told(snapshot, alarm.at),
            "asked": asked,
            "answer_until": _told(snapshot, alarm.until),
            "call": f"{number} of {len(plan.delivery.escalation)}, {spell_duration(rung.after)} after it began",
            "take": f"deployplan ack {plan.name}",
        }
        yield Occasion(
            Moment.ESCALATED,
            alarm.at + rung.after,
            alarm.at + LASTING,
            f"{alarm.key} call {number}",
            facts,
            tells=(rung.contact,),
            task=alarm.task,
            is_call=True,
            alarm=alarm.key,
            asked=alarm.asked,
        )


def _told(snapshot: Snapshot, at: datetime | None) -> str | None:
    return None if at is None else str(local(at, snapshot.timezone))
