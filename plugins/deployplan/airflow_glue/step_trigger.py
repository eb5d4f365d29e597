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

from deployplan.airflow_glue.channels import channels_async
from deployplan.airflow_glue.connections import Credentials, read_credentials_async
from deployplan.airflow_glue.context import closing, make_run
from deployplan.airflow_glue.endings import told
from deployplan.airflow_glue.settings import settings
from deployplan.airflow_glue.task_states import states_in_run
from deployplan.airflow_glue.triggers import PlanTrigger
from deployplan.airflow_glue.wiring import watched
from deployplan.comms.moment import Moment, moment_of
from deployplan.runbook.announce import announce
from deployplan.runbook.decide import Decision, find_trouble, record_decision, recorded_decision
from deployplan.runbook.outcome import Conclusion, conclude, judge
from deployplan.runbook.preflight import MEGABYTE
from deployplan.runbook.preflight import preflight as ask_every_node
from deployplan.runbook.run import Refused, Run, StepFailed, last
from deployplan.runbook.staging import bytes_to_stage
from deployplan.runbook.verify import verify_smoke

GO_ON: dict[str, Any] = {}
"""The event after which a worker does the whole task."""

HEAVY = 64 * MEGABYTE
"""Bytes of packages above which a worker sends them, so that enciphering them holds up no other trigger."""


class NotHere(Exception):
    """This task cannot begin in the triggerer; a worker does all of it, and says what is wrong, if anything is."""


class StepTrigger(PlanTrigger):
    """Begins the task that `begin` names."""

    def __init__(self, plan: str, digest: str, begin: str) -> None:
        super().__init__(plan, digest)
        self.begin = begin

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return f"{__name__}.StepTrigger", {"plan": self.plan, "digest": self.digest, "begin": self.begin}

    def render_template_fields(self, context: Any, jinja_env: Any = None) -> None:
        """Let go of what Airflow has brought along: a copy of the whole DAG for each trigger. Nothing is rendered."""
        if self.task_instance is not None:
            self.task_instance.task = None
        context.clear()

    async def run(self) -> AsyncIterator[TriggerEvent]:
        try:
            event = await BEGINNINGS[self.begin](self)
        except (Refused, StepFailed) as error:
            event = TriggerEvent(told(error, self.masks))  # type: ignore[no-untyped-call]
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
        frozen = last(await asyncio.to_thread(run.ledger.entries), "plan_frozen")
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

    async def tell(self, run: Run, moment: Moment, **facts: object) -> None:
        """Send the plan's messages for this moment. Whatever goes wrong with them is shown and changes nothing else."""
        try:
            await announce(run, moment, await channels_async(), **facts)
        except Exception:
            self.log.exception("the messages for %s could not all be sent", moment)

    async def leave(self, key: str, value: str) -> None:
        """Leave a value for other programs to read. It decides nothing, so that a failure is only logged."""
        from airflow.sdk.execution_time.xcom import XCom

        ti = self.task_instance
        assert ti is not None
        try:
            await sync_to_async(XCom.set)(
                key=key, value=value, dag_id=ti.dag_id, task_id=ti.task_id, run_id=ti.run_id, map_index=ti.map_index
            )
        except Exception:
            self.log.exception("%s could not be left for others to read", key)


async def preflight(trigger: StepTrigger) -> TriggerEvent:
    """Ask the nodes; packages that are heavy in sum are sent by a worker: here they would keep all others waiting."""
    run = await trigger.open(nodes=True)
    if (size := await asyncio.to_thread(bytes_to_stage, run)) > HEAVY:
        raise NotHere(f"packages of up to {size // MEGABYTE} MB in sum have to be sent")
    async with closing(run):
        await ask_every_node(run)
    return TaskSuccessEvent()


async def smoke(trigger: StepTrigger) -> TriggerEvent:
    """Hold the machine criteria over their soak time, however long that is."""
    run = await trigger.open(nodes=True)
    async with closing(run):
        await verify_smoke(run)
    return TaskSuccessEvent()


async def decide(trigger: StepTrigger) -> TriggerEvent:
    """Skipped when nothing is wrong; what is wrong is looked at by a worker, which can put up a card."""
    run = await trigger.open(nodes=False)
    states = await trigger.states(watched(run.snapshot))
    trouble = await asyncio.to_thread(find_trouble, run, states)
    if trouble is not None:
        raise NotHere("; ".join(trouble.why))
    await asyncio.to_thread(record_decision, run, Decision.NOTHING, by="facts", why=["all is well"])
    trigger.say("all is well: nothing to back out")
    return TaskSkippedEvent()


async def backout(trigger: StepTrigger) -> TriggerEvent:
    """Skipped when the decision is not to back out."""
    run = await trigger.open(nodes=False)
    decision = await asyncio.to_thread(recorded_decision, run)
    if decision is Decision.BACK_OUT:
        raise NotHere("the decision is to back out")
    trigger.say(f"no backout: the decision is {decision}")
    return TaskSkippedEvent()


async def outcome(trigger: StepTrigger) -> TriggerEvent:
    """End a run that went well; any other outcome is concluded by a worker, which fails with it."""
    run = await trigger.open(nodes=True)
    expected = judge(run.snapshot, await asyncio.to_thread(run.ledger.entries))
    if not expected.outcome.released:
        raise NotHere(f"{expected.outcome}: {expected.because}")

    async def tell(conclusion: Conclusion) -> None:
        head = run.ledger.head  # a rerun may end like this again, and is told again
        facts = {"outcome": conclusion.outcome, "reason": conclusion.because, "head": head, "occasion": head}
        await trigger.tell(run, moment_of(conclusion.outcome), **facts)

    async with closing(run):
        conclusion = await conclude(run, tell)
    settings().record_store().close_run(trigger.plan, run.run_id)
    await trigger.leave("outcome", str(conclusion.outcome))
    await trigger.leave("evidence_head", run.ledger.head)
    if not conclusion.outcome.released:
        raise StepFailed(f"{conclusion.outcome}: {conclusion.because}")
    return TaskSuccessEvent()


Beginning = Callable[[StepTrigger], Awaitable[TriggerEvent]]
BEGINNINGS: Mapping[str, Beginning] = {
    "preflight": preflight,
    "smoke": smoke,
    "decide": decide,
    "backout": backout,
    "outcome": outcome,
}
