"""What all tasks have in common: the plan they were built from, the run they work on, and how their errors end them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, TypeVar

from airflow.sdk.exceptions import AirflowFailException

from deployplan.airflow_glue.channels import channels, url_of
from deployplan.airflow_glue.connections import Credentials, read_credentials
from deployplan.airflow_glue.context import close_at_end, make_run, note_refusal, refuse_changed_plan, require_frozen
from deployplan.airflow_glue.empty_backout import KEY, others_to_watch, skips_after
from deployplan.airflow_glue.endings import verdict_in
from deployplan.airflow_glue.task_states import states_in_run
from deployplan.comms.moment import Moment
from deployplan.printable import printable
from deployplan.remote.masking import NOTHING
from deployplan.runbook.announce import announce
from deployplan.runbook.run.run import NotReady, Refused, Run, StepFailed, WindowMissed

if TYPE_CHECKING:
    from airflow.sdk import Context
    from airflow.triggers.base import BaseTrigger

    from deployplan.plan.snapshot import Snapshot

T = TypeVar("T")


class PlanTask(Protocol):
    """What a step sees of its operator."""

    task_id: str
    subject: Any

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


def begin_step(step: Callable[[PlanTask], Step], operator: PlanTask, context: Context) -> Step:
    """Make the step of a task. Raises AirflowFailException when the frozen plan is not what was approved."""
    try:
        with refuse_changed_plan(operator.dag_id, context["dag_run"].run_id, operator.task_id):
            return step(operator)
    except Refused as error:
        raise AirflowFailException(str(error)) from None


class Step:
    """What a task of a plan does, in the process of that task. `snapshot` is the plan that the DAG was built from."""

    def __init__(self, operator: PlanTask) -> None:
        self.operator = operator
        self.task_id = operator.task_id
        self.dag_id = operator.dag_id
        self.subject = operator.subject
        self.log = operator.log
        self.snapshot = operator.snapshot
        self._working: tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]] | None = None
        self._masks = NOTHING

    def execute(self, context: Context) -> Any:
        """Do the work of the task."""
        raise NotImplementedError

    def answered(self, context: Context, event: dict[str, Any]) -> Any:
        """Go on with the answer to a card."""
        raise NotImplementedError

    def resume(self, context: Context, event: dict[str, Any]) -> Any:
        """Go on after a trigger that did not end the task itself: fail with its verdict, or do the whole task here."""
        verdict = verdict_in(event)
        if verdict is None:
            return self.execute(context)
        with self.ending(context):
            raise verdict

    def open(self, context: Context, *, frozen: bool = True, nodes: bool = True) -> Run:
        """The run that this task works on, with the connections to its `nodes` if they are needed.

        With `frozen` it must be the very plan that the run froze.
        """
        dag_run = context["dag_run"]
        run = make_run(
            self.snapshot,
            dag_run.run_id,
            triggered_by=getattr(dag_run, "triggering_user_name", None),
            credentials=read_credentials(self.snapshot) if nodes else Credentials({}),
            say=self.say,
        )
        self._masks = run.masks
        if frozen:
            require_frozen(run)
        return run

    def say(self, line: str) -> None:
        """One line in the task's log."""
        self.log.info("%s", printable(self._masks(line)))

    @contextmanager
    def ending(self, context: Context) -> Iterator[None]:
        """Turn the runbook's errors into the task's end: what was decided fails for good, everything else may retry."""
        try:
            yield
        except NotReady as error:
            self._leave_evidence(
                context,
                "not_ready",
                phase=self.task_id,
                problems=[self._masks.cut(problem) for problem in error.problems],
            )
            raise AirflowFailException(self._masks.cut(str(error))) from None
        except WindowMissed as error:
            self._leave_evidence(context, "window_missed", reason=self._masks.cut(str(error)))
            raise AirflowFailException(self._masks.cut(str(error))) from None
        except Refused as error:
            why = self._masks.cut(str(error))
            note_refusal(self.snapshot.plan.name, context["dag_run"].run_id, task=self.task_id, why=why)
            raise AirflowFailException(self._masks.cut(str(error))) from None
        except StepFailed as error:
            raise AirflowFailException(self._masks.cut(str(error))) from None

    def work(self, run: Run, coroutine: Coroutine[Any, Any, T]) -> T:
        """Carry the coroutine out and close the run's connections; a kill cancels it (see `on_kill`)."""

        async def whole() -> T:
            task = asyncio.create_task(coroutine)
            self._working = (asyncio.get_running_loop(), task)
            async with close_at_end(run):
                try:
                    return await task
                except asyncio.CancelledError:
                    await self.after_kill(run)
                    raise

        try:
            return asyncio.run(whole())
        except asyncio.CancelledError:
            raise AirflowFailException("the task was ended from outside") from None
        finally:
            self._working = None

    async def after_kill(self, run: Run) -> None:
        """What remains to be done on the nodes when a person has ended this task; nothing by default."""

    def on_kill(self) -> None:
        """Stop working. Airflow calls this in the task process; five seconds later it kills the process."""
        if self._working is not None:
            loop, task = self._working
            loop.call_soon_threadsafe(task.cancel)

    async def tell(self, run: Run, moment: Moment, **facts: object) -> None:
        """Send the plan's messages for this moment. Whatever goes wrong with them is shown and changes nothing else."""
        try:
            await announce(run, moment, channels(), **{"url": url_of(self.dag_id, run.run_id), **facts})
        except Exception:
            self.log.exception("the messages for %s could not all be sent", moment)

    def states(self, context: Context, task_ids: list[str]) -> dict[str, str | None]:
        """The states of these tasks in this run; None for one that has not begun."""
        run_id = context["dag_run"].run_id
        answer = context["ti"].get_task_states(dag_id=self.dag_id, task_ids=task_ids, run_ids=[run_id])
        found = states_in_run(answer, run_id)
        return {task_id: found.get(task_id) for task_id in task_ids}

    def pass_backout_by(self, run: Run, context: Context) -> None:
        """The last thing that a verification does: where it is the last one and all is well, skip the backout.

        Not when a person ended the task meanwhile: Airflow looks only whether it is over, not how.
        """
        states = self.states(context, [self.task_id, *others_to_watch(self.snapshot, self.task_id)])
        if states.pop(self.task_id) == "running" and (skips := skips_after(run, self.task_id, states)):
            context["ti"].xcom_push(key=KEY, value=skips)

    def _leave_evidence(self, context: Context, kind: str, **facts: object) -> None:
        from deployplan.airflow_glue.context import ledger_of

        ledger_of(self.snapshot.plan.name, context["dag_run"].run_id).record(kind, **facts)
