"""May this plan start now, and will it fit? The one place where plan, environment and clock meet."""

from datetime import datetime, timedelta

from deployplan.plan.include import Include
from deployplan.plan.load import load_infrastructure
from deployplan.plan.order import Wave, waves
from deployplan.plan.snapshot import Snapshot
from deployplan.window.openings import openings
from deployplan.window.release_window import Freeze
from deployplan.window.verdict import Verdict, judge


def verdict(
    snapshot: Snapshot, include: Include, *, at: datetime, remaining: tuple[Wave, ...] | None = None
) -> Verdict:
    """Judge the plan's windows and the environment's freezes of today at instant `at`.

    `remaining` are the waves still to do (default: all). Freezes are read from the environment's file each time: one
    declared after the approval must hold the run. A file that cannot be read holds: unknown is never open.
    """
    try:
        freezes: tuple[Freeze, ...] = load_infrastructure(snapshot.plan.environment, include).freezes_for(snapshot)
    except Exception as error:
        return Verdict(
            open=False,
            reason=f"held: the freezes of {snapshot.plan.environment} cannot be read: {error}",
            next_open=None,
            closes=None,
            last_safe_start=None,
            missed=False,
        )
    plan = snapshot.plan
    return judge(
        plan.schedule.windows(),
        freezes,
        now=at,
        work=work(snapshot, waves(snapshot) if remaining is None else remaining),
        reserve=plan.schedule.backout_reserve,
    )


def fits_at_all(snapshot: Snapshot, *, at: datetime) -> bool:
    """Whether the work would have fitted a window of the year before `at`: then it is only too late."""
    plan = snapshot.plan
    length, reserve = work(snapshot, waves(snapshot)), plan.schedule.backout_reserve
    year_ago = at - timedelta(days=366)
    return any(openings(plan.schedule.windows(), (), after=year_ago, before=at, work=length, reserve=reserve))


def work(snapshot: Snapshot, remaining: tuple[Wave, ...]) -> timedelta:
    """How long the remaining waves and the verification may take, by the plan's declared limits.

    Manual tests are not counted: people may still test after the window, as a backout is never blocked by it.
    """
    plan = snapshot.plan
    deploying = sum(
        (plan.components[each.component].timeout + plan.components[each.component].bake for each in remaining),
        timedelta(),
    )
    soak = max((criterion.for_ for criterion in plan.success.values() if criterion.is_machine), default=timedelta())
    return deploying + soak
