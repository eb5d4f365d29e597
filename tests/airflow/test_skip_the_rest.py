"""Where nothing is to be done Airflow's own scheduler skips all between preflight and the outcome, in every shape."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from builders import a_component, a_plan, a_snapshot
from deployplan.airflow_glue.dags import factory
from deployplan.airflow_glue.empty_backout import KEY, skips_the_rest
from deployplan.plan.snapshot import Snapshot

pytestmark = pytest.mark.airflow
BEFORE = ("review.controls", "review.preflight")
LARGE = {
    "components": {"data": a_component(nodes=["db-1"]), "web": a_component(nodes=["web-1", "web-2"], after=["data"])},
    "approval": {"authorities": {"mia": "manager", "amir": "owner"}, "quorum": 2},
    "success": {"health": {"http": "http://{node}/health"}, "order": {"manual": "Place an order", "by": "mia"}},
}
LOOKS = 40
"""Looks of the scheduler that are more than enough for the whole graph."""


def a_run(snapshot: Snapshot, session: Any) -> Any:
    """The run of a plan as Airflow has it when preflight has ended well."""
    from airflow.models.dag import DagModel
    from airflow.models.dagbundle import DagBundleModel
    from airflow.models.serialized_dag import SerializedDagModel
    from airflow.models.xcom import XComModel
    from airflow.serialization.serialized_objects import DagSerialization, LazyDeserializedDAG
    from airflow.utils.types import DagRunTriggeredByType, DagRunType

    made, name = factory.build_dag(snapshot), snapshot.plan.name
    if session.get(DagBundleModel, "tests") is None:
        session.add(DagBundleModel(name="tests"))
        session.flush()
    session.merge(DagModel(dag_id=name, bundle_name="tests", is_stale=False, is_paused=False, fileloc="x"))
    session.flush()
    SerializedDagModel.write_dag(LazyDeserializedDAG.from_dag(made), bundle_name="tests", session=session)
    session.flush()
    dag = DagSerialization.from_dict(json.loads(json.dumps(DagSerialization.to_dict(made))))
    known = {"run_type": DagRunType.MANUAL, "triggered_by": DagRunTriggeredByType.TEST, "state": "running"}
    run = dag.create_dagrun(run_id="run-1", run_after=datetime.now(UTC), session=session, **known)
    run.dag = dag
    for task in BEFORE:
        run.get_task_instance(task, session=session).state = "success"
    session.flush()
    place = {"dag_id": name, "task_id": "review.preflight", "run_id": "run-1"}
    XComModel.set(KEY, skips_the_rest(snapshot), **place, session=session)
    return run


@pytest.mark.parametrize("plan", [{}, LARGE], ids=["the smallest plan", "quorum, components, a manual test"])
def test_the_scheduler_skips_all_between_preflight_and_the_outcome_which_alone_runs_and_ends_the_run_green(
    plan: dict[str, Any],
) -> None:
    from airflow.utils.db import initdb
    from airflow.utils.session import create_session

    initdb()
    snapshot = a_snapshot(plan=a_plan(plan=f"nothing-{len(plan)}", **plan))
    with create_session() as session:
        run, began = a_run(snapshot, session), list[str]()
        for _ in range(LOOKS):
            ready, _ = run.update_state(session=session, execute_callbacks=False)
            for ti in ready:
                began.append(ti.task_id)
                ti.state = "success"
            session.flush()
            if run.state != "running":
                break
        states = {ti.task_id: str(ti.state) for ti in run.get_task_instances(session=session)}
        session.rollback()
    assert began == ["outcome"]
    assert {state for task, state in states.items() if task not in (*BEFORE, "outcome")} == {"skipped"}
    assert run.state == "success"
