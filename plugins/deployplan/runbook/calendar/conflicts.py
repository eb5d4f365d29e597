"""Which other plans are in the way of this one: on its nodes, around its neighbours, or because it builds on them?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import islice

from deployplan.lint.claims import claim_of
from deployplan.plan.load.loading import load_all, load_infrastructure
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.calendar.plan_status import Freezes, PlanState, PlanStatus, claimed_times, plan_statuses
from deployplan.runbook.run.run import Run
from deployplan.runbook.timing.chosen_window import chosen_opening
from deployplan.runbook.timing.verdict import estimate_of
from deployplan.window.interval import FOREVER, Interval
from deployplan.window.openings import openings
from deployplan.window.release_window import Freeze
from deployplan.window.sweep import LOOK_AHEAD, later
from deployplan.window.wall_time import local

OPENINGS = 5
"""So many of the next openings of the plan are looked at for one in which it fits beside those that go first."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Another plan that is in the way, in a sentence; `refuses`: this release cannot be carried out beside it."""

    plan: str
    owner: str
    nodes: tuple[str, ...]
    refuses: bool
    detail: str


def conflicts(run: Run) -> tuple[Conflict, ...]:
    """Return the other plans of the environment that are in the way of the run, those that refuse it first.

    A run that is approved, or under way, goes first: beside it this release must fit into one of its own openings. A
    plan that nobody has approved yet is only told. Raises PlanRejected or WindowError when the environment's file
    cannot be used.
    """
    snapshot, environment = run.snapshot, run.snapshot.plan.environment
    freezes = Freezes(load_infrastructure(environment, run.include))
    others = load_all(run.include).snapshots
    concerns, now = partial(_concerns, snapshot), run.clock.now()
    found = plan_statuses(others, run.records, freezes, environment=environment, at=now, concerns=concerns)
    ahead = [each for each in found if each.plan != snapshot.plan.name and not each.state.over]
    mine = _openings(run, freezes.of(snapshot))
    told = [*_on_the_same_nodes(run, mine, ahead, freezes), *_built_upon(run, mine, ahead, freezes)]
    return tuple(sorted(told, key=lambda each: (not each.refuses, each.plan)))


def _concerns(mine: Snapshot, other: Snapshot) -> bool:
    """Whether another plan can be in the way at all: it wants the same nodes, or brings what this one builds on."""
    return bool(claim_of(mine, ()).shares_with(claim_of(other, ()))) or _brings_what_it_replaces(mine, other)


def _brings_what_it_replaces(mine: Snapshot, other: Snapshot) -> bool:
    release, theirs = mine.plan.scope.release, other.plan.scope.release
    return theirs.product == release.product and release.previous is not None and theirs.version == release.previous


def _openings(run: Run, freezes: Sequence[Freeze]) -> tuple[Interval, ...]:
    """The next openings in which the work fits, from now on; one without end for a plan without windows."""
    now, schedule, chosen = run.clock.now(), run.snapshot.plan.schedule, chosen_opening(run)
    windows = (chosen.release_window(),) if chosen else schedule.windows()
    work, until = estimate_of(run).work, later(now, LOOK_AHEAD)
    found = openings(windows, freezes, after=now, before=until, work=work, reserve=schedule.backout_reserve)
    return tuple(Interval(each.start, each.closes or FOREVER) for each in islice(found, OPENINGS))


@dataclass(frozen=True, slots=True)
class _Rival:
    standing: PlanStatus
    at: Interval
    nodes: tuple[str, ...]

    @property
    def takes(self) -> timedelta:
        """What it needs of an opening that both want: its work, or all of it while it is held half done."""
        return timedelta.max if self.standing.state is PlanState.HELD else self.standing.left.work


def _on_the_same_nodes(
    run: Run, mine: Sequence[Interval], ahead: Sequence[PlanStatus], freezes: Freezes
) -> Iterator[Conflict]:
    rivals = [rival for each in ahead if (rival := _rival(run, mine, each, freezes))]
    first = [rival for rival in rivals if rival.standing.state.claims_first]
    free = next((at for at in mine if _fits(run, at, [each for each in first if each.at.intersects(at)])), None)
    for rival in rivals:
        overlapping = rival.standing.state.claims_first and any(rival.at.intersects(at) for at in mine[:1])
        if overlapping and free is None:
            ending = "there is no opening in which both fit one after the other; choose another window"
        elif overlapping and free != mine[0]:
            ending = f"this release waits for its opening of {local(free.start, run.snapshot.timezone)}" if free else ""
        elif overlapping:
            ending = "both fit, one after the other"
        elif rival.at.intersects(mine[0]):
            ending = "whichever is approved first goes first"
        else:
            continue
        refuses = overlapping and free is None
        yield _conflict(run, rival, f"wants {_listed(rival.nodes)} too, {_when(run, rival.at)}; {ending}", refuses)


def _rival(run: Run, mine: Sequence[Interval], other: PlanStatus, freezes: Freezes) -> _Rival | None:
    nodes = claim_of(run.snapshot, ()).shares_with(claim_of(other.snapshot, ()))
    theirs = _first(run, other, freezes) if nodes and mine else None
    return _Rival(other, theirs, nodes) if theirs else None


def _first(run: Run, other: PlanStatus, freezes: Freezes) -> Interval | None:
    now = run.clock.now()
    return next(claimed_times(other, freezes, after=now, before=later(now, LOOK_AHEAD)), None)


def _fits(run: Run, at: Interval, first: Sequence[_Rival]) -> bool:
    """Whether the release fits into the opening after all that go first there."""
    left = at.end - at.start
    for rival in first:
        if rival.takes >= left:
            return False
        left -= rival.takes
    return left >= estimate_of(run).work + run.snapshot.plan.schedule.backout_reserve


def _built_upon(
    run: Run, mine: Sequence[Interval], ahead: Sequence[PlanStatus], freezes: Freezes
) -> Iterator[Conflict]:
    """The plan that brings the release which this one replaces: it must be in production before."""
    release = run.snapshot.plan.scope.release
    for other in ahead:
        if not _brings_what_it_replaces(run.snapshot, other.snapshot):
            continue
        due = _first(run, other, freezes)
        late = due is not None and bool(mine) and due.start >= mine[-1].end
        when = _when(run, due) if due else "at no time that is known"
        ending = "no opening of this release is later" if late else "it must be in production before"
        detail = f"brings {release.product} {release.previous}, on which this release builds, {when}; {ending}"
        yield _conflict(run, _Rival(other, due or mine[0], ()), detail, late)


def _conflict(run: Run, rival: _Rival, detail: str, refuses: bool) -> Conflict:
    other = rival.standing
    who = f"plan {other.plan} ({other.state}, owner {other.owner})"
    return Conflict(other.plan, other.owner, rival.nodes, refuses, f"{who} {detail}")


def _when(run: Run, at: Interval) -> str:
    zone = run.snapshot.timezone
    until = "without known end" if at.end == FOREVER else f"to {local(at.end, zone)}"
    return f"from {local(at.start, zone)} {until}"


def _listed(nodes: Sequence[str], most: int = 5) -> str:
    more = f" and {len(nodes) - most} more" if len(nodes) > most else ""
    return ", ".join(nodes[:most]) + more
