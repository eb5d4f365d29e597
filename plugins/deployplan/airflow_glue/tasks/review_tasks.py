"""Tasks of `1 · Review`: controls, preflight and baseline; the approval seats are in cards.py."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from airflow.sdk.exceptions import AirflowException

from deployplan.airflow_glue.connections import read_credentials
from deployplan.airflow_glue.context import make_run
from deployplan.airflow_glue.empty_backout import KEY, NONE, skips_the_rest
from deployplan.airflow_glue.settings import settings
from deployplan.airflow_glue.tasks.step import Step
from deployplan.airflow_glue.triggers.plan_trigger import HoldTrigger
from deployplan.comms.moment import Moment
from deployplan.evidence.error import AlreadyActive
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.baseline import reason_to_wait, take_baseline
from deployplan.runbook.closure.close_record import FORGOTTEN
from deployplan.runbook.node.lock_holder import outcome_of
from deployplan.runbook.nothing_to_do import REDEPLOY
from deployplan.runbook.outcome import conclude
from deployplan.runbook.preflight import preflight
from deployplan.runbook.review import review_controls
from deployplan.runbook.run.run import Run
from deployplan.runbook.task_names import REDEPLOY_PARAM, WINDOW_PARAM

if TYPE_CHECKING:
    from airflow.sdk import Context

GONE = "unknown to Airflow"
OVER = {"success", "failed", GONE}


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
            state = self._state_of(context, other.run_id)
            if state not in OVER:
                raise
            if state == GONE:
                self._conclude_forgotten(other)
            else:
                ended = records.run(plan.name, other.run_id).ledger(key=settings().signing_key())
                ended.seal(abandoned_for=run.run_id)
            records.close_run(plan.name, other.run_id)
            # This DAG may have been built from the dead run's snapshot: let the next try read the file.
            raise AirflowException(
                f"run {other.run_id} ended without closing its record; trying again from the file"
            ) from None
        known = {"plan": plan.name, "run": run.run_id, "digest": digest, "triggered_by": run.triggered_by}
        again = {REDEPLOY: True} if (context["dag_run"].conf or {}).get(REDEPLOY_PARAM) is True else {}
        run.record("plan_frozen", **known, **again, ended=records.ends.heads())
        self.say(f"plan {plan.name} frozen, digest {digest}")

    def _state_of(self, context: Context, run_id: str) -> str:
        """The state of another run of this plan, `GONE` when Airflow does not know it."""
        from airflow.sdk.exceptions import AirflowRuntimeError

        try:
            return str(context["ti"].get_dagrun_state(self.dag_id, run_id))
        except AirflowRuntimeError as error:
            if (error.error.detail or {}).get("status_code") == HTTPStatus.NOT_FOUND:
                return GONE
            raise

    def _conclude_forgotten(self, other: AlreadyActive) -> None:
        """End what a run that Airflow has forgotten still runs, and close its record; its nodes stay locked."""
        records = settings().record_store()
        snapshot = Snapshot.from_json(records.snapshot(self.snapshot.plan.name, other.digest))
        credentials = read_credentials(snapshot)
        run = make_run(snapshot, other.run_id, triggered_by=None, credentials=credentials, say=self.say)
        if outcome_of(run.ledger.entries()) is None:
            self.say(f"run {other.run_id}: {FORGOTTEN}")
            self.work(run, conclude(run, forgotten=FORGOTTEN))


class PreflightStep(Step):
    """Asks every node and stages the packages; executes nothing that the plan wrote.

    Where nothing is to be done the first seat is skipped, and all that follows it but the outcome.
    """

    def execute(self, context: Context) -> None:
        """Raises AirflowFailException when a node is not ready."""
        with self.ending(context):
            run = self.open(context)
            skips = NONE if self.work(run, preflight(run)) else skips_the_rest(self.snapshot)
            context["ti"].xcom_push(key=KEY, value=skips)


class BaselineStep(Step):
    """Reads production by the plan's own words, now that they are approved; while everything is held, it waits."""

    def execute(self, context: Context) -> None:
        """Raises AirflowFailException when production is not well, TaskDeferred while everything is held."""
        with self.ending(context):
            run = self.open(context)
            if why := reason_to_wait(run):
                self.say(f"{why}; nothing is read meanwhile")
                self.work(run, self.tell(run, Moment.ON_HOLD, reason=why, occasion=why))
                trigger = HoldTrigger(plan=self.snapshot.plan.name, digest=self.snapshot.digest)
                self.operator.defer(trigger=trigger, method_name="resume")
            self.work(run, self._take(run))

    async def _take(self, run: Run) -> None:
        await take_baseline(run)
        await self.tell(run, Moment.ANNOUNCED)
