"""The operators of a plan's DAG: what Airflow shows and starts; what each does stands in the module that it names.

Whoever parses DAGs imports these and no more: the runbook, the plan's models and the SSH library are loaded when a
task begins to work.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.sdk import BaseOperator, Param
from airflow.sdk.definitions.param import ParamsDict
from airflow.sdk.exceptions import AirflowException
from airflow.triggers.base import StartTriggerArgs

from deployplan.runbook.task_names import WINDOW_PARAM

if TYPE_CHECKING:
    from airflow.sdk import Context

    from deployplan.airflow_glue.plan_source import PlanSource
    from deployplan.airflow_glue.tasks.step import Step
    from deployplan.plan.snapshot import Snapshot


TRIGGER = "deployplan.airflow_glue.triggers.StepTrigger"


class PlanOperator(BaseOperator):
    """A task of a plan; `subject` is the seat, wave, criterion or component that it is about (see wiring.py)."""

    work: ClassVar[str]
    """Module and class of the `Step` that does the work: `module:Class`."""

    shallow_copy_attrs = ("source",)

    begins: ClassVar[str] = ""
    """The name in step_trigger.py under which the task begins without a worker; empty: it begins in one."""

    source: PlanSource
    subject: Any = None
    _step: Step | None = None

    def of(self, source: PlanSource, subject: Any) -> PlanOperator:
        """Say which plan and which part of it the task is for; not in `__init__`, which Airflow wraps at a price."""
        self.source, self.subject = source, subject
        if self.begins:
            self.params = any_window()
            self.start_trigger_args = StartTriggerArgs(
                trigger_cls=TRIGGER,
                trigger_kwargs={"plan": source.name, "digest": source.digest, "begin": self.begins},
                next_method="resume",
            )
        return self

    @property
    def snapshot(self) -> Snapshot:
        """The plan that the DAG was built from. Raises Refused when it cannot be had any more."""
        return self.source.snapshot

    def execute(self, context: Context) -> Any:
        """Do the work. Raises what the step raises: AirflowFailException for what is decided, TaskDeferred, …"""
        return self._do("execute", context)

    def answered(self, context: Context, event: dict[str, Any]) -> Any:
        """Go on with the answer to a card."""
        return self._do("answered", context, event)

    def resume(self, context: Context, event: dict[str, Any]) -> Any:
        """Go on after a trigger that could not end the task itself."""
        return self._do("resume", context, event)

    def on_kill(self) -> None:
        """Stop working: Airflow calls this in the task process, which it kills five seconds later."""
        if self._step is not None:
            self._step.on_kill()

    def _do(self, what: str, context: Context, *event: dict[str, Any]) -> Any:
        """Carry a method of the step out.

        What ends a task on purpose is told in a sentence, which Airflow prints with every frame that it came through:
        here those of ours are taken off. An error that nobody meant keeps them.
        """
        try:
            return getattr(self._begin(context), what)(context, *event)
        except AirflowException as error:
            raise error.with_traceback(None) from None

    def _begin(self, context: Context) -> Step:
        from deployplan.airflow_glue.tasks.step import begin_step

        module, _, name = self.work.partition(":")
        step = getattr(import_module(f"deployplan.airflow_glue.tasks.{module}"), name)
        self._step = begin_step(step, self, context)
        return self._step


class ReviewControls(PlanOperator):
    """Freezes the plan for this run and holds it against the release controls."""

    work = "review_tasks:ControlsStep"


class Preflight(PlanOperator):
    """Asks every node and stages the packages; executes nothing that the plan wrote."""

    work = "review_tasks:PreflightStep"
    inherits_from_skipmixin = True


class ApprovalSeat(PlanOperator):
    """One seat of the quorum; `subject` is its number."""

    work = "cards:SeatCard"


class Baseline(PlanOperator):
    """Reads production by the plan's own words, now that they are approved."""

    work = "review_tasks:BaselineStep"


class WaitForWindow(PlanOperator):
    """Held while the window is closed, without a worker from the first look on; too late is window_missed."""

    work = "window_task:WindowStep"


class Arm(PlanOperator):
    """The setup: approval, window, locks, and the release to go back to."""

    work = "deploy_tasks:ArmStep"


class DeployWave(PlanOperator):
    """Brings the nodes of a wave to the new release; `subject` is its component and number."""

    work = "deploy_tasks:WaveStep"


class VerifySmoke(PlanOperator):
    """Holds every machine criterion over its soak time."""

    work = "deploy_tasks:SmokeStep"
    inherits_from_skipmixin = True
    begins = "smoke"
    start_from_trigger = True


class ManualTest(PlanOperator):
    """A criterion that a person judges; `subject` is its name."""

    work = "cards:ManualCard"
    inherits_from_skipmixin = True


class Decide(PlanOperator):
    """Looks whether anything is wrong; decides by the plan's policy or asks the backout authority."""

    work = "cards:DecideCard"
    begins = "decide"
    start_from_trigger = True


class UndoComponent(PlanOperator):
    """Undoes a component where its deploy had started; `subject` is its name."""

    work = "backout_tasks:UndoStep"
    begins = "backout"
    start_from_trigger = True


class VerifyBackout(PlanOperator):
    """Proves that the previous release is back and the neighbours are well."""

    work = "backout_tasks:VerifyBackoutStep"
    begins = "backout"
    start_from_trigger = True


class Conclude(PlanOperator):
    """Computes the outcome from the evidence; green only when the new release is in production."""

    work = "backout_tasks:ConcludeStep"


def any_window() -> ParamsDict:
    """The same parameter of a task that begins in the triggerer, where it holds whatever has passed since.

    Airflow checks parameters anew whenever a trigger is made, and one that does not hold ends the whole triggerer; the
    choice was checked when the run was created.
    """
    return ParamsDict({WINDOW_PARAM: Param(None, type=["null", "string"])})
