"""The kinds of tasks: the operator that Airflow shows and starts, the step that it carries out, the ids it stands for.

Whoever parses DAGs imports these and no more: the runbook, the plan's models and the SSH library are loaded with a
step, when a task begins to work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from airflow.sdk import BaseOperator, Param
from airflow.sdk.definitions.param import ParamsDict
from airflow.sdk.exceptions import AirflowException
from airflow.triggers.base import StartTriggerArgs

from deployplan.runbook import task_names

if TYPE_CHECKING:
    from airflow.sdk import Context

    from deployplan.airflow_glue.plan_source import PlanSource
    from deployplan.airflow_glue.tasks.host import Body
    from deployplan.airflow_glue.tasks.worker import Worker
    from deployplan.plan.snapshot import Snapshot


TRIGGER = "deployplan.airflow_glue.triggers.StepTrigger"


class PlanOperator(BaseOperator):
    """A task of a plan. Each kind below says which rows of the table it stands for, and what its tasks carry out.

    A kind that says `start_from_trigger` begins without a worker, one that says `inherits_from_skipmixin` may skip the
    tasks after it. Any step may end in a worker.
    """

    row: ClassVar[str]
    """Its rows in the table of runbook/tasks.py: a task by its id, or by their group those that have a subject."""

    asks_again: ClassVar[bool] = False
    """Whether its tasks may put up one card after another."""

    shallow_copy_attrs = ("source",)

    source: PlanSource
    _worker: Worker | None = None

    @staticmethod
    def body() -> Body:
        """What the tasks of this kind do, wherever they are carried out."""
        raise NotImplementedError

    def of(self, source: PlanSource) -> PlanOperator:
        """Say which plan the task is for; not in `__init__`, which Airflow wraps at a price."""
        self.source = source
        if self.start_from_trigger:
            self.params = any_window()
            self.start_trigger_args = StartTriggerArgs(
                trigger_cls=TRIGGER,
                trigger_kwargs={"plan": source.name, "digest": source.digest},
                next_method="resume",
            )
        return self

    @property
    def snapshot(self) -> Snapshot:
        """The plan that the DAG was built from. Raises Refused when it cannot be had any more."""
        return self.source.snapshot

    def execute(self, context: Context) -> Any:
        """Do the work. Raises what the worker raises: AirflowFailException for what is decided, TaskDeferred, …"""
        return self._do(context)

    def answered(self, context: Context, event: dict[str, Any]) -> Any:
        """Go on with the answer to a card."""
        return self._do(context, answered=event)

    def resume(self, context: Context, event: dict[str, Any]) -> Any:
        """Go on after a trigger that did not end the task itself: fail with its verdict, or do the whole step here."""
        return self._do(context, fired=event)

    def on_kill(self) -> None:
        """Stop working: Airflow calls this in the task process, which it kills five seconds later."""
        if self._worker is not None:
            self._worker.on_kill()

    def _do(self, context: Context, **came: dict[str, Any]) -> Any:
        """Carry the step out.

        What ends a task on purpose is told in a sentence, which Airflow prints with every frame that it came through:
        here those of ours are taken off. An error that nobody meant keeps them.
        """
        from deployplan.airflow_glue.tasks.worker import Worker

        try:
            self._worker = Worker(self, context)
            return self._worker.carry_out(self.body(), **came)
        except AirflowException as error:
            raise error.with_traceback(None) from None


class ReviewControls(PlanOperator):
    row = task_names.CONTROLS

    @staticmethod
    def body() -> Body:
        from deployplan.airflow_glue.tasks.review_tasks import freeze_plan

        return freeze_plan


class Preflight(PlanOperator):
    row = task_names.PREFLIGHT
    inherits_from_skipmixin = True

    @staticmethod
    def body() -> Body:
        from deployplan.airflow_glue.tasks.review_tasks import check_nodes

        return check_nodes


class ApprovalSeat(PlanOperator):
    row = "review"

    @staticmethod
    def body() -> Body:
        from deployplan.airflow_glue.tasks.review_tasks import approve

        return approve


class Baseline(PlanOperator):
    row = task_names.BASELINE

    @staticmethod
    def body() -> Body:
        from deployplan.airflow_glue.tasks.review_tasks import read_production

        return read_production


class WaitForWindow(PlanOperator):
    row = task_names.WINDOW

    @staticmethod
    def body() -> Body:
        from deployplan.airflow_glue.tasks.window_task import wait_for_window

        return wait_for_window


class Arm(PlanOperator):
    row = task_names.ARM

    @staticmethod
    def body() -> Body:
        from deployplan.airflow_glue.tasks.deploy_tasks import arm_run

        return arm_run


class DeployWave(PlanOperator):
    row = "deploy"
    asks_again = True

    @staticmethod
    def body() -> Body:
        from deployplan.airflow_glue.tasks.deploy_tasks import deploy

        return deploy


class VerifySmoke(PlanOperator):
    row = task_names.SMOKE
    inherits_from_skipmixin = True
    start_from_trigger = True

    @staticmethod
    def body() -> Body:
        from deployplan.airflow_glue.tasks.verify_tasks import hold_machine_criteria

        return hold_machine_criteria


class ManualTest(PlanOperator):
    row = "verify"
    inherits_from_skipmixin = True

    @staticmethod
    def body() -> Body:
        from deployplan.airflow_glue.tasks.verify_tasks import ask_tester

        return ask_tester


class Decide(PlanOperator):
    row = task_names.DECIDE
    asks_again = True
    start_from_trigger = True

    @staticmethod
    def body() -> Body:
        from deployplan.airflow_glue.tasks.backout_tasks import decide

        return decide


class UndoComponent(PlanOperator):
    row = "backout"
    start_from_trigger = True

    @staticmethod
    def body() -> Body:
        from deployplan.airflow_glue.tasks.backout_tasks import back_out

        return back_out


class VerifyBackout(PlanOperator):
    row = task_names.BACKOUT_VERIFY
    start_from_trigger = True

    @staticmethod
    def body() -> Body:
        from deployplan.airflow_glue.tasks.backout_tasks import prove_backout

        return prove_backout


class Conclude(PlanOperator):
    row = task_names.OUTCOME

    @staticmethod
    def body() -> Body:
        from deployplan.airflow_glue.tasks.outcome_task import conclude_run

        return conclude_run


def any_window() -> ParamsDict:
    """The run's parameter `window`, of any value, for a task that begins in the triggerer.

    Airflow checks parameters anew whenever a trigger is made, and one that does not hold any more, as an opening that
    has passed, ends the whole triggerer; the choice was checked when the run was created.
    """
    return ParamsDict({task_names.WINDOW_PARAM: Param(None, type=["null", "string"])})


_BY_ROW = {kind.row: kind for kind in PlanOperator.__subclasses__()}


def kind_of(task: str) -> type[PlanOperator]:
    """The kind of the task with this id."""
    return _BY_ROW.get(task) or _BY_ROW[task.split(".")[0]]
