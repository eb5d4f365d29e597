"""The triggerer as the host of a step that begins without a worker, or whose work takes longer than one is kept.

What a person has to be asked, what goes wrong, and whatever this process cannot do goes on in a worker, which does or
says it just as if nothing had been tried before: each of these ends the same way as if it had begun there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any, NoReturn

from airflow.triggers.base import TaskSkippedEvent, TaskSuccessEvent, TriggerEvent

from deployplan.airflow_glue.endings import verdict_event
from deployplan.airflow_glue.tasks.host import Question, TaskHost, WaitFor
from deployplan.airflow_glue.tasks.operators import kind_of
from deployplan.airflow_glue.triggers.plan_trigger import PlanTrigger
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.arm import until_unheld
from deployplan.runbook.run.run import Refused, Run, StepFailed

GO_ON: dict[str, Any] = {}
"""The event after which a worker does the whole step."""


class WorkerNeeded(Exception):
    """This step cannot be done in the triggerer; a worker does all of it, and says what is wrong, if anything is."""


class Skip(Exception):
    """The task is skipped, for this reason."""


class StepTrigger(PlanTrigger):
    """Carries out the step of its task, and ends a task that went well itself."""

    def __init__(self, plan: str, digest: str, begin: str = "") -> None:
        """`begin` is of an earlier version; the task's id says which step it is."""
        super().__init__(plan, digest)
        self._host: Triggerer | None = None

    def render_template_fields(self, context: Any, jinja_env: Any = None) -> None:
        """Let go of what Airflow has brought along: a copy of the whole DAG for each trigger. Nothing is rendered."""
        if self.task_instance is not None:
            self.task_instance.task = None
        context.clear()

    async def run(self) -> AsyncIterator[TriggerEvent]:
        kind, host = kind_of(self.waiting_task), Triggerer(self)
        self._host = host
        try:
            async with host.closing():
                await kind.body()(host)
            event: TriggerEvent = TaskSuccessEvent(xcoms=host.kept or None)
        except Skip as why:
            self.say(str(why))
            event = TaskSkippedEvent()
        except (Refused, StepFailed) as error:
            event = TriggerEvent(verdict_event(error, host.masks))  # type: ignore[no-untyped-call]
        except WorkerNeeded as why:
            self.say(f"a worker goes on: {why}")
            event = TriggerEvent(GO_ON)  # type: ignore[no-untyped-call]
        except Exception:
            if not kind.start_from_trigger:  # a worker would leave it here again: this counts as a try
                raise
            self.log.exception("a worker goes on, for this could not be done here")
            event = TriggerEvent(GO_ON)  # type: ignore[no-untyped-call]
        yield event

    async def on_kill(self) -> None:
        """End the step's work on the nodes, but only when a person did end the task.

        A triggerer that was frozen and has lost the trigger to another one is told the same.
        """
        if self._host is not None:
            async with self._host.closing():
                await self._host.end_work()


class WaveTrigger(StepTrigger):
    """A wave that an earlier version has left to the triggerer; `facts` say which, as the task's id does."""

    def __init__(self, plan: str, digest: str, **facts: object) -> None:
        super().__init__(plan, digest)


class LocksTrigger(PlanTrigger):
    """Waits until nobody else holds a node of the plan, or the release can no longer start; arm then looks again."""

    async def run(self) -> AsyncIterator[TriggerEvent]:
        host, found = Triggerer(self), GO_ON
        try:
            async with host.closing():
                await until_unheld(await host.open())
        except Refused as error:
            found = verdict_event(error, host.masks)
        yield TriggerEvent(found)  # type: ignore[no-untyped-call]


class Triggerer(TaskHost):
    """A process that carries many steps out at once, so that none of them may block; it can put up no card."""

    def __init__(self, trigger: PlanTrigger) -> None:
        super().__init__(trigger.plan, trigger.run_id, trigger.waiting_task, trigger.log)
        self._trigger = trigger
        self.kept: dict[str, object] = {}

    async def snapshot(self) -> Snapshot:
        return await asyncio.to_thread(self._trigger.frozen)

    async def open(self, *, nodes: bool = True, frozen: bool = True) -> Run:
        """Raises WorkerNeeded when the DAG was built from another plan than the one that the run has frozen."""
        run = await super().open(nodes=nodes, frozen=False)
        found = (await run.state()).frozen
        if found is None or found.digest != self._trigger.digest:
            raise WorkerNeeded("the run has frozen another plan than the one of this task")
        return run

    async def carry(self, work: Coroutine[Any, Any, None]) -> None:
        await work

    async def keep(self, key: str, value: object) -> None:
        """All or nothing, with the success: a person who ended the task before leaves none behind."""
        self.kept[key] = value

    def need_worker(self, why: str) -> NoReturn:
        raise WorkerNeeded(why)

    def need_triggerer(self, why: str) -> None:
        """Nothing: here is one."""

    def leave(self, wait: WaitFor, **facts: object) -> NoReturn:
        raise WorkerNeeded(f"it waits: {wait}")

    def ask(self, question: Question) -> NoReturn:
        raise WorkerNeeded(f"a person is asked: {question.subject}")

    def begin_anew(self, why: str) -> NoReturn:
        raise WorkerNeeded(why)

    def skip(self, why: str) -> NoReturn:
        raise Skip(why)
