"""Tasks that begin in the triggerer: which do, and that what goes wrong there ends as it would have in a worker."""

import asyncio
import json
from inspect import signature
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.definitions.param import process_params
from airflow.sdk.module_loading import import_string
from airflow.serialization.serialized_objects import DagSerialization
from airflow.triggers.base import TaskSkippedEvent, TriggerEvent

from builders import a_component, a_snapshot
from deployplan.airflow_glue import triggers
from deployplan.airflow_glue.dags import factory
from deployplan.airflow_glue.endings import verdict_event, verdict_in
from deployplan.airflow_glue.triggers import step_trigger
from deployplan.airflow_glue.triggers.step_trigger import BEGINNINGS, GO_ON, NotHere, StepTrigger
from deployplan.errors import DeployPlanError
from deployplan.remote.masking import NOTHING
from deployplan.runbook.run.run import NotReady, Refused, StepFailed, WindowMissed
from deployplan.runbook.task_names import WINDOW_PARAM

pytestmark = pytest.mark.airflow

FACTS: dict[str, Any] = {
    "plan": "shop-2",
    "digest": "d" * 64,
    "begin": "smoke",
    "component": "web",
    "wave": 1,
    "triggered_by": None,
}
COMPONENTS = {"data": a_component(nodes=["db-1"]), "web": a_component(after=["data"])}


def test_what_soaks_or_is_mostly_skipped_begins_without_a_worker_and_nothing_else_does() -> None:
    dag = factory.build_dag(a_snapshot(components=COMPONENTS))
    scheduled = DagSerialization.from_dict(json.loads(json.dumps(DagSerialization.to_dict(dag))))
    found = {
        task.task_id: task.start_trigger_args.trigger_kwargs.get("begin")
        for task in dag.tasks
        if scheduled.get_task(task.task_id).start_from_trigger
    }
    assert found == {
        "verify.smoke": "smoke",
        "backout.decide": "decide",
        "backout.web": "backout",
        "backout.data": "backout",
        "backout.verify": "backout",
    }
    assert set(found.values()) == set(BEGINNINGS)


def test_a_choice_that_has_passed_stops_no_task_that_begins_in_the_triggerer() -> None:
    dag = factory.build_dag(a_snapshot(components=COMPONENTS))
    conf = {WINDOW_PARAM: "an opening that is not offered any more"}
    for task in dag.tasks:
        if task.start_from_trigger:
            assert process_params(dag, task, conf, suppress_exception=False)[WINDOW_PARAM] == conf[WINDOW_PARAM]


def test_a_trigger_is_made_again_from_what_it_tells_of_itself() -> None:
    path, facts = StepTrigger("shop-2", "d" * 64, "smoke").serialize()
    assert path == "deployplan.airflow_glue.triggers.StepTrigger"
    assert StepTrigger(**facts).serialize() == (path, facts)


@pytest.mark.parametrize("name", [*triggers._MODULES])
def test_a_trigger_is_known_by_the_name_of_its_room_wherever_its_module_stands(name: str) -> None:
    kind = getattr(triggers, name)
    facts = {key: value for key, value in FACTS.items() if key in signature(kind.__init__).parameters}
    path, stored = kind(**facts).serialize()
    assert path == f"deployplan.airflow_glue.triggers.{name}"
    assert type(import_string(path)(**stored)) is kind


def test_what_airflow_brings_along_is_let_go_before_the_wait() -> None:
    trigger = StepTrigger("shop-2", "d" * 64, "smoke")
    whole: dict[str, Any] = {"dag": object(), "task": object()}
    trigger.task_instance = SimpleNamespace(run_id="run-1", task_id="verify.smoke", task=None)
    trigger.task_instance.task = SimpleNamespace(dag=whole["dag"])
    trigger.render_template_fields(context=whole)
    assert whole == {}
    assert trigger.task_instance.task is None


def event_of(monkeypatch: pytest.MonkeyPatch, result: TriggerEvent | Exception) -> TriggerEvent:
    async def begin(_: StepTrigger) -> TriggerEvent:
        if isinstance(result, Exception):
            raise result
        return result

    async def first() -> TriggerEvent:
        async for event in StepTrigger("shop-2", "d" * 64, "it").run():
            return event
        raise AssertionError("no event")

    monkeypatch.setattr(step_trigger, "BEGINNINGS", {"it": begin})
    return asyncio.run(first())


@pytest.mark.parametrize("error", [NotHere("a person is asked"), OSError("disk"), KeyError("fact"), ValueError("text")])
def test_what_cannot_be_done_in_the_triggerer_is_done_whole_by_a_worker(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    event = event_of(monkeypatch, error)
    assert type(event) is TriggerEvent
    assert event.payload == GO_ON
    assert verdict_in(event.payload) is None


def test_what_ends_well_ends_in_the_triggerer(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(event_of(monkeypatch, TaskSkippedEvent()), TaskSkippedEvent)


VERDICTS = [
    StepFailed("verification: health on web-1: fail"),
    Refused("the backout has run"),
    NotReady(["no approval", "frozen"]),
    WindowMissed("too late"),
]


@pytest.mark.parametrize("error", VERDICTS, ids=lambda error: type(error).__name__)
def test_a_verdict_of_the_triggerer_is_the_same_verdict_in_the_worker(
    monkeypatch: pytest.MonkeyPatch, error: DeployPlanError
) -> None:
    payload = json.loads(json.dumps(event_of(monkeypatch, error).payload))
    found = verdict_in(payload)
    assert (type(found), str(found)) == (type(error), str(error))
    assert getattr(found, "problems", None) == getattr(error, "problems", None)


def test_an_event_of_an_earlier_version_is_a_failed_step() -> None:
    assert isinstance(verdict_in({"why": "the wave stopped"}), StepFailed)


def test_told_says_nothing_but_json() -> None:
    assert verdict_event(NotReady(["a", "b"]), NOTHING) == {
        "error": "NotReady",
        "why": "not ready:\n- a\n- b",
        "problems": ["a", "b"],
    }
