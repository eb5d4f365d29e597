"""The wait for the release window: hundreds of them cost one process, and each begins at its opening."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import lru_cache
from typing import Any

from airflow.triggers.base import TaskSuccessEvent, TriggerEvent

from deployplan.airflow_glue.connections import Credentials
from deployplan.airflow_glue.context import make_run, refuse_changed_plan
from deployplan.airflow_glue.endings import verdict_event
from deployplan.airflow_glue.settings import settings
from deployplan.airflow_glue.tasks.window_task import hold_on, safe_look
from deployplan.airflow_glue.triggers.plan_trigger import PlanTrigger
from deployplan.airflow_glue.triggers.step_trigger import Triggerer
from deployplan.airflow_glue.triggers.watch import EVERY, Seen, Watch, watch_here
from deployplan.clock import SystemClock
from deployplan.errors import DeployPlanError
from deployplan.plan.model.moment import Moment
from deployplan.plan.snapshot import Snapshot
from deployplan.remote.masking import NOTHING
from deployplan.runbook.run.frozen_plan import frozen_plan
from deployplan.runbook.run.run import Run, StepFailed
from deployplan.runbook.window_wait import Look

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
        name, facts = super().serialize()
        return name, {**facts, "said": self.said}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        watch, reason, held = watch_here(), self.said, None
        with watch.joined():
            while True:
                seen = watch.seen
                found = await watch.in_turn(lambda: self._look(watch, reason))  # noqa: B023  (awaited here)
                reason = found.reason
                if found.held is not None and found.held != held:
                    await self._tell_of_hold(found)
                held = found.held
                if found.may_start:
                    yield TaskSuccessEvent()
                    return
                if found.missed:  # not TaskFailedEvent: that would be tried again
                    verdict = verdict_event(StepFailed(found.reason), NOTHING)
                    yield TriggerEvent(verdict)  # type: ignore[no-untyped-call]
                    return
                await _until(found, watch, seen)

    async def _tell_of_hold(self, found: Look) -> None:
        """Send what the plan wants told of a hold, once a hold, whoever waits: see `announce`. Nothing rests on it."""
        try:
            run = await asyncio.to_thread(self._run)
        except Exception:
            self.log.exception("the messages of a hold could not all be sent")
            return
        until = None if found.again_at is None else f"{found.again_at:%F %R %Z} at the earliest"
        held = str(found.held)
        await Triggerer(self).tell(run, Moment.ON_HOLD, reason=held, next_open=until, occasion=held)

    def _run(self) -> Run:
        snapshot = _frozen(self.plan, self.digest)
        return make_run(snapshot, self.run_id, triggered_by=None, credentials=Credentials({}), say=self.say)

    def _look(self, watch: Watch, before: str) -> Look:
        """Hold and environment as they are now, whatever was seen before. What cannot be read holds."""
        try:
            with refuse_changed_plan(self.plan, self.run_id, self.waiting_task):
                run = self._run()
        except (OSError, ValueError, DeployPlanError) as error:
            return hold_on(error, self.say, before)
        environment = run.snapshot.plan.environment
        return safe_look(run, watch.beside, before=before, today=lambda: watch.environment(environment))


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
