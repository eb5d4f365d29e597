"""Tasks of `5 · Backout` and the outcome; the card of `backout.decide` is in cards.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from deployplan.airflow_glue.empty_backout import backout_tasks, doubt_about, take_back
from deployplan.airflow_glue.settings import settings
from deployplan.airflow_glue.tasks.step import Step
from deployplan.comms.moment import moment_of
from deployplan.runbook.backout import undo_component
from deployplan.runbook.backout_proof import verify_backout
from deployplan.runbook.decide import Decision, recorded_decision
from deployplan.runbook.outcome import Conclusion, Outcome, conclude
from deployplan.runbook.run.generation import latest
from deployplan.runbook.run.run import Run
from deployplan.runbook.tasks import must_succeed

if TYPE_CHECKING:
    from airflow.sdk import Context


class UndoStep(Step):
    """Undoes a component where its deploy had started. Skipped when the decision is not to back out."""

    def execute(self, context: Context) -> None:
        """Raises AirflowFailException when a node is not back."""
        with self.ending(context):
            run = self.open(context)
            skip_unless_backing_out(run)
            attempt = str(context["ti"].max_tries)
            self.work(run, undo_component(run, self.subject, latest(run), attempt))


class VerifyBackoutStep(Step):
    """Proves that the previous release is back and the neighbours are well."""

    def execute(self, context: Context) -> None:
        """Raises AirflowFailException when it is not proven."""
        with self.ending(context):
            run = self.open(context)
            skip_unless_backing_out(run)
            self.work(run, verify_backout(run, latest(run)))


class ConcludeStep(Step):
    """Computes the outcome from the evidence; green only when the release is in production."""

    def execute(self, context: Context) -> str:
        """Raises AirflowFailException unless the outcome is a green one."""
        with self.ending(context):
            run = self.open(context)
            doubt = doubt_about(run, self.states(context, list(must_succeed(self.snapshot))))
            ending = conclude(run, lambda conclusion: self._tell_outcome(run, conclusion), doubt=doubt)
            conclusion = self.work(run, ending)
            self._take_skips_back(context)
            settings().record_store().close_run(self.snapshot.plan.name, run.run_id)
            context["ti"].xcom_push(key="outcome", value=str(conclusion.outcome))
            context["ti"].xcom_push(key="evidence_head", value=run.ledger.head)
        if not conclusion.outcome.green:
            raise AirflowFailException(f"{conclusion.outcome}: {conclusion.because}")
        return str(conclusion.outcome)

    def _take_skips_back(self, context: Context) -> None:
        """What this pass skipped says nothing about a later one; not before Airflow has skipped all of it."""
        states = self.states(context, backout_tasks(self.snapshot))
        if None not in states.values():
            take_back(self.snapshot, context["dag_run"].run_id)

    async def _tell_outcome(self, run: Run, conclusion: Conclusion) -> None:
        head = run.ledger.head  # a rerun may end like this again, and is told again
        facts: dict[str, object] = {
            "outcome": conclusion.outcome,
            "reason": conclusion.because,
            "found": conclusion.found,
        }
        facts |= {"head": head, "occasion": head}
        if conclusion.outcome is Outcome.SUCCESS_WITH_ISSUES:
            facts["issues"] = facts.pop("reason")
        await self.tell(run, moment_of(conclusion.outcome), **facts)


def skip_unless_backing_out(run: Run) -> None:
    """Raises AirflowSkipException when the recorded decision is not to back out."""
    decision = recorded_decision(run)
    if decision is not Decision.BACK_OUT:
        raise AirflowSkipException(f"no backout: the decision is {decision}")
