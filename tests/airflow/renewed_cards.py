"""Run as a program: cards in a database with Airflow's own tables, each put up once more; says what they say then."""

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

    from deployplan.airflow_glue.server.fresh_cards import renew

    long_ago = datetime.now(UTC) - timedelta(minutes=5)
    ids = {}
    with create_session() as session:
        session.connection().exec_driver_sql("PRAGMA foreign_keys=OFF")
        run = {"dag_id": "shop", "run_id": "run-1", "run_type": "manual", "state": "running", "clear_number": 0}
        session.execute(DagRun.__table__.insert().values(**run, run_after=long_ago, creating_job_id=None))
        for task, operator, answered in (
            ("asks", "DeployWave", None),
            ("answered", "DeployWave", long_ago),
            ("another_dags", "HITLOperator", None),
            ("asks_others", "ApprovalSeat", None),
        ):
            ids[task] = ti = uuid4()
            facts = {"id": ti, "task_id": task, "dag_id": "shop", "run_id": "run-1", "operator": operator}
            known = {"map_index": -1, "try_number": 2, "max_tries": 5, "pool": "default_pool", "pool_slots": 1}
            session.execute(TaskInstance.__table__.insert().values(**facts, **known, state="running"))
            card = {"ti_id": ti, "options": ["Approve"], "subject": "then?", "params": {}, "params_input": {}}
            if task == "asks_others":  # nothing of its text has changed
                card |= {"options": ["Try again"], "subject": "now?", "body": "text"}
            session.execute(HITLDetail.__table__.insert().values(**card, created_at=long_ago, responded_at=answered))
    people = [{"id": "mia", "name": "mia"}]
    wanted = {"options": ["Try again"], "subject": "now?", "body": "text", "params": {}, "assigned_users": people}
    for ti in ids.values():
        renew(ti, json.dumps(wanted | {"ti_id": str(ti)}).encode())
        renew(ti, b"no JSON")
    with create_session() as session:
        cards = {card.ti_id: card for card in session.query(HITLDetail)}
        found = {
            task: [cards[ti].options[0], cards[ti].subject, cards[ti].body, cards[ti].assignees or []]
            for task, ti in ids.items()
        }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
