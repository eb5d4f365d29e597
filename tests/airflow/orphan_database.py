"""Run as a program: runs without their plans, in a database with Airflow's own tables; says how they are then."""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from own_tables import make_tables

RUNS = {
    "removed": ("running", True, None),
    "broken": ("queued", True, "queued"),
    "back": ("running", True, None),
    "frozen": ("running", True, None),
    "shown": ("running", False, None),
    "working": ("running", True, "running"),
    "over": ("success", True, "success"),
    "another": ("running", True, None),
}
"""By plan: the run's state, whether no file makes its DAG any more, and the state of its first task."""


def main(folder: Path) -> None:
    make_tables(folder)
    from airflow.models.dagrun import DagRun
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session

    from deployplan.airflow_glue.server.orphans import Orphans
    from deployplan.airflow_glue.settings import settings as ours

    for plan, (state, stale, task) in RUNS.items():
        insert(plan, state, stale=stale, task=task)
    records = ours().record_store()
    records.open_run("frozen", "run-1", "d" * 64)
    patient, prompt = Orphans(timedelta(hours=1)), Orphans(timedelta(0))
    too_early, told, again = patient.end(), prompt.end(), prompt.end()
    with create_session() as session:
        found = {
            run.dag_id: [str(run.state), run.note or "", str(task.state)]
            for run, task in session.query(DagRun, TaskInstance).join(
                TaskInstance, TaskInstance.dag_id == DagRun.dag_id
            )
        }
    key = ours().signing_key()
    evidence = {
        record.plan: [[entry.kind for entry in record.ledger(key=key).entries()], record.verify(key=key).ok]
        for record in records.runs()
    }
    answer = {"too_early": too_early, "told": told, "again": again, "found": found, "evidence": evidence}
    sys.stdout.write(json.dumps(answer))


def insert(plan: str, state: str, *, stale: bool, task: str | None) -> None:
    from airflow.models.dag import DagModel, DagTag
    from airflow.models.dagrun import DagRun
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session

    now = datetime.now(UTC)
    with create_session() as session:
        session.connection().exec_driver_sql("PRAGMA foreign_keys=OFF")
        model = {"dag_id": plan, "is_stale": stale, "is_paused": False, "timetable_type": "", "bundle_name": "dags"}
        model |= {
            "max_active_tasks": 16,
            "max_active_runs": 1,
            "max_consecutive_failed_dag_runs": 0,
            "has_task_concurrency_limits": False,
        }
        session.execute(DagModel.__table__.insert().values(**model))
        tag = "deployplan" if plan != "another" else "reports"
        session.execute(DagTag.__table__.insert().values(dag_id=plan, name=tag))
        run = {"dag_id": plan, "run_id": "run-1", "run_type": "manual", "state": state, "clear_number": 0}
        session.execute(DagRun.__table__.insert().values(**run, run_after=now, creating_job_id=None))
        facts = {"id": uuid4(), "task_id": "review.controls", "dag_id": plan, "run_id": "run-1", "map_index": -1}
        known = {"try_number": 1, "max_tries": 5, "pool": "default_pool", "pool_slots": 1, "state": task}
        session.execute(TaskInstance.__table__.insert().values(**facts, **known))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
