"""Waits that cost no worker: everything is held, somebody else holds a node, the jobs of a wave take long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from airflow.triggers.base import BaseTrigger, TaskSuccessEvent, TriggerEvent

from deployplan.airflow_glue.connections import Credentials, read_credentials_async
from deployplan.airflow_glue.context import close_at_end, make_run, refuse_changed_plan
from deployplan.airflow_glue.endings import verdict_event
from deployplan.airflow_glue.settings import settings
from deployplan.airflow_glue.task_states import ENDED_BY_A_PERSON, states_in_run
from deployplan.errors import DeployPlanError
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.waves import Wave
from deployplan.printable import printable
from deployplan.remote.masking import NOTHING
from deployplan.runbook.arm import not_yet, until_unheld
from deployplan.runbook.baseline import reason_to_wait
from deployplan.runbook.deploy import deploy_wave
from deployplan.runbook.node.terminate_job import terminate_all
from deployplan.runbook.run.frozen_plan import frozen_plan
from deployplan.runbook.run.generation import Generation, current
from deployplan.runbook.run.run import Refused, Run, StepFailed, WindowMissed

BETWEEN_LOOKS = 5.0
"""Seconds between two looks at the hold switch."""


class PlanTrigger(BaseTrigger):
    """A trigger of a plan: it finds the frozen plan by its digest, so it needs no DAG file."""

    def __init__(self, plan: str, digest: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.plan = plan
        self.digest = digest
        self.masks = NOTHING

    def frozen(self) -> Snapshot:
        """The plan that the run froze. Raises RecordError when its record is gone, Refused when it was changed."""
        with refuse_changed_plan(self.plan, self.run_id, self.task_instance.task_id if self.task_instance else ""):
            return frozen_plan(settings().record_store(), self.plan, self.digest)

    def say(self, line: str) -> None:
        """One line in the task's log."""
        self.log.info("%s", printable(self.masks(line)))

    @property
    def run_id(self) -> str:
        """The run that the waiting task belongs to."""
        assert self.task_instance is not None
        return str(self.task_instance.run_id)


class HoldTrigger(PlanTrigger):
    """Waits until nothing is held any more, or the window can no longer be met; the task then goes on or says so."""

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return f"{__package__}.HoldTrigger", {"plan": self.plan, "digest": self.digest}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        told = None
        while (why := await asyncio.to_thread(self._held)) is not None:
            if why != told:
                self.say(why)
            told = why
            await asyncio.sleep(BETWEEN_LOOKS)
        yield TriggerEvent({})  # type: ignore[no-untyped-call]

    def why(self, run: Run) -> str | None:
        """What is waited for; None when it is over."""
        return reason_to_wait(run)

    def _held(self) -> str | None:
        """Why nothing may be read now; what cannot be read holds."""
        try:
            run = make_run(self.frozen(), self.run_id, triggered_by=None, credentials=Credentials({}), say=self.say)
            return self.why(run)
        except WindowMissed:
            return None
        except (OSError, ValueError, DeployPlanError) as error:
            return f"held: {error}"


class NotYetTrigger(HoldTrigger):
    """Waits until nothing is held or frozen any more, or it will not pass within the window; arm then looks again."""

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return f"{__package__}.NotYetTrigger", {"plan": self.plan, "digest": self.digest}

    def why(self, run: Run) -> str | None:
        return not_yet(run)


class LocksTrigger(PlanTrigger):
    """Waits until nobody else holds a node of the plan, or the release can no longer start; arm then looks again."""

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return f"{__package__}.LocksTrigger", {"plan": self.plan, "digest": self.digest}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        try:
            snapshot = await asyncio.to_thread(self.frozen)
        except Refused as error:
            yield TriggerEvent(verdict_event(error, self.masks))  # type: ignore[no-untyped-call]
            return
        credentials = await read_credentials_async(snapshot)
        run = make_run(snapshot, self.run_id, triggered_by=None, credentials=credentials, say=self.say)
        self.masks = run.masks
        async with close_at_end(run):
            await until_unheld(run)
        yield TriggerEvent({})  # type: ignore[no-untyped-call]


class WaveTrigger(PlanTrigger):
    """Goes on with a wave that takes long. Ends a good one itself; a bad one fails in a worker, which says why."""

    def __init__(self, plan: str, digest: str, component: str, wave: int, triggered_by: str | None) -> None:
        super().__init__(plan, digest)
        self.component = component
        self.wave = wave
        self.triggered_by = triggered_by
        self._generation: Generation | None = None

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return f"{__package__}.WaveTrigger", {
            "plan": self.plan,
            "digest": self.digest,
            "component": self.component,
            "wave": self.wave,
            "triggered_by": self.triggered_by,
        }

    async def run(self) -> AsyncIterator[TriggerEvent]:
        try:
            run = await self._open()
            async with close_at_end(run):
                self._generation = current(run)
                await deploy_wave(run, self._wave(run), self._generation)
        except (StepFailed, Refused) as error:
            yield TriggerEvent(verdict_event(error, self.masks))  # type: ignore[no-untyped-call]
        else:
            yield TaskSuccessEvent()

    async def on_kill(self) -> None:
        """End the wave's jobs, but only when a person did end the task.

        A triggerer that was frozen and has lost the trigger to another one is told the same; the task's state tells.
        """
        state = await self._state()
        if state not in ENDED_BY_A_PERSON:
            self.say(f"this trigger was ended, but the task is {state}: its jobs are left alone")
            return
        run = await self._open()
        async with close_at_end(run):
            why, token = f"the task was marked {state}", (self._generation or current(run)).deploy
            await terminate_all(run, self._wave(run).nodes, why, token=token, components=[self.component])

    async def _open(self) -> Run:
        snapshot = await asyncio.to_thread(self.frozen)
        credentials = await read_credentials_async(snapshot)
        run = make_run(snapshot, self.run_id, triggered_by=self.triggered_by, credentials=credentials, say=self.say)
        self.masks = run.masks
        return run

    def _wave(self, run: Run) -> Wave:
        return run.snapshot.wave(self.component, self.wave)

    async def _state(self) -> str | None:
        from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance
        from asgiref.sync import sync_to_async

        ti = self.task_instance
        assert ti is not None
        answer = await sync_to_async(RuntimeTaskInstance.get_task_states)(
            dag_id=ti.dag_id, task_ids=[ti.task_id], run_ids=[ti.run_id]
        )
        return states_in_run(answer, ti.run_id).get(ti.task_id)
