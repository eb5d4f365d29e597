"""A worker's process as the host of a step: how it begins, is ended from outside, and how its errors end the task."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException, TaskAwaitingInput
from airflow.triggers.base import BaseTrigger
from asgiref.sync import sync_to_async

from deployplan.airflow_glue.context import ledger_of, ledger_state, note_refusal, refuse_changed_plan
from deployplan.airflow_glue.endings import evidence_of, verdict_in
from deployplan.airflow_glue.settings import settings
from deployplan.airflow_glue.tasks.host import Body, CardAnswer, Question, TaskHost, WaitFor
from deployplan.airflow_glue.tasks.notes import NOTE, note_in
from deployplan.airflow_glue.tasks.retries import RETRIES, RETRIES_WITH_CARDS, unmeant_tries
from deployplan.airflow_glue.who import directory
from deployplan.evidence.kinds.people import TaskRefused
from deployplan.runbook.run.run import Refused, StepFailed

if TYPE_CHECKING:
    from airflow.sdk import Context

    from deployplan.plan.snapshot import Snapshot


MOST_PASSES = 20
"""How often a step begins anew in one process: each time because of an answer that was dealt with, or refused."""


class BeginAnew(Exception):
    """The answer is dealt with; the step begins once more without it."""


class PlanTask(Protocol):
    """What a worker sees of its operator."""

    task_id: str

    @property
    def dag_id(self) -> str:
        """The plan's name."""

    @property
    def log(self) -> Any:
        """The task's log."""

    @property
    def snapshot(self) -> Snapshot:
        """The plan that the DAG was built from. Raises Refused when it cannot be had any more."""

    def defer(self, *, trigger: BaseTrigger, method_name: str) -> NoReturn:
        """Leave the worker until the trigger fires, then go on in this method."""


