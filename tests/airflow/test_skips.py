"""A release that went well skips its backout in one pass; whatever leaves a doubt lets the backout look itself."""

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import TaskDeferred
from airflow.sdk.module_loading import import_string
from airflow.serialization.serialized_objects import DagSerialization
from airflow.ti_deps.deps.not_previously_skipped_dep import XCOM_SKIPMIXIN_KEY
from airflow.triggers.base import TaskSuccessEvent, TriggerEvent

from builders import a_component, a_snapshot
from deployplan.airflow_glue.dags import factory
from deployplan.airflow_glue.empty_backout import (
    KEY,
    backout_tasks,
    doubt_about,
    skips_after,
    skips_the_rest,
)
from deployplan.airflow_glue.endings import verdict_in
from deployplan.airflow_glue.plan_source import PlanSource
from deployplan.airflow_glue.tasks import host, verify_tasks
from deployplan.airflow_glue.tasks.host import TaskHost
from deployplan.airflow_glue.tasks.operators import ManualTest
from deployplan.airflow_glue.triggers.step_trigger import StepTrigger, Triggerer
from deployplan.runbook.decide import Decision, record_decision
from deployplan.runbook.run.run import Run, StepFailed
from deployplan.runbook.tasks import last_verification, must_succeed
from unit.runbook.runs import a_run, armed, wave_ended

pytestmark = pytest.mark.airflow

MANUAL = {"health": {"http": "http://{node}/health"}, "order": {"manual": "Place an order", "by": "mia"}}
COMPONENTS = {"data": a_component(nodes=["db-1"]), "web": a_component(after=["data"])}


def well(folder: Path, **plan: Any) -> Run:
    """A run whose waves and machine criteria went well."""
    run = a_run(folder, **plan)
    armed(run)
    wave_ended(run)
    run.ledger.record("verified", ok=True, why=None, criteria=[])
    return run


def green(run: Run, but: str = "") -> dict[str, str | None]:
    return {task: "success" for task in must_succeed(run.snapshot) if task != but}


def test_the_key_is_the_one_that_airflow_looks_for() -> None:
    assert KEY == XCOM_SKIPMIXIN_KEY


@pytest.mark.parametrize("success", [None, MANUAL], ids=["by machine", "by hand"])
def test_airflow_asks_the_last_verification_what_to_skip_and_every_task_of_the_backout_follows_it_directly(
    success: dict[str, Any] | None,
) -> None:
    snapshot = a_snapshot(components=COMPONENTS, **({} if success is None else {"success": success}))
    dag = factory.build_dag(snapshot)
    scheduled = DagSerialization.from_dict(json.loads(json.dumps(DagSerialization.to_dict(dag))))
    last = scheduled.get_task(last_verification(snapshot))
    assert last.inherits_from_skipmixin
    assert set(backout_tasks(snapshot)) <= set(last.downstream_task_ids)
    assert backout_tasks(snapshot) == ["backout.decide", "backout.web", "backout.data", "backout.verify"]


def test_airflow_asks_preflight_what_to_skip_and_only_the_first_seat_follows_it_directly() -> None:
    snapshot = a_snapshot(components=COMPONENTS)
    dag = DagSerialization.from_dict(json.loads(json.dumps(DagSerialization.to_dict(factory.build_dag(snapshot)))))
    preflight = dag.get_task("review.preflight")
    assert preflight.inherits_from_skipmixin
    assert skips_the_rest(snapshot) == {"skipped": ["review.approve_1"]}
    assert list(preflight.downstream_task_ids) == ["review.approve_1"]


def test_the_last_verification_of_a_good_release_skips_the_whole_backout(tmp_path: Path) -> None:
    run = well(tmp_path)
    assert skips_after(run, "verify.smoke", green(run, but="verify.smoke")) == {"skipped": backout_tasks(run.snapshot)}


def test_a_verification_that_is_not_the_last_one_skips_nothing(tmp_path: Path) -> None:
    run = well(tmp_path, success=MANUAL)
    assert skips_after(run, "verify.smoke", {}) is None
    run.ledger.record("manual_answer", criterion="order", passed=True, person="mia", why="")
    assert skips_after(run, "verify.manual_order", green(run, but="verify.manual_order")) is not None


def test_a_wave_that_a_person_marked_failed_meanwhile_leaves_the_backout_to_look_itself(tmp_path: Path) -> None:
    run = well(tmp_path)
    assert skips_after(run, "verify.smoke", green(run) | {"deploy.web.wave_1": "failed"}) is None


