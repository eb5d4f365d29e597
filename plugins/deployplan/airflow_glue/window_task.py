"""The task that waits for the release window: a trigger from start to end, no worker at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.triggers.base import StartTriggerArgs

from deployplan.plan.snapshot import Snapshot

if TYPE_CHECKING:
    from airflow.sdk import Context


class WaitForWindow(BaseOperator):
    """Held while the window is closed; fails as window_missed when it can no longer be met.

    It has no retries: the trigger itself never gives up, and an end by TaskFailedEvent would be retried otherwise.
    """

    start_from_trigger = True

    def __init__(self, *, snapshot: Snapshot, **kwargs: Any) -> None:
        super().__init__(**kwargs | {"retries": 0})
        self.start_trigger_args = StartTriggerArgs(
            trigger_cls="deployplan.airflow_glue.triggers.WindowTrigger",
            trigger_kwargs={"plan": snapshot.plan.name, "digest": snapshot.digest},
            next_method="execute",
        )

    def execute(self, context: Context, event: dict[str, Any] | None = None) -> None:
        """Never called: the trigger ends the task. If Airflow ever does, nothing may start."""
        raise RuntimeError("the window is judged in the triggerer; this task must not run in a worker")
