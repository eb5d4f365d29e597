"""From a plan to its DAG: the table of tasks, how it looks, and what is built and loaded in which process."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from builders import a_component, a_fleet, a_snapshot, an_include, write_plan
from deployplan.airflow_glue.dags import factory, plans
from deployplan.airflow_glue.settings import Settings
from deployplan.plan.load.loading import load
from deployplan.runbook import task_names
from deployplan.runbook.tasks import StartRule, task_table

pytestmark = pytest.mark.airflow

TWO_COMPONENTS = {
    "data": a_component(nodes=["db-1"]),
    "web": a_component(nodes=["group:web"], after=["data"], waves=[1, "100%"]),
}
CRITERIA = {"health": {"http": "http://{node}/health"}, "order": {"manual": "Place an order", "by": "mia"}}


@pytest.fixture
def include(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    found = an_include(tmp_path / "include", shop_2="")
    settings = Settings(tmp_path / "include", str(tmp_path / "records"), tmp_path / "signing.key", tmp_path / "cache")
    settings.key_file.write_bytes(b"k" * 32)
    monkeypatch.setattr(plans, "settings", lambda: settings)
    return found


def test_the_table_of_a_plan_names_every_task_in_running_order() -> None:
    table = task_table(a_snapshot(components=TWO_COMPONENTS, success=CRITERIA))
    assert [(row.task, row.after, row.rule) for row in table] == [
        ("review.controls", (), StartRule.ALL_SUCCESS),
        ("review.preflight", ("review.controls",), StartRule.ALL_SUCCESS),
        ("review.approve_1", ("review.preflight",), StartRule.ALL_SUCCESS),
        ("review.baseline", ("review.approve_1",), StartRule.ALL_SUCCESS),
        ("window", ("review.baseline",), StartRule.ALL_SUCCESS),
        ("deploy.arm", ("window",), StartRule.SETUP),
        ("deploy.data.wave_1", ("deploy.arm",), StartRule.ALL_SUCCESS),
        ("deploy.web.wave_1", ("deploy.data.wave_1",), StartRule.ALL_SUCCESS),
        ("deploy.web.wave_2", ("deploy.web.wave_1",), StartRule.ALL_SUCCESS),
        ("verify.smoke", ("deploy.web.wave_2",), StartRule.ALL_SUCCESS),
        ("verify.manual_order", ("verify.smoke",), StartRule.ALL_SUCCESS),
        ("backout.decide", ("verify.manual_order",), StartRule.TEARDOWN_OF_ARM),
        ("backout.web", ("backout.decide", "verify.manual_order"), StartRule.TEARDOWN_OF_ARM),
        ("backout.data", ("backout.web", "verify.manual_order"), StartRule.TEARDOWN_OF_ARM),
        ("backout.verify", ("backout.data", "verify.manual_order"), StartRule.TEARDOWN_OF_ARM),
        ("outcome", ("verify.manual_order", "backout.verify"), StartRule.TEARDOWN_OF_RUN),
    ]


def test_the_dag_is_wired_like_the_table() -> None:
    snapshot = a_snapshot(components=TWO_COMPONENTS, success=CRITERIA)
    dag = factory.build_dag(snapshot)
    for row in task_table(snapshot):
        task = dag.get_task(row.task)
        upstream = set(row.after) | ({task_names.ARM} if row.rule is StartRule.TEARDOWN_OF_ARM else set())
        assert task.upstream_task_ids == upstream
        assert task.is_setup == (row.rule is StartRule.SETUP)
        assert task.is_teardown == (row.rule in {StartRule.TEARDOWN_OF_ARM, StartRule.TEARDOWN_OF_RUN})
    assert {task.task_id for task in dag.tasks} == {row.task for row in task_table(snapshot)}


def test_only_the_outcome_may_fail_the_run_as_a_teardown() -> None:
    dag = factory.build_dag(a_snapshot(components=TWO_COMPONENTS))
    assert [task.task_id for task in dag.tasks if task.is_teardown and task.on_failure_fail_dagrun] == ["outcome"]


def test_the_graph_reads_as_six_numbered_parts() -> None:
    dag = factory.build_dag(a_snapshot(components=TWO_COMPONENTS))
    groups = [group.group_display_name for group in dag.task_group.children.values() if hasattr(group, "children")]
    assert groups == ["1 · Review", "3 · Deploy", "4 · Verify", "5 · Backout (only when needed)"]
    assert dag.get_task("window").task_display_name == "2 · Window"
    assert dag.get_task("outcome").task_display_name == "6 · Outcome"


def test_the_graph_keeps_its_shape_at_any_fleet_size() -> None:
    def tasks(count: int) -> int:
        components = {"web": a_component(nodes=["group:web"], waves=[1, "50%", "100%"])}
        return len(factory.build_dag(a_snapshot(infrastructure=a_fleet(count), components=components)).tasks)

    assert tasks(4) == tasks(400)


def test_every_task_is_tried_again_when_it_loses_its_process() -> None:
    dag = factory.build_dag(a_snapshot(components=TWO_COMPONENTS, success=CRITERIA))
    assert {task.retries for task in dag.tasks if not task.asks_again} == {factory.RETRIES}


def test_what_may_be_half_done_in_production_takes_the_next_worker_before_any_review() -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    dag = factory.build_dag(a_snapshot(components=TWO_COMPONENTS, success=CRITERIA))
    scheduled = DagSerialization.from_dict(json.loads(json.dumps(DagSerialization.to_dict(dag))))
    weight = {task_id: task.priority_weight for task_id, task in scheduled.task_dict.items()}
    assert {task.weight_rule for task in dag.tasks} == {"absolute"}
    assert max(w for task, w in weight.items() if task.startswith("review.")) < weight["deploy.arm"]
    assert weight["deploy.web.wave_2"] < weight["backout.decide"] == weight["backout.web"] == weight["outcome"]


def test_a_dag_survives_serialisation_with_its_run_names() -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    dag = factory.build_dag(a_snapshot(components=TWO_COMPONENTS))
    again = DagSerialization.from_dict(json.loads(json.dumps(DagSerialization.to_dict(dag))))
    assert set(again.task_dict) == set(dag.task_dict)
    assert again.max_active_runs == 1
    assert again.is_paused_upon_creation is False


def test_a_run_is_named_so_that_it_can_be_read_and_typed() -> None:
    from datetime import UTC, datetime

    from deployplan.airflow_glue.dags.timetable import ReleaseTimetable

    name = ReleaseTimetable().generate_run_id(
        run_type=None, run_after=datetime(2026, 11, 28, 22, 4, 55, tzinfo=UTC), data_interval=None
    )
    assert name == "release-2026-11-28-220455"


def test_one_bad_plan_is_rejected_with_its_line_and_all_others_load(include: Any) -> None:
    write_plan(include, "shop-3", "auhtor: erin\n")
    assert set(factory.build_dags()) == {"shop-2"}
    assert [problem.text().split(": ")[0].rsplit("/", 1)[1] for problem in factory.rejected_plans()] == [
        "shop-3.yaml:3:1"
    ]


def test_a_plan_with_a_run_under_way_is_built_from_what_the_run_froze(include: Any) -> None:
    frozen = load(include.plan_path("shop-2"), include)
    records = plans.settings().record_store()
    records.save_snapshot("shop-2", frozen.digest, frozen.to_json())
    records.open_run("shop-2", "run-1", frozen.digest)
    write_plan(include, "shop-2", "auhtor: erin\n")
    wave = factory.build_dags()["shop-2"].get_task("deploy.web.wave_1")
    assert wave.snapshot.digest == frozen.digest

    include.plan_path("shop-2").unlink()
    assert set(factory.build_dags()) == {"shop-2"}
    records.close_run("shop-2", "run-1")
    assert factory.build_dags() == {}


def test_a_frozen_plan_that_cannot_be_read_is_shown_and_hurts_no_other_plan(include: Any) -> None:
    write_plan(include, "shop-3")
    records = plans.settings().record_store()
    records.save_snapshot("shop-2", "0" * 64, "{}")
    records.open_run("shop-2", "run-1", "0" * 64)
    assert set(factory.build_dags()) == {"shop-2", "shop-3"}
    assert [problem.rule for problem in factory.rejected_plans()] == ["frozen-plan"]


def test_a_task_process_builds_only_its_own_dag(include: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3, 8):
        write_plan(include, f"shop-{number}")
    built: list[str] = []
    monkeypatch.setattr(factory, "build_dag", lambda snapshot: built.append(snapshot.plan.name))
    monkeypatch.setattr(factory, "get_parsing_context", lambda: type("Context", (), {"dag_id": "shop-5"}))
    factory.build_dags()
    assert built == ["shop-5"]


def test_parsing_loads_no_ssh_library() -> None:
    libraries = ("asyncssh", "paramiko")
    code = (
        f"import sys; import deployplan.airflow_glue.dags.factory; print([m for m in {libraries} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": "plugins"},
    )
    assert done.stdout.strip().splitlines()[-1] == "[]"


def test_airflow_takes_one_plugin_file_and_nothing_of_the_package() -> None:
    from airflow._shared.module_loading import find_path_from_directory

    plugins = Path(__file__).parents[3] / "plugins"
    found = [Path(path) for path in find_path_from_directory(str(plugins), ".airflowignore", "glob")]
    assert [path.name for path in found if path.suffix == ".py"] == ["deployplan_plugin.py"]


def test_a_dag_grants_what_its_environment_says_and_nothing_where_it_says_nothing() -> None:
    assert factory.build_dag(a_snapshot()).access_control is None
    assert factory.build_dag(a_snapshot(infrastructure=a_fleet(3) | {"access": {}})).access_control == {}
    access = {"Shop engineers": "engineer", "Auditors": "viewer"}
    assert factory.build_dag(a_snapshot(infrastructure=a_fleet(3) | {"access": access})).access_control == {
        "Shop engineers": {"DAGs": {"can_read", "can_edit"}, "DAG Runs": {"can_read", "can_create"}},
        "Auditors": {"DAGs": {"can_read"}, "DAG Runs": {"can_read"}},
    }


def test_who_may_see_a_release_is_what_its_environment_says_now_also_while_a_run_is_under_way(include: Any) -> None:
    environment = include.infrastructure / "production.yaml"
    written = environment.read_text()
    environment.write_text(f"{written}access: {{Shop engineers: engineer, Auditors: viewer}}\n")
    frozen = load(include.plan_path("shop-2"), include)
    records = plans.settings().record_store()
    records.save_snapshot("shop-2", frozen.digest, frozen.to_json())
    records.open_run("shop-2", "run-1", frozen.digest)
    environment.write_text(f"{written}access: {{Auditors: viewer}}\n")
    assert set(factory.build_dags()["shop-2"].access_control) == {"Auditors"}

    plan = include.plan_path("shop-2")
    plan.write_text(plan.read_text() + "no_such_key: 1\n")  # what operations took away does not come back with this
    assert set(factory.build_dags()["shop-2"].access_control) == {"Auditors"}
    plan.unlink()
    assert set(factory.build_dags()["shop-2"].access_control) == {"Auditors"}
    environment.write_text("nodes: [\n")
    assert factory.build_dags()["shop-2"].access_control is None
    environment.unlink()
    assert factory.build_dags()["shop-2"].access_control is None
