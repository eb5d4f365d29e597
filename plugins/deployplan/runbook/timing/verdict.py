"""May this plan start now, and will it fit? The one place where plan, environment, earlier runs and clock meet."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from deployplan.evidence.hold import Hold
from deployplan.evidence.kinds.window import WindowVerdict
from deployplan.plan.include import Include
from deployplan.plan.load.loading import load_infrastructure
from deployplan.plan.model.infrastructure import Infrastructure
from deployplan.plan.snapshot import Snapshot, freezes_for
from deployplan.plan.waves import Wave
from deployplan.runbook.run.proof import waves_to_do
from deployplan.runbook.run.run import Run
from deployplan.runbook.timing.chosen_window import chosen_opening
from deployplan.runbook.timing.estimate import Estimate, estimate
from deployplan.runbook.timing.past_runs import PastRun, history_of
from deployplan.window.openings import openings
from deployplan.window.release_window import Freeze, ReleaseWindow
from deployplan.window.verdict import Verdict, judge


def verdict(
    snapshot: Snapshot,
    include: Include,
    *,
    at: datetime,
    past: Sequence[PastRun],
    remaining: tuple[Wave, ...] | None = None,
    windows: Sequence[ReleaseWindow] | None = None,
    today: Infrastructure | None = None,
    hold: Hold | None = None,
) -> Verdict:
    """Judge the plan's windows, the environment's freezes of today and the hold switch at instant `at`.

    `windows` are those in which it may start (default: all of the plan); `remaining` are the waves still to do
    (default: all); how long they may take is estimated from `past`, the earlier
    runs of the product. Freezes are read from the environment's file each time: one declared after the approval must
    hold the run. A file that cannot be read holds: unknown is never open. `today` is what that file says, where the
    caller has just read it; `hold` is who holds everything now.
    """
    try:
        environment = today or load_infrastructure(snapshot.plan.environment, include)
        freezes: tuple[Freeze, ...] = freezes_for(environment, snapshot)
    except Exception as error:
        return Verdict(
            open=False,
            reason=f"held: the freezes of {snapshot.plan.environment} cannot be read: {error}",
            next_open=None,
            closes=None,
            last_safe_start=None,
            missed=False,
        ).under(_told(hold))
    plan = snapshot.plan
    return judge(
        plan.schedule.windows() if windows is None else windows,
        freezes,
        now=at,
        work=estimate(snapshot, snapshot.waves if remaining is None else remaining, past).work,
        reserve=plan.schedule.backout_reserve,
    ).under(_told(hold))


def _told(hold: Hold | None) -> str | None:
    return None if hold is None else str(hold)


def verdict_of(
    run: Run,
    *,
    remaining: tuple[Wave, ...] | None = None,
    today: Infrastructure | None = None,
    under_hold: bool = True,
) -> Verdict:
    """Judge now whether the run may go on with `remaining`: by default, with the waves that are not done.

    The hold switch, the freezes and the clock are read now: whoever asks may act on it at once, and on nothing older.
    Without `under_hold` it is what window and freezes alone say.

    A run for which an opening was chosen may start in that one alone.
    """
    left = waves_left(run) if remaining is None else remaining
    chosen = chosen_opening(run)
    windows = None if chosen is None else (chosen.release_window(),)
    now, past = run.clock.now(), past_of(run)
    return verdict(
        run.snapshot,
        run.include,
        at=now,
        past=past,
        remaining=left,
        windows=windows,
        today=today or (run.today() if run.today else None),
        hold=run.hold() if under_hold else None,
    )


def make_verdict_event(found: Verdict, work: str | None = None) -> WindowVerdict:
    """The verdict as evidence; `work` is how long the work may take, and what that rests on."""
    return WindowVerdict.of({**found.as_json(), "work": work})


def estimate_of(run: Run, *, remaining: tuple[Wave, ...] | None = None) -> Estimate:
    """Return how long `remaining` may take: by default, the waves that are not done."""
    return estimate(run.snapshot, waves_left(run) if remaining is None else remaining, past_of(run))


def past_of(run: Run) -> tuple[PastRun, ...]:
    """The earlier runs of the run's product in its environment."""
    plan = run.snapshot.plan
    return history_of(run.records, plan.environment, plan.scope.release.product)


def waves_left(run: Run) -> tuple[Wave, ...]:
    """The waves that are not done, by the evidence of this review."""
    return waves_to_do(run.snapshot, run.read_state())


def fits_at_all(snapshot: Snapshot, *, at: datetime, past: Sequence[PastRun]) -> bool:
    """Whether the work would have fitted a window of the year before `at`: then it is only too late."""
    plan = snapshot.plan
    length, reserve = estimate(snapshot, snapshot.waves, past).work, plan.schedule.backout_reserve
    year_ago = at - timedelta(days=366)
    return any(openings(plan.schedule.windows(), (), after=year_ago, before=at, work=length, reserve=reserve))
