"""Tasks of `1 · Review`: controls and preflight; the approval seats are in cards.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk.exceptions import AirflowException

from deployplan.airflow_glue.naming import WINDOW_PARAM
from deployplan.airflow_glue.settings import settings
from deployplan.airflow_glue.step import Step
from deployplan.comms.moment import Moment
from deployplan.evidence.error import AlreadyActive
from deployplan.runbook.preflight import preflight
from deployplan.runbook.review import review_controls
from deployplan.runbook.run import Run

if TYPE_CHECKING:
    from airflow.sdk import Context

OVER = {"success", "failed"}


class ControlsStep(Step):
    """Freezes the plan for this run and holds it against the release controls."""

    def execute(self, context: Context) -> None:
        """Raises AirflowFailException when a gate does not hold."""
        with self.ending(context):
            run = self.open(context, frozen=False)
            self._freeze(run, context)
            review_controls(run, (context["dag_run"].conf or {}).get(WINDOW_PARAM))

    def _freeze(self, run: Run, context: Context) -> None:
        """From here on the DAG of this run is built from this very plan, whatever becomes of the file."""
        plan, digest = self.snapshot.plan, self.snapshot.digest
        records = settings().record_store()
        records.save_snapshot(plan.name, digest, self.snapshot.to_json())
        try:
            records.open_run(plan.name, run.run_id, digest)
        except AlreadyActive as other:
            state = context["ti"].get_dagrun_state(self.dag_id, other.run_id)
            if state not in OVER:
                raise
            records.close_run(plan.name, other.run_id)
            # This DAG may have been built from the dead run's snapshot: let the next try read the file.
            raise AirflowException(
                f"run {other.run_id} ended without closing its record; trying again from the file"
            ) from None
        run.record("plan_frozen", plan=plan.name, run=run.run_id, digest=digest, triggered_by=run.triggered_by)
        self.say(f"plan {plan.name} frozen, digest {digest}")


class PreflightStep(Step):
    """Asks every node, stages the packages and takes the baseline readings."""

    def execute(self, context: Context) -> None:
        """Raises AirflowFailException when a node or production is not ready."""
        with self.ending(context):
            run = self.open(context)
            self.work(run, self._preflight(run))

    async def _preflight(self, run: Run) -> None:
        await preflight(run)
        await self.tell(run, Moment.ANNOUNCED)
