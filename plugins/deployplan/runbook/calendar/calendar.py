"""What happens in an environment over a time: windows, freezes, plans, who is in whose way, what is still free."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from deployplan.evidence.record import Records
from deployplan.lint.claims import Claim, claim_of, rivals
from deployplan.plan.model.infrastructure import Infrastructure
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.calendar.plan_status import Freezes, PlanState, PlanStatus, claimed_times, plan_statuses
from deployplan.runbook.timing.past_runs import PastRun
from deployplan.window.interval import FOREVER, Interval
from deployplan.window.openings import free
from deployplan.window.release_window import Freeze, ReleaseWindow
from deployplan.window.sweep import INSTANT, join_spans, without
from deployplan.window.sweep import Span as Stretch


@dataclass(frozen=True, slots=True)
class CalendarSpan:
    """A window that is open or a freeze that holds, whole; the end is FOREVER when no end is known."""

    name: str
    at: Interval


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan and when: the first opening of the time in which its work fits, or, when it is over, when that was.

    A plan that is still to come is due there, as long as nobody holds it. One that was released, or ended otherwise,
    stands where its run was, and one that missed its windows in the last of them. `rivals` are the places, in the
    calendar's plans, of those that want one of its nodes in overlapping openings.
    """

    standing: PlanStatus
    claim: Claim
    at: Interval
    last_safe_start: datetime | None
    rivals: tuple[int, ...]

    @property
    def name(self) -> str:
        return self.claim.plan

    def name_for(self, readable: Collection[str] | None) -> str:
        """Its name for who may read these plans (None: all); for anybody else, that there is one."""
        return self.name if readable is None or self.name in readable else "a plan that you may not read"


@dataclass(frozen=True, slots=True)
class Calendar:
    """One environment from `span.start` up to, and without, `span.end`; everything in order of time.

    `free` are the parts of the environment's windows in which nothing is planned and nothing is frozen for everybody.
    `without_opening` are plans with windows in this time, into none of which their work fits; `any_time` are those
    without windows.
    """

    environment: str
    timezone: str
    span: Interval
    windows: tuple[CalendarSpan, ...]
    freezes: tuple[CalendarSpan, ...]
    plans: tuple[Planned, ...]
    free: tuple[Interval, ...]
    without_opening: tuple[str, ...]
    any_time: tuple[str, ...]


def calendar_of(
    environment: str,
    today: Infrastructure,
    snapshots: Mapping[str, Snapshot],
    span: Interval,
    *,
    at: datetime,
    records: Records | None = None,
) -> Calendar:
    """Return the calendar of an environment as it is known at `at`.

    `today` is its file as it is now, `snapshots` are the plans as their files are, `records` tell of their runs. Raises
    WindowError for a freeze that cannot be, as when its calendar was not read.
    """
    windows = tuple(window.release_window() for window in today.windows)
    made = tuple(freeze.freeze() for freeze in today.freezes)
    everybodys = [
        each
        for each, freeze in zip(made, today.freezes, strict=True)
        if not (freeze.products or freeze.groups or freeze.nodes)
    ]
    freezes = Freezes(today)
    found = _Places(plan_statuses(snapshots, records, freezes, environment=environment, at=at), freezes, span, at)
    due = sorted(found.due, key=lambda each: (each.at, each.standing.plan))
    return Calendar(
        environment,
        today.timezone or "UTC",
        span,
        _spans(windows, span),
        _spans(made, span),
        _with_rivals(due),
        tuple(_unclaimed(windows, everybodys, due, span)) if windows else (),
        tuple(found.without_opening),
        tuple(found.any_time),
    )


class _Due(NamedTuple):
    standing: PlanStatus
    at: Interval
    last_safe_start: datetime | None


