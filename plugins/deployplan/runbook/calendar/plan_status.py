"""How does each plan stand: scheduled, under way, released, ended otherwise, or has it missed its window?"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from deployplan.evidence.record import Records
from deployplan.plan.model.infrastructure import Infrastructure
from deployplan.plan.snapshot import Snapshot, freezes_for
from deployplan.runbook.run.fold import fold_all
from deployplan.runbook.run.frozen_plan import frozen_plan
from deployplan.runbook.run.outcome_kinds import UNDECIDED
from deployplan.runbook.run.proof import waves_to_do
from deployplan.runbook.run.state import RunState
from deployplan.runbook.timing.chosen_window import chosen_in
from deployplan.runbook.timing.estimate import Estimate, estimate
from deployplan.runbook.timing.past_runs import PastRun, history_of
from deployplan.window.interval import FOREVER, Interval
from deployplan.window.openings import openings
from deployplan.window.release_window import Freeze, ReleaseWindow
from deployplan.window.verdict import judge


class PlanState(StrEnum):
    """Where a plan stands. The first seven are still to come, or going on.

    One that was backed out, rejected or stopped may run again, as it is, while it has an opening. Of a damaged record
    nobody knows how far its run is, so that it claims what it may take.
    """

    SCHEDULED = "scheduled"
    MAY_RUN_AGAIN = "may run again"
    IN_REVIEW = "in review"
    APPROVED = "approved"
    DEPLOYING = "deploying"
    HELD = "held"
    DAMAGED = "record damaged"
    RELEASED = "released"
    MISSED = "missed"
    ENDED = "ended"

    @property
    def over(self) -> bool:
        """Whether nothing more is to come of it by itself."""
        return self in {PlanState.RELEASED, PlanState.MISSED, PlanState.ENDED}

    @property
    def claims_first(self) -> bool:
        """Whether its run has been approved, or may have been: it goes before plans that have not."""
        return self in {PlanState.APPROVED, PlanState.DEPLOYING, PlanState.HELD, PlanState.DAMAGED}


@dataclass(frozen=True, slots=True)
class PlanStatus:
    """A plan and how it stands; `run_id` and `last` are of its run under way, or of the last one that ended.

    `left` is what is still to do, and how long that may take; `windows` are those in which it may be done. `began` is
    when a run under way took its nodes.
    """

    snapshot: Snapshot
    state: PlanState
    left: Estimate
    windows: tuple[ReleaseWindow, ...]
    run_id: str | None = None
    last: PastRun | None = None
    began: datetime | None = None

    @property
    def plan(self) -> str:
        return self.snapshot.plan.name

    @property
    def owner(self) -> str:
        """Whom to talk to."""
        return self.snapshot.plan.author


class Freezes:
    """The freezes of an environment that hold each plan; most plans have the same, and each is made once."""

    def __init__(self, today: Infrastructure) -> None:
        self._today = today
        self._made: dict[object, tuple[Freeze, ...]] = {}

    def of(self, snapshot: Snapshot) -> tuple[Freeze, ...]:
        """Return those that hold this plan. Raises WindowError for a freeze that cannot be, as an unread calendar."""
        nodes = frozenset(node.name for node in snapshot.target_nodes())
        key = (snapshot.plan.scope.release.product, nodes, snapshot.passes_freezes)
        if key not in self._made:
            self._made[key] = freezes_for(self._today, snapshot)
        return self._made[key]


def plan_statuses(
    snapshots: Mapping[str, Snapshot],
    records: Records | None,
    freezes: Freezes,
    *,
    environment: str,
    at: datetime,
    concerns: Callable[[Snapshot], bool] = lambda _: True,
) -> tuple[PlanStatus, ...]:
    """Return how the plans of an environment stand at `at`, by name; `snapshots` are the plans as their files are.

    `freezes` are those of its file as it is today. A run that is under way counts as it was frozen, whatever its file
    says now, and also when its file is gone. What `concerns` nobody is left out, and its evidence is not read.
    """

    def is_wanted(snapshot: Snapshot) -> bool:
        return snapshot.plan.environment == environment and concerns(snapshot)

    runs, passed_by = _under_way(records, snapshots, is_wanted)
    known = {name: each for name, each in snapshots.items() if name not in passed_by and is_wanted(each)}
    histories: dict[str, tuple[PastRun, ...]] = {}

    def past(snapshot: Snapshot) -> tuple[PastRun, ...]:
        product = snapshot.plan.scope.release.product
        if product not in histories:
            histories[product] = history_of(records, environment, product)
        return histories[product]

    found = [running_status(run, past(run.snapshot), freezes, at) for run in runs.values()]
    found += [resting_status(each, past(each), freezes, at) for name, each in known.items() if name not in runs]
    return tuple(sorted(found, key=lambda each: each.plan))


@dataclass(frozen=True, slots=True)
class RunUnderWay:
    """A run that is not over: the plan as it was frozen, and what the evidence says; None where it cannot be read."""

    run_id: str
    snapshot: Snapshot
    known: RunState | None


def _under_way(
    records: Records | None, snapshots: Mapping[str, Snapshot], is_wanted: Callable[[Snapshot], bool]
) -> tuple[dict[str, RunUnderWay], set[str]]:
    """The runs wanted that are not over, by plan, and the plans whose runs are not.

    Where the frozen plan cannot be read its file stands for it, and without one nobody knows what it is.
    """
    found, passed_by = dict[str, RunUnderWay](), set[str]()
    for name, (run_id, digest) in records.active_plans().items() if records is not None else ():
        assert records is not None
        snapshot, is_readable = _frozen_or_now(records, name, digest, snapshots.get(name))
        if snapshot is None:
            continue
        if not is_wanted(snapshot):
            passed_by.add(name)
            continue
        known = _known_of(records, name, run_id) if is_readable else None
        if known is None or known.entries:
            found[name] = RunUnderWay(run_id, snapshot, known)
    return found, passed_by


def _frozen_or_now(records: Records, name: str, digest: str, now: Snapshot | None) -> tuple[Snapshot | None, bool]:
    """The plan of a run as it was frozen; where that cannot be read, as its file is, and False."""
    if now is not None and now.digest == digest:
        return now, True
    try:
        return frozen_plan(records, name, digest), True
    except Exception:  # a damaged record must not hide the other plans; its own tasks tell of it
        return now, False


def _known_of(records: Records, name: str, run_id: str) -> RunState | None:
    """What the evidence of a run says; None when it cannot be read."""
    try:
        return fold_all(records.run(name, run_id).ledger().entries())
    except Exception:  # as above
        return None


def running_status(run: RunUnderWay, past: Sequence[PastRun], freezes: Freezes, at: datetime) -> PlanStatus:
    """How a plan stands whose run is under way; `past` are the earlier runs of its product."""
    if run.known is None:
        whole = estimate(run.snapshot, run.snapshot.waves, past)
        return PlanStatus(run.snapshot, PlanState.DAMAGED, whole, run.snapshot.plan.schedule.windows(), run.run_id)
    left, chosen = waves_to_do(run.snapshot, run.known), chosen_in(run.known)
    windows = (chosen.release_window(),) if chosen else run.snapshot.plan.schedule.windows()
    armed, work = run.known.review.armed, estimate(run.snapshot, left, past)
    state = _state(run.snapshot, run.known)
    if armed is None and _is_missed(run.snapshot, windows, work, freezes, at):
        state = PlanState.MISSED
    return PlanStatus(run.snapshot, state, work, windows, run.run_id, None, armed.at if armed else None)


def _state(snapshot: Snapshot, known: RunState) -> PlanState:
    review = known.review
    if review.armed is None:
        # whether every seat has its yes; who may be believed is for `deploy.arm` to judge
        is_approved = len(review.approvals) >= snapshot.plan.approval.quorum
        return PlanState.APPROVED if is_approved else PlanState.IN_REVIEW
    return PlanState.HELD if review.held else PlanState.DEPLOYING


def resting_status(snapshot: Snapshot, past: Sequence[PastRun], freezes: Freezes, at: datetime) -> PlanStatus:
    """How a plan stands of which no run is under way; `past` are the earlier runs of its product."""
    mine = [run for run in past if run.plan == snapshot.plan.name]
    ended = mine[-1] if mine else None
    windows, work = snapshot.plan.schedule.windows(), estimate(snapshot, snapshot.waves, past)
    state = PlanState.SCHEDULED
    if released := [run for run in mine if run.released]:
        state, ended = PlanState.RELEASED, released[-1]
    elif _is_missed(snapshot, windows, work, freezes, at):
        state = PlanState.ENDED if _was_decided(ended) else PlanState.MISSED
    elif _was_decided(ended) and ended is not None and ended.digest == snapshot.digest:
        state = PlanState.MAY_RUN_AGAIN
    return PlanStatus(snapshot, state, work, windows, ended.run_id if ended else None, ended)


def _was_decided(ended: PastRun | None) -> bool:
    return ended is not None and ended.outcome not in UNDECIDED


def _is_missed(
    snapshot: Snapshot, windows: Sequence[ReleaseWindow], work: Estimate, freezes: Freezes, at: datetime
) -> bool:
    if not windows:
        return False
    reserve = snapshot.plan.schedule.backout_reserve
    return judge(windows, freezes.of(snapshot), now=at, work=work.work, reserve=reserve).missed


def claimed_times(standing: PlanStatus, freezes: Freezes, *, after: datetime, before: datetime) -> Iterator[Interval]:
    """Yield the openings with a safe start in [after, before) that the plan may take, in order.

    A run that has taken its nodes keeps them until the close of the opening in which the rest of it fits, or for ever
    when none is known. A plan that is over claims nothing, and one without windows no time in particular.
    """
    if standing.state.over:
        return
    schedule, work = standing.snapshot.plan.schedule, standing.left.work
    windows = standing.windows if standing.began is None else schedule.windows()
    frozen, reserve = freezes.of(standing.snapshot), schedule.backout_reserve
    found = openings(windows, frozen, after=after, before=before, work=work, reserve=reserve)
    if standing.began is not None:
        first = next(found, None)
        yield Interval(standing.began, (first.closes if first else None) or FOREVER)
    elif windows:
        yield from (Interval(each.start, each.closes or FOREVER) for each in found)
