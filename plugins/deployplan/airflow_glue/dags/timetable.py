"""When a release is created: by a person who triggers it, or by Airflow, once, ahead of the plan's window."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from airflow.sdk.timezone import coerce_datetime
from airflow.timetables.base import DagRunInfo
from airflow.timetables.simple import NullTimetable

from deployplan.clock import SystemClock
from deployplan.errors import DeployPlanError


class NotDue(DeployPlanError):
    """A run that was to be created is not wanted any more; the message says why."""


@dataclass(frozen=True)
class Creation:
    """A run that Airflow is to create: at which instant, for which opening, of which plan. Texts, as they are kept."""

    plan: str
    digest: str
    environment: str
    product: str
    at: str
    opens: str
    told: str


class ReleaseTimetable(NullTimetable):
    """By hand, or once ahead of a window. Names runs `release-2026-11-28-220455` (UTC).

    A plan is one release: no run is created while one is under way, nor when the plan was released, nor a second time
    for the same content, nor from the opening on.
    """

    def __init__(self, creation: Creation | None = None) -> None:
        super().__init__()
        self.creation = creation
        self.can_be_scheduled = creation is not None
        self.description = "When a person triggers it" if creation is None else f"Created {creation.told}"

    @property
    def summary(self) -> str:
        """What the list of DAGs shows as the schedule."""
        return "by hand" if self.creation is None else self.creation.told

    def serialize(self) -> dict[str, Any]:
        return {} if self.creation is None else asdict(self.creation)

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> ReleaseTimetable:
        return cls(Creation(**data) if data else None)

    def next_dagrun_info(self, *, last_automated_data_interval: Any, restriction: Any) -> DagRunInfo | None:
        """The run to create, None when there is none; `catchup` and dates of the DAG do not matter."""
        if self.creation is None:
            return None
        at = coerce_datetime(datetime.fromisoformat(self.creation.at))
        if last_automated_data_interval is not None and last_automated_data_interval.start == at:
            return None
        return None if why_not(self.creation) else DagRunInfo.exact(at)

    def next_run_info_from_dag_model(self, *, dag_model: Any) -> DagRunInfo | None:
        """The scheduler's last question before it creates the run, which may have been due long ago.

        Raises NotDue when it is not wanted any more; the scheduler logs that and goes on.
        """
        why = "a person triggers it" if self.creation is None else why_not(self.creation)
        if why:
            dag_model.next_dagrun = dag_model.next_dagrun_create_after = dag_model.next_dagrun_data_interval = None
            raise NotDue(f"no run of {dag_model.dag_id} is created: {why}")
        return super().next_run_info_from_dag_model(dag_model=dag_model)

    def generate_run_id(self, *, run_type: Any, run_after: Any, data_interval: Any, **extra: Any) -> str:
        """The run's name: when it was triggered or due, in UTC, without characters that need quoting."""
        return f"release-{run_after:%Y-%m-%d-%H%M%S}"


def why_not(creation: Creation) -> str | None:
    """Why the run is not to be created now, None when nothing is in its way; costs two small reads."""
    from deployplan.airflow_glue.settings import settings
    from deployplan.runbook.timing.past_runs import history_of

    if SystemClock().now() >= datetime.fromisoformat(creation.opens):
        return f"its window opened at {creation.opens}"
    records = settings().record_store()
    active = records.active(creation.plan)
    if active is not None:
        return f"run {active[0]} is under way"
    for run in reversed(history_of(records, creation.environment, creation.product)):
        if run.plan == creation.plan and (run.released or run.digest == creation.digest):
            return f"run {run.run_id} of it ended in {run.outcome}"
    return None
