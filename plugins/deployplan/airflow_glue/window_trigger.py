"""The wait for the release window: hundreds of them cost one process, and each begins at its opening."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

from airflow.triggers.base import TaskFailedEvent, TaskSuccessEvent, TriggerEvent

from deployplan.airflow_glue.connections import Credentials
from deployplan.airflow_glue.context import make_run
from deployplan.airflow_glue.settings import settings
from deployplan.airflow_glue.triggers import PlanTrigger
from deployplan.airflow_glue.watch import EVERY, Seen, Watch, watch_here
from deployplan.clock import SystemClock
from deployplan.errors import DeployPlanError
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.window_wait import Look, look

AT_MOST = 300.0
"""Seconds after which a run looks again although nothing is known to have changed."""
GLANCE = 30.0
"""Seconds between two glances at the clock, which may have been set."""


class WindowTrigger(PlanTrigger):
    """Waits until the release may start and the work fits; ends the task itself.

    It keeps nothing of the plan: it looks when the verdict can have changed, at the next edge, when the hold switch or
    a file of an environment has changed, and while other runs go first.
    """

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return f"{__name__}.WindowTrigger", {"plan": self.plan, "digest": self.digest}

    def render_template_fields(self, context: Any, jinja_env: Any = None) -> None:
        """Let go of what Airflow has brought along: a copy of the whole DAG for each trigger. Nothing is rendered."""
        if self.task_instance is not None:
            self.task_instance.task = None
        context.clear()

    async def run(self) -> AsyncIterator[TriggerEvent]:
        watch, reason = watch_here(), ""
        with watch.joined():
            while True:
                seen = watch.seen
                found = await watch.in_turn(lambda: self._look(watch, seen, reason))  # noqa: B023  (awaited here)
                reason = found.reason
                if found.may_start:
                    yield TaskSuccessEvent()
                    return
                if found.missed:
                    yield TaskFailedEvent()
                    return
                await _until(found, watch, seen)

    def _look(self, watch: Watch, seen: Seen | None, before: str) -> Look:
        """What cannot be read holds: unknown is never open."""
        try:
            snapshot = _frozen(self.plan, self.digest)
            run = make_run(snapshot, self.run_id, triggered_by=None, credentials=Credentials({}), say=self.say)
            if seen is not None:
                run = replace(run, hold=lambda: seen.hold)
            environment = snapshot.plan.environment
            return look(run, watch.beside, before=before, today=lambda: watch.environment(environment))
        except (OSError, ValueError, DeployPlanError) as error:
            reason = f"held: {error}"
            if reason != before:
                self.say(reason)
            return Look(False, False, reason, queued=True)


@lru_cache(maxsize=4)
def _frozen(plan: str, digest: str) -> Snapshot:
    return Snapshot.from_json(settings().record_store().snapshot(plan, digest))


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
