"""The task that waits for the release window: a trigger from start to end, no worker at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator, Param
from airflow.triggers.base import StartTriggerArgs

from deployplan.airflow_glue.naming import WINDOW_PARAM

if TYPE_CHECKING:
    from airflow.sdk import Context


class WaitForWindow(BaseOperator):
    """Held while the window is closed; fails as window_missed when it can no longer be met.

    It has no retries: the trigger itself never gives up, and an end by TaskFailedEvent would be retried otherwise.
    """

    start_from_trigger = True

    def __init__(self, *, plan: str, digest: str, **kwargs: Any) -> None:
        # Airflow checks parameters anew whenever a trigger is made, and one that does not hold ends the whole
        # triggerer. The choice was checked when the run was created; here it holds whatever has passed since.
        anything = {WINDOW_PARAM: Param(None, type=["null", "string"])}
        super().__init__(**kwargs | {"retries": 0, "params": anything})
        self.start_trigger_args = StartTriggerArgs(
            trigger_cls="deployplan.airflow_glue.window_trigger.WindowTrigger",
            trigger_kwargs={"plan": plan, "digest": digest},
            next_method="execute",
        )

    def execute(self, context: Context, event: dict[str, Any] | None = None) -> None:
        """Never called: the trigger ends the task. If Airflow ever does, nothing may start."""
        raise RuntimeError("the window is judged in the triggerer; this task must not run in a worker")
