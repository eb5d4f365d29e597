"""Run as a program: cards in a database with Airflow's own tables, and the evidence of what they ask, seen to."""

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from own_tables import make_tables

NOW = {"subject": "now?", "options": {"Try again": ["mia"], "Back out": ["mia"]}, "people": ["mia"]}


def main(folder: Path) -> None:
    make_tables(folder)
    (folder / "include").mkdir()
    (folder / "include/people.yaml").write_text("people: {mia: {ids: ['3']}}\n")
    (folder / "signing.key").write_bytes(b"k" * 32)
    os.environ["DEPLOYPLAN_INCLUDE"] = str(folder / "include")
    os.environ["DEPLOYPLAN_RECORDS"] = str(folder / "records")
    os.environ["DEPLOYPLAN_SIGNING_KEY_FILE"] = str(folder / "signing.key")
    from airflow.models.dagrun import DagRun
    from airflow.models.hitl import HITLDetail
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session

    from deployplan.airflow_glue.context import ledger_of
    from deployplan.airflow_glue.server import stale_cards

    long_ago = datetime.now(UTC) - timedelta(minutes=5)
    ledger = ledger_of("shop", "run-1")
    with create_session() as session:
        session.connection().exec_driver_sql("PRAGMA foreign_keys=OFF")
        run = {"dag_id": "shop", "run_id": "run-1", "run_type": "manual", "state": "running", "clear_number": 0}
        session.execute(DagRun.__table__.insert().values(**run, run_after=long_ago, creating_job_id=None))
        for task in ("asked_anew", "said_already", "asked_before_this_version", "answered"):
            ti = uuid4()
            facts = {"id": ti, "task_id": task, "dag_id": "shop", "run_id": "run-1", "operator": "DeployWave"}
            known = {"map_index": -1, "try_number": 2, "max_tries": 5, "pool": "default_pool", "pool_slots": 1}
            state = {"state": "awaiting_input", "updated_at": long_ago}
            session.execute(TaskInstance.__table__.insert().values(**facts, **known, **state))
            card = {"ti_id": ti, "options": ["Try again"], "subject": "then?", "body": "It failed.", "params": {}}
            card |= {"assignees": [{"id": "9", "name": "olga"}], "params_input": {}}
            if task == "said_already":
                card |= {"options": [*NOW["options"]], "subject": "now?", "body": "It failed again."}
                card |= {"assignees": [{"id": "3", "name": "mia"}]}
            answered = long_ago if task == "answered" else None
            session.execute(HITLDetail.__table__.insert().values(**card, created_at=long_ago, responded_at=answered))
            text = {} if task == "asked_before_this_version" else {"text": "It failed again."}
            ledger.record("card_put", task=task, clear=5, **NOW, **text)
    reads: list[str] = []
    whole = stale_cards.ledger_state
    stale_cards.ledger_state = lambda plan, run_id: reads.append(plan) or whole(plan, run_id)  # type: ignore[func-returns-value]
    cards, read = stale_cards.StaleCards(), {}
    told = cards.renew()
    read["first"] = len(reads)
    cards.renew()
    read["again"] = len(reads) - read["first"]
    with create_session() as session:
        session.query(TaskInstance).filter(TaskInstance.task_id == "said_already").update(
            {"updated_at": datetime.now(UTC)}
        )
    cards.renew()
    read["parked_again"] = len(reads) - read["first"]
    with create_session() as session:
        rows = session.query(TaskInstance.task_id, HITLDetail).join(HITLDetail, HITLDetail.ti_id == TaskInstance.id)
        found = {
            task: [card.options, card.subject, card.body, [each["id"] for each in card.assignees]]
            for task, card in rows
        }
    sys.stdout.write(json.dumps({"told": told, "found": found, "read": read}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
