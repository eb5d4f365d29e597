"""The task that waits for the release window: a trigger from start to end, no worker at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.triggers.base import StartTriggerArgs

from deployplan.airflow_glue.schedule import any_window

if TYPE_CHECKING:
    from airflow.sdk import Context

    from deployplan.airflow_glue.plan_source import PlanSource


class WaitForWindow(BaseOperator):
    """Held while the window is closed; fails as window_missed when it can no longer be met.

    It has no retries: the trigger itself never gives up, and an end by TaskFailedEvent would be retried otherwise.
    """

    start_from_trigger = True

    def of(self, source: PlanSource) -> WaitForWindow:
        """Say whose window it is; not in `__init__`, which Airflow wraps at a price."""
        self.retries = 0
        self.params = any_window()
        self.start_trigger_args = StartTriggerArgs(
            trigger_cls="deployplan.airflow_glue.window_trigger.WindowTrigger",
            trigger_kwargs={"plan": source.name, "digest": source.digest},
            next_method="execute",
        )
        return self

    def execute(self, context: Context, event: dict[str, Any] | None = None) -> None:
        """Never called: the trigger ends the task. If Airflow ever does, nothing may start."""
        raise RuntimeError("the window is judged in the triggerer; this task must not run in a worker")
