"""The wait for the release window: hundreds of them cost one process, and each begins at its opening."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from functools import lru_cache
from typing import Any

from airflow.triggers.base import TaskSuccessEvent, TriggerEvent

from deployplan.airflow_glue.connections import Credentials
from deployplan.airflow_glue.context import make_run, refusing
from deployplan.airflow_glue.settings import settings
from deployplan.airflow_glue.triggers.plan_trigger import PlanTrigger
from deployplan.airflow_glue.triggers.watch import (
    EVERY,
    Seen,
    Watch,
    watch_here,
)
from deployplan.clock import SystemClock
from deployplan.errors import DeployPlanError
from deployplan.plan.model.infrastructure import Infrastructure
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.calendar.waiting_runs import Beside
from deployplan.runbook.run.frozen_plan import frozen_plan
from deployplan.runbook.run.run import Run
from deployplan.runbook.window_wait import Look, look

AT_MOST = 300.0
"""Seconds after which a run looks again although nothing is known to have changed."""
GLANCE = 30.0
"""Seconds between two glances at the clock, which may have been set."""


class WindowTrigger(PlanTrigger):
    """Waits until the release may start and the work fits, and then ends the task itself.

    It keeps nothing of the plan: it looks when the verdict can have changed, at the next edge, when the hold switch or
    a file of an environment has changed, and while other runs go first. `said` is the reason that was said last.
    """

    def __init__(self, plan: str, digest: str, said: str = "") -> None:
        super().__init__(plan, digest)
        self.said = said

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return f"{__name__}.WindowTrigger", {"plan": self.plan, "digest": self.digest, "said": self.said}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        watch, reason = watch_here(), self.said
        with watch.joined():
            while True:
                seen = watch.seen
                found = await watch.in_turn(lambda: self._look(watch, reason))  # noqa: B023  (awaited here)
                reason = found.reason
                if found.may_start:
                    yield TaskSuccessEvent()
                    return
                if found.missed:  # not TaskFailedEvent: that would be tried again
                    yield TriggerEvent({MISSED: found.reason})  # type: ignore[no-untyped-call]
                    return
                await _until(found, watch, seen)

    def _look(self, watch: Watch, before: str) -> Look:
        """Hold and environment as they are now, whatever was seen before. What cannot be read holds."""
        try:
            task = self.task_instance.task_id if self.task_instance else ""
            with refusing(self.plan, self.run_id, task):
                snapshot = _frozen(self.plan, self.digest)
            run = make_run(snapshot, self.run_id, triggered_by=None, credentials=Credentials({}), say=self.say)
        except (OSError, ValueError, DeployPlanError) as error:
            return _held(error, self.say, before)
        environment = snapshot.plan.environment
        return safe_look(run, watch.beside, before=before, today=lambda: watch.environment(environment))


MISSED = "missed"


def missed_in(event: Mapping[str, Any]) -> str | None:
    """Why the window can no longer be met, by the event of its trigger; None when the worker looks itself."""
    return None if MISSED not in event else str(event[MISSED])


def safe_look(run: Run, beside: Beside, *, before: str = "", today: Callable[[], Infrastructure] | None = None) -> Look:
    """Look once, as `look` does; what cannot be read or kept holds."""
    try:
        return look(run, beside, before=before, today=today)
    except (OSError, ValueError, DeployPlanError) as error:
        return _held(error, run.say, before)


def _held(error: Exception, say: Callable[[str], None], before: str) -> Look:
    reason = f"held: {error}"
    if reason != before:
        say(reason)
    return Look(False, False, reason, queued=True)


@lru_cache(maxsize=4)
def _frozen(plan: str, digest: str) -> Snapshot:
    return frozen_plan(settings().record_store(), plan, digest)


async def _until(found: Look, watch: Watch, seen: Seen | None) -> None:
    """Wait until there may be something else to see."""
    clock = SystemClock()
    begun = clock.now()
    while watch.seen is seen:
        now = clock.now()
        left = EVERY if found.queued else AT_MOST - (now - begun).total_seconds()
        if found.again_at is not None:
            left = min(left, (found.again_at - now).total_seconds())
        if left <= 0:
            return
        await watch.change(seen, min(left, GLANCE))
        if found.queued:
            return
