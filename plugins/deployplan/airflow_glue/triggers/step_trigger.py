"""Tasks that begin without a worker: where nothing is left to do, or all goes well, they end without one, too.

What a person has to be asked, what goes wrong, and whatever this process cannot do goes on in a worker, which does or
says it just as if nothing had been tried before: each of these ends the same way as if it had begun there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from airflow.triggers.base import TaskSkippedEvent, TaskSuccessEvent, TriggerEvent
from asgiref.sync import sync_to_async

from deployplan.airflow_glue.connections import Credentials, read_credentials_async
from deployplan.airflow_glue.context import close_at_end, make_run
from deployplan.airflow_glue.empty_backout import KEY, Skips, others_to_watch, skips_after, take_back
from deployplan.airflow_glue.endings import verdict_event
from deployplan.airflow_glue.task_states import states_in_run
from deployplan.airflow_glue.triggers.plan_trigger import PlanTrigger
from deployplan.runbook.decide import Decision, find_trouble, record_decision, recorded_decision
from deployplan.runbook.run.run import Refused, Run, StepFailed, last
from deployplan.runbook.tasks import must_succeed
from deployplan.runbook.verify import verify_smoke

GO_ON: dict[str, Any] = {}
"""The event after which a worker does the whole task."""

API_WITHIN = 60.0
"""Seconds that Airflow's API may take; without an answer the backout's own tasks look."""


class NotHere(Exception):
    """This task cannot begin in the triggerer; a worker does all of it, and says what is wrong, if anything is."""


class StepTrigger(PlanTrigger):
    """Begins the task that `begin` names."""

    def __init__(self, plan: str, digest: str, begin: str) -> None:
        super().__init__(plan, digest)
        self.begin = begin

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return f"{__package__}.StepTrigger", {"plan": self.plan, "digest": self.digest, "begin": self.begin}

    def render_template_fields(self, context: Any, jinja_env: Any = None) -> None:
        """Let go of what Airflow has brought along: a copy of the whole DAG for each trigger. Nothing is rendered."""
        if self.task_instance is not None:
            self.task_instance.task = None
        context.clear()

    async def run(self) -> AsyncIterator[TriggerEvent]:
        try:
            event = await BEGINNINGS[self.begin](self)
        except (Refused, StepFailed) as error:
            event = TriggerEvent(verdict_event(error, self.masks))  # type: ignore[no-untyped-call]
        except NotHere as why:
            self.say(f"a worker goes on: {why}")
            event = TriggerEvent(GO_ON)  # type: ignore[no-untyped-call]
        except Exception:
            self.log.exception("a worker goes on, for this could not be done here")
            event = TriggerEvent(GO_ON)  # type: ignore[no-untyped-call]
        yield event

    async def open(self, *, nodes: bool) -> Run:
        """The run, with the connections to its nodes if they are needed.

        Raises NotHere when the DAG was built from another plan than the one that the run has frozen.
        """
        snapshot = await asyncio.to_thread(self.frozen)
        credentials = await read_credentials_async(snapshot) if nodes else Credentials({})
        run = make_run(snapshot, self.run_id, triggered_by=None, credentials=credentials, say=self.say)
        self.masks = run.masks
        frozen = last(await run.entries(), "plan_frozen")
        if frozen is None or frozen.facts["digest"] != self.digest:
            raise NotHere("the run has frozen another plan than the one of this task")
        return run

    async def states(self, tasks: tuple[str, ...]) -> dict[str, str | None]:
        """The states of these tasks in this run; None for one that has not begun."""
        from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance

        answer = await sync_to_async(RuntimeTaskInstance.get_task_states)(
            dag_id=self.plan, task_ids=list(tasks), run_ids=[self.run_id]
        )
        found = states_in_run(answer, self.run_id)
        return {task: found.get(task) for task in tasks}

    async def take_back(self, run: Run) -> None:
        """Let an earlier pass's skips be no skips of this one. deploy.arm has done so before: a failure is only logged.

        It also wakes this process's way to Airflow's API, which takes seconds the first time, beside the readings.
        """
        try:
            await asyncio.wait_for(sync_to_async(take_back)(run.snapshot, run.run_id), API_WITHIN)
        except Exception:
            self.log.exception("the skips of an earlier pass could not be taken back here")

    async def skips(self, run: Run) -> Skips | None:
        """What this verification skips; None also when the states cannot be had: then the backout looks itself."""
        assert self.task_instance is not None
        task = str(self.task_instance.task_id)
        try:
            states = await asyncio.wait_for(self.states(tuple(others_to_watch(run.snapshot, task))), API_WITHIN)
            return await asyncio.to_thread(skips_after, run, task, states)
        except Exception:
            self.log.exception("the backout will look itself whether it is needed")
            return None


async def begin_smoke(trigger: StepTrigger) -> TriggerEvent:
    """Hold the machine criteria over their soak time, however long that is; then nothing has to be backed out.

    The skips go with the success, all or nothing: a person who ended the task before leaves none behind.
    """
    run = await trigger.open(nodes=True)
    async with close_at_end(run):
        at_once = asyncio.create_task(trigger.take_back(run))
        try:
            await verify_smoke(run)
        finally:
            await at_once
    skips = await trigger.skips(run)
    return TaskSuccessEvent(xcoms=None if skips is None else {KEY: skips})


async def begin_decide(trigger: StepTrigger) -> TriggerEvent:
    """Skipped when nothing is wrong; what is wrong is looked at by a worker, which can put up a card."""
    run = await trigger.open(nodes=False)
    states = await trigger.states(must_succeed(run.snapshot))
    trouble = await asyncio.to_thread(find_trouble, run, states)
    if trouble is not None:
        raise NotHere("; ".join(trouble.why))
    await asyncio.to_thread(record_decision, run, Decision.NOTHING, by=None, why=["all is well"])
    trigger.say("all is well: nothing to back out")
    return TaskSkippedEvent()


async def begin_backout(trigger: StepTrigger) -> TriggerEvent:
    """Skipped when the decision is not to back out."""
    run = await trigger.open(nodes=False)
    decision = await asyncio.to_thread(recorded_decision, run)
    if decision is Decision.BACK_OUT:
        raise NotHere("the decision is to back out")
    trigger.say(f"no backout: the decision is {decision}")
    return TaskSkippedEvent()


Beginning = Callable[[StepTrigger], Awaitable[TriggerEvent]]
BEGINNINGS: Mapping[str, Beginning] = {
    "smoke": begin_smoke,
    "decide": begin_decide,
    "backout": begin_backout,
}
