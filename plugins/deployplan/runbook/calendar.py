"""What happens in an environment over a time: windows, freezes, plans, who is in whose way, what is still free."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from deployplan.lint.claims import Claim, claim_of, rivals
from deployplan.plan.infrastructure import Infrastructure
from deployplan.plan.order import waves
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.release_window import work
from deployplan.window.interval import FOREVER, Interval
from deployplan.window.openings import Opening, free, openings
from deployplan.window.release_window import Freeze, ReleaseWindow
from deployplan.window.sweep import Span as Stretch
from deployplan.window.sweep import joined, without


@dataclass(frozen=True, slots=True)
class Span:
    """A window that is open or a freeze that holds, whole; the end is FOREVER when no end is known."""

    name: str
    at: Interval


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan and the first opening of the time in which its work fits: it is due there, as long as nobody holds it.

    `rivals` are the places, in the calendar's plans, of those that want one of its nodes in overlapping openings.
    """

    claim: Claim
    at: Interval
    last_safe_start: datetime | None
    rivals: tuple[int, ...]

    @property
    def name(self) -> str:
        return self.claim.plan


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
    windows: tuple[Span, ...]
    freezes: tuple[Span, ...]
    plans: tuple[Planned, ...]
    free: tuple[Interval, ...]
    without_opening: tuple[str, ...]
    any_time: tuple[str, ...]


def calendar_of(environment: str, today: Infrastructure, snapshots: Sequence[Snapshot], span: Interval) -> Calendar:
    """Return the calendar of an environment; `today` is its file as it is now, `snapshots` are its plans.

    Raises WindowError for a freeze that cannot be, as when its calendar was not read.
    """
    windows = tuple(window.release_window() for window in today.windows)
    freezes = tuple(freeze.freeze() for freeze in today.freezes)
    everybodys = [
        made
        for made, freeze in zip(freezes, today.freezes, strict=True)
        if not (freeze.products or freeze.groups or freeze.nodes)
    ]
    due, without_opening, any_time = _due(today, snapshots, span)
    return Calendar(
        environment,
        today.timezone or "UTC",
        span,
        _spans(windows, span),
        _spans(freezes, span),
        _with_rivals(due),
        tuple(_unclaimed(windows, everybodys, due, span)) if windows else (),
        without_opening,
        any_time,
    )


_Due = tuple[Claim, Opening]


def _due(
    today: Infrastructure, snapshots: Sequence[Snapshot], span: Interval
) -> tuple[list[_Due], tuple[str, ...], tuple[str, ...]]:
    """The plans with the opening in which each is due, in order of time; those that fit nowhere; the windowless."""
    made = _Made(today)
    found, without_opening, any_time = [], [], []
    for snapshot in snapshots:
        windows = made.windows(snapshot)
        first = made.first_opening(snapshot, span)
        if not windows:
            any_time.append(snapshot.plan.name)
        elif first:
            found.append((claim_of(snapshot, [_interval(first)]), first))
        elif any(next(window.occurrences(span.start, span.end), None) for window in windows):
            without_opening.append(snapshot.plan.name)
    found.sort(key=lambda each: (each[1].start, each[0].plan))
    return found, tuple(sorted(without_opening)), tuple(sorted(any_time))


class _Made:
    """Windows, freezes and openings of an environment's plans; most have the same, and each is made once."""

    def __init__(self, today: Infrastructure) -> None:
        self._today = today
        self._windows: dict[object, tuple[ReleaseWindow, ...]] = {}
        self._freezes: dict[object, tuple[Freeze, ...]] = {}
        self._openings: dict[object, Opening | None] = {}

    def windows(self, snapshot: Snapshot) -> tuple[ReleaseWindow, ...]:
        stated = snapshot.plan.schedule.stated()
        if stated not in self._windows:
            self._windows[stated] = snapshot.plan.schedule.windows()
        return self._windows[stated]

    def first_opening(self, snapshot: Snapshot, span: Interval) -> Opening | None:
        """The first opening with a safe start in `span`; None also for a plan without windows, which needs none."""
        windows, length = self.windows(snapshot), work(snapshot, waves(snapshot))
        reserve = snapshot.plan.schedule.backout_reserve
        held_by = self._held_by(snapshot)
        key = (snapshot.plan.schedule.stated(), held_by, length + reserve)
        if windows and key not in self._openings:
            self._openings[key] = self._first(windows, self._freezes[held_by], span, length, reserve)
        return self._openings.get(key)

    def _held_by(self, snapshot: Snapshot) -> object:
        """What decides about the freezes of a plan."""
        product, nodes = snapshot.plan.scope.release.product, frozenset(node.name for node in snapshot.target_nodes())
        key = (product, nodes, snapshot.passes_freezes)
        if key not in self._freezes:
            self._freezes[key] = self._today.freezes_for(snapshot)
        return key

    @staticmethod
    def _first(
        windows: Sequence[ReleaseWindow],
        freezes: Sequence[Freeze],
        span: Interval,
        length: timedelta,
        reserve: timedelta,
    ) -> Opening | None:
        found = openings(windows, freezes, after=span.start, before=span.end, work=length, reserve=reserve)
        return next(found, None)


def _interval(opening: Opening) -> Interval:
    return Interval(opening.start, opening.closes or FOREVER)


def _with_rivals(due: Sequence[_Due]) -> tuple[Planned, ...]:
    found = rivals([claim for claim, _ in due])
    return tuple(
        Planned(claim, _interval(opening), opening.last_safe_start, tuple(sorted(others)))
        for (claim, opening), others in zip(due, found, strict=True)
    )


def _spans(owners: Sequence[ReleaseWindow] | Sequence[Freeze], span: Interval) -> tuple[Span, ...]:
    found = [
        Span(_title(owner, interval), interval)
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
    claimed = (Stretch(at.start, at.end, None, None) for at in (_interval(opening) for _, opening in due))
    for rest in without(slots, joined(claimed)):
        yield Interval(rest.start, rest.end)
