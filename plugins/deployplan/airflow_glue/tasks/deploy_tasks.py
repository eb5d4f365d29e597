"""Tasks of `3 · Deploy` and `4 · Verify`: arm, the waves and the smoke test."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from deployplan.airflow_glue.empty_backout import backout_tasks, take_back
from deployplan.airflow_glue.settings import settings
from deployplan.airflow_glue.task_states import ENDED_BY_A_PERSON
from deployplan.airflow_glue.tasks.step import PlanTask, Step
from deployplan.airflow_glue.triggers.plan_trigger import LocksTrigger, NotYetTrigger, WaveTrigger
from deployplan.comms.moment import Moment
from deployplan.runbook import task_names
from deployplan.runbook.arm import NodeHeld, NotYet, arm, next_number
from deployplan.runbook.deploy import deploy_wave
from deployplan.runbook.node.terminate_job import terminate_all
from deployplan.runbook.run.generation import current
from deployplan.runbook.run.run import Refused, Run
from deployplan.runbook.verify import verify_smoke

if TYPE_CHECKING:
    from airflow.sdk import Context


class ArmStep(Step):
    """The setup: approval, window, locks, and the release to go back to. Runs again by itself on every rerun."""

    def execute(self, context: Context) -> None:
        """Raises AirflowFailException when anything does not hold."""
        with self.ending(context):
            take_back(self.snapshot, context["dag_run"].run_id)  # before anything else: it guards the backout
            run = self.open(context)
            self._refuse_half_a_rerun(context)
            number = next_number(run, clear=context["ti"].max_tries)
            self._arm_or_wait(run, number)

    def resume(self, context: Context, event: dict[str, Any]) -> None:
        """The nodes were free a moment ago: look at everything again, and arm."""
        self.execute(context)

    def _arm_or_wait(self, run: Run, number: int) -> None:
        """Raises TaskDeferred while all is held or another run holds a node: it may cost hours, but no worker slot."""
        try:
            self.work(run, self._arm(run, number))
        except NotYet as reason:
            self.say(f"{reason}; nothing is locked meanwhile")
            later = NotYetTrigger(plan=self.snapshot.plan.name, digest=self.snapshot.digest)
            self.operator.defer(trigger=later, method_name="resume")
        except NodeHeld as held:
            self.say(f"{held}; the triggerer waits from here on")
            trigger = LocksTrigger(plan=self.snapshot.plan.name, digest=self.snapshot.digest)
            self.operator.defer(trigger=trigger, method_name="resume")

    async def _arm(self, run: Run, number: int) -> None:
        await arm(run, number)
        await self.tell(run, Moment.STARTED)

    def _refuse_half_a_rerun(self, context: Context) -> None:
        state = self.states(context, [task_names.OUTCOME])[task_names.OUTCOME]
        if state is not None:
            raise Refused(
                f"this run already has an outcome ({state}); clear the task with Downstream, "
                "so that verification, backout and outcome are armed again"
            )


class WaveStep(Step):
    """Brings the nodes of a wave to the new release; hands over to a trigger when it takes long."""

    def __init__(self, operator: PlanTask) -> None:
        super().__init__(operator)
        component, number = self.subject
        self.wave = self.snapshot.wave(component, number)

    def execute(self, context: Context) -> None:
        """Raises AirflowFailException when the component had to stop, TaskDeferred when the wave takes long."""
        with self.ending(context):
            run = self.open(context)
            self._refuse_after_backout(context)
            self._context = context
            if not self.work(run, self._for_a_while(run)):
                self.operator.defer(
                    trigger=WaveTrigger(
                        plan=self.snapshot.plan.name,
                        digest=self.snapshot.digest,
                        component=self.wave.component,
                        wave=self.wave.number,
                        triggered_by=run.triggered_by,
                    ),
                    method_name="resume",
                )

    async def _for_a_while(self, run: Run) -> bool:
        """Deploy in this process as long as a worker slot may be held. Returns whether the wave is done."""
        self._generation = current(run)
        deploying = asyncio.create_task(deploy_wave(run, self.wave, self._generation))
        try:
            await asyncio.wait({deploying}, timeout=settings().handover_after)
            if deploying.done():
                deploying.result()
                return True
            self.say("the jobs go on; the triggerer watches them from here on")
            return False
        finally:
            deploying.cancel()
            await asyncio.gather(deploying, return_exceptions=True)

    async def after_kill(self, run: Run) -> None:
        """End the wave's jobs when a person ended the task; after a clear the next try attaches to them."""
        state = self.states(self._context, [self.task_id])[self.task_id]
        if state in ENDED_BY_A_PERSON:
            why, token = f"the task was marked {state}", self._generation.deploy
            await terminate_all(run, self.wave.nodes, why, token=token, components=[self.wave.component])
        else:
            self.say(f"this process was asked to stop, but the task is {state}: its jobs are left alone")

    def _refuse_after_backout(self, context: Context) -> None:
        """The backout of a run does not arm itself again: a wave that ran now and failed would never be backed out."""
        states = self.states(context, backout_tasks(self.snapshot))
        ended = {task: state for task, state in states.items() if state in {"success", "failed"}}
        if ended:
            found = ", ".join(f"{task} {state}" for task, state in ended.items())
            raise Refused(
                f"the backout of this run has already run ({found}); "
                "clear this task with Downstream and without `only failed`, so that the backout is armed again"
            )


class SmokeStep(Step):
    """Holds every machine criterion over its soak time."""

    def execute(self, context: Context) -> None:
        """Raises AirflowFailException when a criterion does not hold."""
        with self.ending(context):
            run = self.open(context)
            self.work(run, verify_smoke(run))
            self.pass_backout_by(run, context)
