"""Run as a program: cards in a database with Airflow's own tables, seen to once; says how they are then."""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from own_tables import make_tables


def main(folder: Path) -> None:
    make_tables(folder)
    from airflow.models.dagrun import DagRun
    from airflow.models.hitl import HITLDetail
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session

    from deployplan.airflow_glue.server.card_upkeep import see_to_cards

    long_ago = datetime.now(UTC) - timedelta(minutes=5)
    with create_session() as session:
        session.connection().exec_driver_sql("PRAGMA foreign_keys=OFF")
        run = {"dag_id": "shop", "run_id": "run-1", "run_type": "manual", "state": "running", "clear_number": 0}
        session.execute(DagRun.__table__.insert().values(**run, run_after=long_ago, creating_job_id=None))
        for task, operator, state, answered in (
            ("untaken", "ApprovalSeat", "awaiting_input", long_ago),
            ("asking", "ApprovalSeat", "awaiting_input", None),
            ("just_answered", "ManualTest", "awaiting_input", datetime.now(UTC)),
            ("marked", "Decide", "success", None),
            ("another_dags", "HITLOperator", "success", None),
        ):
            ti = uuid4()
            facts = {"id": ti, "task_id": task, "dag_id": "shop", "run_id": "run-1", "operator": operator}
            known = {"map_index": -1, "try_number": 1, "max_tries": 5, "pool": "default_pool", "pool_slots": 1}
            session.execute(TaskInstance.__table__.insert().values(**facts, **known, state=state))
            card = {"ti_id": ti, "options": ["Approve"], "subject": "?", "params": {}, "params_input": {}}
            session.execute(HITLDetail.__table__.insert().values(**card, created_at=long_ago, responded_at=answered))
    told = see_to_cards()
    with create_session() as session:
        rows = session.query(TaskInstance.task_id, TaskInstance.trigger_timeout, HITLDetail.responded_at).join(
            HITLDetail, HITLDetail.ti_id == TaskInstance.id
        )
        found = {task: [deadline is not None, answered is not None] for task, deadline, answered in rows}
    sys.stdout.write(json.dumps({"told": told, "found": found, "again": see_to_cards()}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