class Worker(TaskHost):
    """The process of the task itself: it may do anything, but holds one of the worker slots."""

    def __init__(self, operator: PlanTask, context: Context) -> None:
        """Raises AirflowFailException when the frozen plan is not what was approved."""
        dag_run = context["dag_run"]
        super().__init__(operator.dag_id, dag_run.run_id, operator.task_id, operator.log)
        self._operator, self._context = operator, context
        self._working: tuple[asyncio.AbstractEventLoop, asyncio.Task[object]] | None = None
        self.triggered_by = getattr(dag_run, "triggering_user_name", None)
        self.conf = getattr(dag_run, "conf", None) or {}
        self.clear = getattr(context.get("ti"), "max_tries", -1)
        try:
            with refuse_changed_plan(self.plan, self.run_id, self.task_id):
                self._snapshot = operator.snapshot
        except Refused as error:
            raise AirflowFailException(str(error)) from None

    def carry_out(
        self, body: Body, *, fired: Mapping[str, Any] | None = None, answered: Mapping[str, Any] | None = None
    ) -> object:
        """Carry the step out, or end the task with the verdict of the trigger that `fired`.

        `answered` is what Airflow says of the task's card. A kill cancels the step (see `on_kill`). What begins anew
        does so in this very try: Airflow's are for what nobody meant, and running out of them must decide nothing.
        """
        with self._ending():
            if answered is None:
                self._refuse_endless_tries()
            if fired is not None and (verdict := verdict_in(fired)) is not None:
                raise verdict
            self.answer = None if answered is None else answer_of(answered)
            for _ in range(MOST_PASSES):
                try:
                    return asyncio.run(self._whole(body))
                except BeginAnew as why:
                    self.answer = None
                    self.say(f"it begins anew: {why}")
                except asyncio.CancelledError:
                    raise AirflowFailException("the task was ended from outside") from None
            raise AirflowException(f"begun anew {MOST_PASSES} times, and nobody was asked in between")

    def _refuse_endless_tries(self) -> None:
        """Raise AirflowFailException when too many tries were meant by nobody: each that put up a card was."""
        ti, allowed = self._context.get("ti"), getattr(self._operator, "retries", 0) or 0
        if allowed != RETRIES_WITH_CARDS or ti is None:
            return
        card = ledger_state(self.plan, self.run_id).cards.get(self.task_id)
        asked = card.tries if card is not None and card.put.clear == self.clear else 0
        if unmeant_tries(ti.try_number, ti.max_tries, asked) > RETRIES + 1:
            raise AirflowFailException(f"tried {RETRIES + 1} times in vain since it was cleared or answered last")

    def on_kill(self) -> None:
        """Stop working. Airflow calls this in the task process; five seconds later it kills the process."""
        if self._working is not None:
            loop, task = self._working
            loop.call_soon_threadsafe(task.cancel)

    async def snapshot(self) -> Snapshot:
        return self._snapshot

    async def carry(self, work: Coroutine[Any, Any, None]) -> None:
        working = asyncio.create_task(work)
        try:
            await asyncio.wait({working}, timeout=settings().handover_after)
        finally:
            in_time = working.done()
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
        if not in_time:
            self.say("the jobs go on; the triggerer watches them from here on")
            self.leave(WaitFor.WORK)
        working.result()

    async def keep(self, key: str, value: object) -> None:
        await sync_to_async(self._context["ti"].xcom_push)(key=key, value=value)

    def need_worker(self, why: str) -> None:
        """Nothing: here is one."""

    def need_triggerer(self, why: str) -> None:
        self.say(f"the triggerer goes on: {why}")
        self.leave(WaitFor.WORK)

    def leave(self, wait: WaitFor, **facts: object) -> NoReturn:
        known = {"plan": self.plan, "digest": self._snapshot.digest, **facts}
        self._operator.defer(trigger=NamedTrigger(wait, known), method_name="resume")

    def ask(self, question: Question) -> NoReturn:
        """Airflow itself refuses an answer of anybody else. No option is the default: silence is never an answer."""
        from airflow.sdk.execution_time.hitl import HITLUser, upsert_hitl_detail

        found = directory()
        users = [HITLUser(id=user, name=person) for person in question.people for user in found.users_of(person)]
        if not users:  # Airflow takes an empty list for everybody
            raise AirflowException(f"nobody can be asked: {found.reason(question.people)}")

        upsert_hitl_detail(
            ti_id=self._context["ti"].id,
            options=list(question.options),
            subject=question.subject,
            body=question.body,
            params=NOTE if question.note else {},
            assigned_users=users,
        )
        self.say(f"waiting for {', '.join(question.people)}: {question.subject}")
        raise TaskAwaitingInput(method_name="answered", timeout=question.within)

    def begin_anew(self, why: str) -> NoReturn:
        raise BeginAnew(why)

    def skip(self, why: str) -> NoReturn:
        raise AirflowSkipException(why)

    async def _whole(self, body: Body) -> object:
        """The step, with its connections closed at the end, and its work on the nodes ended where a person wants it."""

        async def step() -> object:
            return await body(self)

        task = asyncio.create_task(step())
        self._working = (asyncio.get_running_loop(), task)
        try:
            async with self.closing():
                try:
                    return await task
                except asyncio.CancelledError:
                    await self.end_work()
                    raise
        finally:
            self._working = None

    @contextmanager
    def _ending(self) -> Iterator[None]:
        """Turn the runbook's errors into the task's end: what was decided fails for good, everything else may retry."""
        try:
            yield
        except (Refused, StepFailed) as error:
            why = self.masks.cut(str(error))
            match evidence_of(error, self.task_id, self.masks):
                case TaskRefused():
                    note_refusal(self.plan, self.run_id, task=self.task_id, why=why)
                case event if event is not None:
                    ledger_of(self.plan, self.run_id).keep(event)
            raise AirflowFailException(why) from None


class NamedTrigger(BaseTrigger):
    """A trigger as a worker knows it: its name and facts, which Airflow keeps; it is loaded where it runs."""

    def __init__(self, wait: WaitFor, facts: Mapping[str, object]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._wait, self._facts = wait, dict(facts)

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return f"deployplan.airflow_glue.triggers.{self._wait}", self._facts

    def run(self) -> NoReturn:
        """Never: another process runs the trigger of this name."""
        raise NotImplementedError


def answer_of(event: Mapping[str, Any]) -> CardAnswer:
    """Read what Airflow hands over."""
    if event.get("error_type") == "timeout":
        return CardAnswer(None)
    if "error" in event:
        raise AirflowException(f"the answer could not be read: {event}")
    user, note = event.get("responded_by_user") or {}, note_in(event.get("params_input"))
    return CardAnswer(event["chosen_options"][0], None, note, user.get("id"), user.get("name"))