class _Places:
    """Where each plan stands in the span; those that fit nowhere in it; those without windows."""

    def __init__(self, standings: Sequence[PlanStatus], freezes: Freezes, span: Interval, at: datetime) -> None:
        self.due: list[_Due] = []
        self.without_opening: list[str] = []
        self.any_time: list[str] = []
        self._freezes, self._span, self._after = freezes, span, max(span.start, at)
        self._openings: dict[object, Interval | None] = {}
        for each in standings:
            if each.state is PlanState.MISSED and self._opens(each):
                self.without_opening.append(each.plan)  # it is still to open, and too late already
            elif each.state.over:
                self._add_what_was(each)
            else:
                self._add_what_will_be(each)

    def _add_what_was(self, standing: PlanStatus) -> None:
        at = _run_of(standing.last) if standing.state is not PlanState.MISSED else None
        if at is None:
            until = min(self._after, self._span.end)
            passed = [each for window in standing.windows for each in window.occurrences(self._span.start, until)]
            at = max(passed, default=None)
        if at is not None and at.intersects(self._span):
            self.due.append(_Due(standing, at, None))

    def _add_what_will_be(self, standing: PlanStatus) -> None:
        first, name = self._first(standing), standing.plan
        if first is not None and first.intersects(self._span):
            reserve = standing.snapshot.plan.schedule.backout_reserve
            last = None if first.end == FOREVER else first.end - standing.left.work - reserve
            self.due.append(_Due(standing, first, last))
        elif not standing.windows:
            self.any_time.append(name)
        elif self._opens(standing):
            self.without_opening.append(name)

    def _opens(self, standing: PlanStatus) -> bool:
        """Whether a window of the plan is still to open in the span, or open."""
        after, before = self._after, self._span.end
        return after < before and any(next(each.occurrences(after, before), None) for each in standing.windows)

    def _first(self, standing: PlanStatus) -> Interval | None:
        """The time that the plan claims first; most plans follow the same windows, and each is asked for once."""
        if self._after >= self._span.end and standing.began is None:
            return None
        need = standing.left.work + standing.snapshot.plan.schedule.backout_reserve
        key = (standing.windows, need, id(self._freezes.of(standing.snapshot)), standing.began)
        if key not in self._openings:
            found = claimed_times(standing, self._freezes, after=self._after, before=self._span.end)
            self._openings[key] = next(found, None)
        return self._openings[key]


def _run_of(run: PastRun | None) -> Interval | None:
    """When a run was; one that took no time lasts a moment."""
    return Interval(run.began, max(run.at, run.began + INSTANT)) if run else None


def _with_rivals(due: Sequence[_Due]) -> tuple[Planned, ...]:
    claims = [claim_of(each.standing.snapshot, () if each.standing.state.over else [each.at]) for each in due]
    return tuple(
        Planned(each.standing, claim, each.at, each.last_safe_start, tuple(sorted(others)))
        for each, claim, others in zip(due, claims, rivals(claims), strict=True)
    )


def _spans(owners: Sequence[ReleaseWindow] | Sequence[Freeze], span: Interval) -> tuple[CalendarSpan, ...]:
    found = [
        CalendarSpan(_title(owner, interval), interval)
        for owner in owners
        for interval in owner.occurrences(span.start, span.end)
    ]
    return tuple(sorted(found, key=lambda each: (each.at, each.name)))


def _title(owner: ReleaseWindow | Freeze, interval: Interval) -> str:
    label = owner.times.label(interval.start)
    return f"{owner.name}: {label}" if label else owner.name


def _unclaimed(
    windows: Sequence[ReleaseWindow], freezes: Sequence[Freeze], due: Sequence[_Due], span: Interval
) -> Iterator[Interval]:
    """The free slots of the environment without the openings in which a plan is due."""
    slots = (
        Stretch(slot.start, slot.end, None, None) for slot in free(windows, freezes, after=span.start, before=span.end)
    )
    claimed = (Stretch(each.at.start, each.at.end, None, None) for each in due if not each.standing.state.over)
    for rest in without(slots, join_spans(claimed)):
        yield Interval(rest.start, rest.end)
