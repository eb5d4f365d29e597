"""The task that waits for the release window: one look in a worker, and only what has to wait goes to a trigger."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from deployplan.airflow_glue.tasks.host import TaskHost, WaitFor
from deployplan.errors import DeployPlanError
from deployplan.plan.model.infrastructure import Infrastructure
from deployplan.runbook.calendar.waiting_runs import Beside
from deployplan.runbook.run.run import Run, StepFailed
from deployplan.runbook.window_wait import Look, look


async def wait_for_window(host: TaskHost) -> None:
    """Leave the worker while the window is closed. Raises StepFailed when it can no longer be met."""
    run = await host.open(nodes=False)
    found = await asyncio.to_thread(safe_look, run, Beside(host.records(), run.clock))
    if found.missed:
        raise StepFailed(found.reason)
    if not found.may_start:
        host.leave(WaitFor.WINDOW, said=found.reason)


def safe_look(run: Run, beside: Beside, *, before: str = "", today: Callable[[], Infrastructure] | None = None) -> Look:
    """Look once, as `look` does; what cannot be read or kept holds."""
    try:
        return look(run, beside, before=before, today=today)
    except (OSError, ValueError, DeployPlanError) as error:
        return hold_on(error, run.say, before)


def hold_on(error: Exception, say: Callable[[str], None], before: str) -> Look:
    """The look of a run whose plan, window or hold cannot be read; it is said when it is not the reason `before`."""
    reason = f"held: {error}"
    if reason != before:
        say(reason)
    return Look(False, False, reason, queued=True)
