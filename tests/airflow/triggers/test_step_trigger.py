"""Tasks that begin in the triggerer: which do, and that what goes wrong there ends as it would have in a worker."""

import asyncio
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.definitions.param import process_params
from airflow.sdk.module_loading import import_string
from airflow.serialization.serialized_objects import DagSerialization
from airflow.triggers.base import TaskSkippedEvent, TaskSuccessEvent, TriggerEvent

from builders import a_component, a_snapshot
from deployplan.airflow_glue import triggers
from deployplan.airflow_glue.dags import factory
from deployplan.airflow_glue.endings import verdict_event, verdict_in
from deployplan.airflow_glue.tasks.host import Question, TaskHost, WaitFor
from deployplan.airflow_glue.tasks.operators import kind_of
from deployplan.airflow_glue.tasks.worker import NamedTrigger
from deployplan.airflow_glue.triggers.step_trigger import GO_ON, StepTrigger
from deployplan.errors import DeployPlanError
from deployplan.remote.masking import NOTHING
from deployplan.runbook.run.run import NotReady, Refused, StepFailed, WindowMissed
from deployplan.runbook.task_names import WINDOW_PARAM

pytestmark = pytest.mark.airflow

FACTS: dict[str, Any] = {"plan": "shop-2", "digest": "d" * 64}
COMPONENTS = {"data": a_component(nodes=["db-1"]), "web": a_component(after=["data"])}


def test_what_soaks_or_is_mostly_skipped_begins_without_a_worker_and_nothing_else_does() -> None:
    dag = factory.build_dag(a_snapshot(components=COMPONENTS))
    scheduled = DagSerialization.from_dict(json.loads(json.dumps(DagSerialization.to_dict(dag))))
    found = {task.task_id for task in dag.tasks if scheduled.get_task(task.task_id).start_from_trigger}
    assert found == {"verify.smoke", "backout.decide", "backout.web", "backout.data", "backout.verify"}


def test_a_choice_that_has_passed_stops_no_task_that_begins_in_the_triggerer() -> None:
    dag = factory.build_dag(a_snapshot(components=COMPONENTS))
    conf = {WINDOW_PARAM: "an opening that is not offered any more"}
    for task in dag.tasks:
        if task.start_from_trigger:
            assert process_params(dag, task, conf, suppress_exception=False)[WINDOW_PARAM] == conf[WINDOW_PARAM]


def test_a_trigger_is_made_again_from_what_it_tells_of_itself() -> None:
    path, facts = StepTrigger("shop-2", "d" * 64).serialize()
    assert path == "deployplan.airflow_glue.triggers.StepTrigger"
    assert StepTrigger(**facts).serialize() == (path, facts)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("StepTrigger", {"begin": "smoke"}),
        ("WaveTrigger", {"component": "web", "wave": 1, "triggered_by": None}),
        ("WaveTrigger", {"component": "web", "wave": 1, "triggered_by": "olga"}),
        ("WindowTrigger", {"said": "frozen"}),
    ],
)
def test_what_an_earlier_version_left_to_the_triggerer_is_found_there(name: str, known: dict[str, Any]) -> None:
    trigger = import_string(f"deployplan.airflow_glue.triggers.{name}")(plan="shop-2", digest="d" * 64, **known)
    assert (trigger.plan, trigger.digest) == ("shop-2", "d" * 64)


@pytest.mark.parametrize("wait", WaitFor)
def test_a_worker_leaves_a_wait_to_a_trigger_that_is_there(wait: WaitFor) -> None:
    path, facts = NamedTrigger(wait, {"plan": "shop-2", "digest": "d" * 64}).serialize()
    assert import_string(path)(**facts).serialize()[0] == path


@pytest.mark.parametrize("name", [*triggers._MODULES])
def test_a_trigger_is_known_by_the_name_of_its_room_wherever_its_module_stands(name: str) -> None:
    kind = getattr(triggers, name)
    path, stored = kind(**FACTS).serialize()
    assert path == f"deployplan.airflow_glue.triggers.{name}"
    assert type(import_string(path)(**stored)) is kind


def test_what_airflow_brings_along_is_let_go_before_the_wait() -> None:
    trigger = StepTrigger("shop-2", "d" * 64)
    whole: dict[str, Any] = {"dag": object(), "task": object()}
    trigger.task_instance = SimpleNamespace(run_id="run-1", task_id="verify.smoke", task=None)
    trigger.task_instance.task = SimpleNamespace(dag=whole["dag"])
    trigger.render_template_fields(context=whole)
    assert whole == {}
    assert trigger.task_instance.task is None


async def first_event(task: str) -> TriggerEvent:
    trigger = StepTrigger("shop-2", "d" * 64)
    trigger.task_instance = SimpleNamespace(run_id="run-1", task_id=task)
    async for event in trigger.run():
        return event
    raise AssertionError("no event")


def event_of(
    monkeypatch: pytest.MonkeyPatch, step: Callable[[TaskHost], object], task: str = "verify.smoke"
) -> TriggerEvent:
    """What the triggerer says of a task whose step does this."""

    async def body(host: TaskHost) -> None:
        step(host)

    monkeypatch.setattr(kind_of(task), "body", staticmethod(lambda: body))
    return asyncio.run(first_event(task))


def raising(error: Exception) -> Callable[[TaskHost], object]:
    def step(_: TaskHost) -> None:
        raise error

    return step


CARD = Question(("mia",), "Does it work?", "", ("Pass", "Fail"), None)
FOR_A_WORKER: dict[str, Callable[[TaskHost], object]] = {
    "a card": lambda host: host.ask(CARD),
    "a wait": lambda host: host.leave(WaitFor.LOCKS),
    "a backout": lambda host: host.need_worker("the decision is to back out"),
    "a full disk": raising(OSError("disk")),
    "a fault of ours": raising(KeyError("fact")),
}


@pytest.mark.parametrize("step", FOR_A_WORKER.values(), ids=FOR_A_WORKER)
def test_what_cannot_be_done_in_the_triggerer_is_done_whole_by_a_worker(
    monkeypatch: pytest.MonkeyPatch, step: Callable[[TaskHost], object]
) -> None:
    event = event_of(monkeypatch, step)
    assert type(event) is TriggerEvent
    assert event.payload == GO_ON
    assert verdict_in(event.payload) is None


def test_a_fault_of_a_wave_that_a_worker_has_left_is_a_try_and_sends_it_back_to_no_worker_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(OSError, match="disk"):
        event_of(monkeypatch, raising(OSError("disk")), "deploy.web.wave_1")


def test_what_ends_well_ends_in_the_triggerer(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(event_of(monkeypatch, lambda _: None), TaskSuccessEvent)
    assert isinstance(event_of(monkeypatch, lambda host: host.skip("all is well")), TaskSkippedEvent)


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
    payload = json.loads(json.dumps(event_of(monkeypatch, raising(error)).payload))
    found = verdict_in(payload)
    assert (type(found), str(found)) == (type(error), str(error))
    assert getattr(found, "problems", None) == getattr(error, "problems", None)


def test_an_event_of_an_earlier_version_is_a_failed_step() -> None:
    for event in ({"why": "the wave stopped"}, {"missed": "the wave stopped"}):
        found = verdict_in(event)
        assert isinstance(found, StepFailed)
        assert str(found) == "the wave stopped"


def test_told_says_nothing_but_json() -> None:
    assert verdict_event(NotReady(["a", "b"]), NOTHING) == {
        "error": "NotReady",
        "why": "not ready:\n- a\n- b",
        "problems": ["a", "b"],
    }
