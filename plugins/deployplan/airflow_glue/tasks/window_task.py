"""The task that waits for the release window: one look in a worker, and only what has to wait goes to a trigger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowFailException

from deployplan.airflow_glue.settings import settings
from deployplan.airflow_glue.tasks.step import Step
from deployplan.airflow_glue.triggers.window_trigger import WindowTrigger, missed_in, safe_look
from deployplan.runbook.calendar.waiting_runs import Beside

if TYPE_CHECKING:
    from airflow.sdk import Context


class WindowStep(Step):
    """Held while the window is closed; fails as window_missed when it can no longer be met."""

    def execute(self, context: Context) -> None:
        """Raises TaskDeferred while it is closed, AirflowFailException when it is too late."""
        with self.ending(context):
            run = self.open(context, nodes=False)
        found = safe_look(run, Beside(settings().record_store(), run.clock))
        if found.missed:
            raise AirflowFailException(found.reason)
        if not found.may_start:
            trigger = WindowTrigger(self.snapshot.plan.name, self.snapshot.digest, said=found.reason)
            self.operator.defer(trigger=trigger, method_name="resume")

    def resume(self, context: Context, event: dict[str, Any]) -> None:
        """The trigger has ended a wait that came to nothing; it ends a good one itself."""
        if (reason := missed_in(event)) is not None:
            raise AirflowFailException(reason)
        self.execute(context)
