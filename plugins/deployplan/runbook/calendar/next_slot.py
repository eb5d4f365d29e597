"""When is the next opening in which a plan fits beside all others, or why is there none in the next 90 days?"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from deployplan.evidence.hold import Hold
from deployplan.evidence.record import Records
from deployplan.lint.claims import claim_of
from deployplan.plan.include import Include
from deployplan.plan.load.loading import load_infrastructure
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.calendar.calendar import Calendar, Planned, calendar_of
from deployplan.runbook.timing.past_runs import history_of
from deployplan.runbook.timing.upcoming import Upcoming, upcoming
from deployplan.runbook.timing.verdict import verdict
from deployplan.window.interval import FOREVER, Interval
from deployplan.window.wall_time import on_the_clock

AHEAD = timedelta(days=90)
MOST_OPENINGS = 120
"""Openings that are looked at: one a night for the whole time, and more."""


@dataclass(frozen=True, slots=True)
class Slot:
    """An opening in which the work and its reserve fit, and the plans that want one of its nodes then."""

    opening: Upcoming
    rivals: tuple[Planned, ...]


@dataclass(frozen=True, slots=True)
class NextSlot:
    """The openings of the next 90 days in order of time, and the `first` of them that nobody else wants.

    `reason` is why the plan cannot start now, in the words of the verdict.
    """

    plan: str
    slots: tuple[Slot, ...]
    reason: str

    @property
    def first(self) -> Slot | None:
        """The next slot in which it fits beside all others."""
        return next((slot for slot in self.slots if not slot.rivals), None)

    def told(self, readable: Collection[str] | None = None) -> str:
        """Return the answer in a sentence; of plans that are not `readable` no name is told (None: all are)."""
        if (slot := self.first) is not None:
            return f"{self.plan} fits {_when(slot.opening)}{self._before(slot, readable)}"
        if not self.slots:
            return f"no slot for {self.plan} in {AHEAD.days} days: {self.reason}"
        taken = f"{len(self.slots)} openings are" if len(self.slots) > 1 else "its one opening is"
        return f"no slot for {self.plan} in {AHEAD.days} days: {taken} taken, by {_names(self.slots, readable)}"

    def _before(self, slot: Slot, readable: Collection[str] | None) -> str:
        """What is said of earlier openings, which others have."""
        taken = self.slots[: self.slots.index(slot)]
        if not taken:
            return ""
        earlier = "an earlier opening is" if len(taken) == 1 else f"{len(taken)} earlier openings are"
        return f"; {earlier} taken, by {_names(taken, readable)}"


def find_next_slot(
    snapshot: Snapshot,
    snapshots: Mapping[str, Snapshot],
    include: Include,
    records: Records | None,
    *,
    at: datetime,
    hold: Hold | None = None,
) -> NextSlot:
    """Look through the plan's openings of the next 90 days from `at` on, beside all plans there are (`snapshots`).

    Raises PlanRejected when the environment's file cannot be used, WindowError for a freeze that cannot be.
    """
    plan = snapshot.plan
    today = load_infrastructure(plan.environment, include)
    calendar = calendar_of(plan.environment, today, snapshots, Interval(at, at + AHEAD), at=at, records=records)
    past = history_of(records, plan.environment, plan.scope.release.product)
    found = upcoming(snapshot, today, at=at, count=MOST_OPENINGS, past=past)
    near = takewhile(lambda opening: opening.opens < at + AHEAD, found)
    reason = verdict(snapshot, include, at=at, past=past, today=today, hold=hold).reason
    return NextSlot(plan.name, tuple(_slots(snapshot, calendar, near)), reason)


def _slots(snapshot: Snapshot, calendar: Calendar, openings: Iterable[Upcoming]) -> Iterator[Slot]:
    mine = claim_of(snapshot, ())
    others = [
        each
        for each in calendar.plans
        if each.name != mine.plan and not each.standing.state.over and mine.shares_with(each.claim)
    ]
    for opening in openings:
        time = Interval(opening.opens, opening.closes or FOREVER)
        yield Slot(opening, tuple(each for each in others if each.at.intersects(time)))


def _when(opening: Upcoming) -> str:
    closes = f" to {on_the_clock(opening.closes)}" if opening.closes else " on, and no close is known"
    last = f", last safe start {on_the_clock(opening.last_safe_start)}" if opening.last_safe_start else ""
    return f"from {on_the_clock(opening.opens)}{closes}{last}"


def _names(slots: Sequence[Slot], readable: Collection[str] | None, most: int = 3) -> str:
    names = dict.fromkeys(each.name_for(readable) for slot in slots for each in slot.rivals)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join([*names][:most]) + more
