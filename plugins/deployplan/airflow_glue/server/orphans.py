"""Runs of plans that are gone: their files were removed, or made unusable, before a run had frozen them.

Airflow schedules no run of a DAG that no file makes any more, and never ends it either. A run that has frozen its plan
has a DAG for as long as it is under way, whatever becomes of the file; one that has not is ended here.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from deployplan.airflow_glue.settings import settings
from deployplan.clock import SystemClock
from deployplan.evidence.kinds.review import ReviewNotReady
from deployplan.runbook.task_names import CONTROLS

GONE_FOR = timedelta(seconds=60)
"""For so long a plan must have been gone: a folder that is being brought up to date misses files for a moment."""
AT_ONCE = 100
"""Runs that one look sees to; the others come next time."""
LONGEST_NOTE = 1000
"""Characters of a note that Airflow's database takes."""
AT_WORK = ("running", "deferred", "awaiting_input")
"""States of a task that somebody works on, or waits for: such a run is left alone."""
NOT_BEGUN = ("scheduled", "queued", "up_for_retry", "up_for_reschedule", "restarting")

log = logging.getLogger(__name__)


class Orphans:
    """Remembers since when each run has been without its plan; one for a server."""

    def __init__(self, gone_for: timedelta = GONE_FOR) -> None:
        self._gone_for = gone_for
        self._since: dict[tuple[str, str], datetime] = {}

    def end(self) -> list[str]:
        """End the runs whose plan has been gone for long enough; says which, and why."""
        from airflow.utils.session import create_session

        with create_session() as session:
            return list(self._end(session, SystemClock().now()))

    def _end(self, session: Any, now: datetime) -> Iterator[str]:
        found = {(run.dag_id, run.run_id): run for run in _without_a_dag(session)}
        whys = {key: why for key in found if (why := _why_gone(*key)) is not None}
        self._since = {key: self._since.get(key, now) for key in whys}
        for key, why in whys.items():
            if now - self._since[key] >= self._gone_for and not _at_work(session, *key):
                _end_in_evidence(*key, why)
                _end_in_airflow(session, found[key], why)
                yield f"{key[0]}/{key[1]}: {why}"


def _without_a_dag(session: Any) -> list[Any]:
    """Runs that are not over, of plans of which no file makes a DAG now; locked until the session ends."""
    from airflow.models.dag import DagModel, DagTag
    from airflow.models.dagrun import DagRun

    ours = session.query(DagTag.dag_id).filter(DagTag.name == "deployplan")
    query = session.query(DagRun).join(DagModel, DagModel.dag_id == DagRun.dag_id)
    mine = query.filter(DagRun.state.in_(("queued", "running")), DagModel.is_stale.is_(True), DagRun.dag_id.in_(ours))
    return list(mine.with_for_update(of=DagRun, skip_locked=True).limit(AT_ONCE))


def _why_gone(plan: str, run_id: str) -> str | None:
    """Why the run can never begin; None when it has frozen its plan, or the plan is there after all."""
    from deployplan.plan.load.loading import load
    from deployplan.plan.text.problem import PlanRejected

    documents, active = settings().documents(), settings().record_store().active(plan)
    if (active is not None and active[0] == run_id) or not documents.plans.is_dir():
        return None
    path = documents.plan_path(plan)
    try:
        load(path, documents)
    except PlanRejected as rejected:
        what = "cannot be used any more" if path.is_file() else "was removed"
        first = f" ({rejected.problems[0]})" if path.is_file() and rejected.problems else ""
        return (
            f"the plan's file {path.name} {what} before this run had frozen it{first}: nothing was touched; "
            "mend or restore the file and trigger the plan again"
        )
    return None


def _at_work(session: Any, plan: str, run_id: str) -> bool:
    from airflow.models.taskinstance import TaskInstance

    mine = session.query(TaskInstance.id).filter(TaskInstance.dag_id == plan, TaskInstance.run_id == run_id)
    return mine.filter(TaskInstance.state.in_(AT_WORK)).first() is not None


def _end_in_airflow(session: Any, run: Any, why: str) -> None:
    """As Airflow's own button does: the run failed, what has not begun skipped; and a note that says why."""
    from airflow.models.taskinstance import TaskInstance

    waits = TaskInstance.state.is_(None) | TaskInstance.state.in_(NOT_BEGUN)
    mine = session.query(TaskInstance).filter(TaskInstance.dag_id == run.dag_id, TaskInstance.run_id == run.run_id)
    mine.filter(waits).update({"state": "skipped"}, synchronize_session=False)
    run.state = "failed"
    run.note = f"not_ready: {why}"[:LONGEST_NOTE]


def _end_in_evidence(plan: str, run_id: str, why: str) -> None:
    """The run's evidence says that it was not ready, and nothing else: its review has never begun."""
    ledger = settings().record_store().run(plan, run_id).ledger(key=settings().signing_key(), clock=SystemClock())
    if not ledger.entries():
        ledger.keep(ReviewNotReady(phase=CONTROLS, problems=(why,)))
        ledger.seal()