def test_a_wave_without_evidence_leaves_the_backout_to_look_itself(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    armed(run)
    run.ledger.record("verified", ok=True, why=None, criteria=[])
    assert skips_after(run, "verify.smoke", green(run)) is None


def test_a_task_that_is_not_green_after_the_backout_was_skipped_is_a_doubt_that_names_it(tmp_path: Path) -> None:
    run = well(tmp_path)
    assert doubt_about(run, green(run)) is None
    found = doubt_about(run, green(run) | {"verify.smoke": "failed"})
    assert found is not None
    assert found.startswith("verify.smoke is failed, and the backout was skipped: clear verify.smoke with Downstream")


def test_where_a_decision_was_taken_no_colour_is_a_doubt(tmp_path: Path) -> None:
    run = well(tmp_path)
    record_decision(run, Decision.ACCEPT, by="mia", why=[])
    assert doubt_about(run, green(run) | {"verify.smoke": "failed"}) is None


def smoked(monkeypatch: pytest.MonkeyPatch, run: Run, **how: Any) -> tuple[TriggerEvent, list[str]]:
    """The event with which verify.smoke ends in the triggerer, and what was done on the way, in order."""
    done: list[str] = []

    async def opened(_: Triggerer, *, nodes: bool = True) -> Run:
        return run

    async def states(_: Triggerer, tasks: tuple[str, ...]) -> dict[str, str | None]:
        done.append("states")
        if error := how.get("states"):
            raise error
        assert tuple(tasks) == must_succeed(run.snapshot)
        return green(run) | {"verify.smoke": how.get("state", "deferred")}

    async def verify(_: Run) -> None:
        done.append("verify")
        if error := how.get("verify"):
            raise error

    def take_back(*_: object) -> None:
        done.append("take back")
        if error := how.get("take_back"):
            raise error

    monkeypatch.setattr(Triggerer, "open", opened)
    monkeypatch.setattr(Triggerer, "states", states)
    monkeypatch.setattr(verify_tasks, "verify_smoke", verify)
    monkeypatch.setattr(host, "take_back", take_back)
    return asyncio.run(first_event(StepTrigger("shop-2", "d" * 64), "verify.smoke")), done


async def first_event(trigger: StepTrigger, task: str) -> TriggerEvent:
    trigger.task_instance = SimpleNamespace(run_id="run-1", task_id=task)
    async for event in trigger.run():
        return event
    raise AssertionError("no event")


def xcoms(event: TriggerEvent) -> Any:
    assert isinstance(event, TaskSuccessEvent)
    return event.xcoms


def test_the_skips_travel_with_the_success_itself_after_those_of_an_earlier_pass_were_taken_back(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run = well(tmp_path)
    event, done = smoked(monkeypatch, run)
    assert xcoms(event) == {KEY: {"skipped": backout_tasks(run.snapshot)}}
    assert sorted(done[:2]) == ["take back", "verify"]
    assert done[2:] == ["states"]


def test_a_manual_test_that_passed_as_the_last_verification_ends_in_the_triggerer_with_what_it_skips(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run = well(tmp_path, success=MANUAL)
    run.ledger.record("manual_answer", criterion="order", passed=True, person="mia", why="")
    task = ManualTest(task_id="verify.manual_order")
    task.of(PlanSource(run.snapshot.plan.name, run.snapshot.digest, lambda: run.snapshot))

    async def opened(host: TaskHost) -> Run:
        host.subject = "order"
        return run

    async def states(_: TaskHost, tasks: tuple[str, ...]) -> dict[str, str | None]:
        return green(run) | {"verify.manual_order": "deferred"}

    for kind in (TaskHost, Triggerer):
        monkeypatch.setattr(kind, "open", opened)
    monkeypatch.setattr(TaskHost, "states", states)
    with pytest.raises(TaskDeferred) as left:  # and has kept nothing with the task by then
        task.execute({"dag_run": SimpleNamespace(run_id="run-1")})
    path, facts = left.value.trigger.serialize()
    event = asyncio.run(first_event(import_string(path)(**facts), "verify.manual_order"))
    assert xcoms(event) == {KEY: {"skipped": backout_tasks(run.snapshot)}}


def test_a_verification_that_a_person_ended_meanwhile_skips_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert xcoms(smoked(monkeypatch, well(tmp_path), state="failed")[0]) is None


@pytest.mark.parametrize("broken", ["states", "take_back"])
def test_what_airflow_does_not_answer_costs_a_look_of_the_backout_and_no_second_verification(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, broken: str
) -> None:
    event, done = smoked(monkeypatch, well(tmp_path), **{broken: OSError("no API server")})
    assert (xcoms(event) is None) == (broken == "states")
    assert done.count("verify") == 1


def test_a_verification_that_fails_ends_with_its_own_verdict(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    event, _ = smoked(monkeypatch, well(tmp_path), verify=StepFailed("verification: health on web-1: fail"))
    assert str(verdict_in(event.payload)) == "verification: health on web-1: fail"
