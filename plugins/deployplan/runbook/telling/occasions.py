"""Of what are people to be told, by the evidence of a run and by the clock?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from deployplan.plan.model.moment import Moment
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.run.state import RunState
from deployplan.runbook.timing.chosen_window import Choice, choices, chosen_in

PASSING = timedelta(hours=6)
"""What is under way is told for so long; who could not be told until then hears of what came of it."""
LASTING = timedelta(days=3)
"""How a run ended is told for so long."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """Something of which people are told from `at` on, and not any more from `until` on.

    `key` tells two of the same moment apart; `facts` go into the words.
    """

    moment: Moment
    at: datetime
    until: datetime
    key: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)


def occasions(snapshot: Snapshot, state: RunState) -> Iterator[Occasion]:
    """Return all of which people were, are and, by what is known now, will be told."""
    for seen in state.moments.values():
        lasts = LASTING if seen.moment.telling.ends_run else PASSING
        yield Occasion(seen.moment, seen.at, seen.at + lasts, seen.occasion, seen.facts)
    yield from _by_the_clock(snapshot, state)


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
