"""One step, two processes that may carry it out: the same function does the same in a worker and in the triggerer."""

import asyncio
import threading
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException, TaskDeferred
from airflow.sdk.module_loading import import_string
from airflow.triggers.base import TaskSkippedEvent, TaskSuccessEvent, TriggerEvent

from builders import a_snapshot
from deployplan.airflow_glue.plan_source import PlanSource
from deployplan.airflow_glue.tasks import worker
from deployplan.airflow_glue.tasks.host import Body, TaskHost
from deployplan.airflow_glue.tasks.operators import DeployWave, PlanOperator
from deployplan.runbook.run.run import StepFailed

pytestmark = pytest.mark.airflow
TASK = "deploy.web.wave_1"
STATES = [("failed", True), ("success", True), ("deferred", False), (None, False)]


@pytest.fixture
def values(monkeypatch: pytest.MonkeyPatch) -> dict[str, str | None]:
    """The state of the task, as Airflow tells it."""
    found: dict[str, str | None] = {"state": "running"}

    async def states(_: TaskHost, tasks: list[str]) -> dict[str, str | None]:
        return dict.fromkeys(tasks, found["state"])

    monkeypatch.setattr(TaskHost, "states", states)
    return found


def operator_of(monkeypatch: pytest.MonkeyPatch, body: Body) -> PlanOperator:
    """The operator of a wave that does this."""
    monkeypatch.setattr(DeployWave, "body", staticmethod(lambda: body))
    snapshot = a_snapshot()
    source = PlanSource(snapshot.plan.name, snapshot.digest, lambda: snapshot)
    return DeployWave(task_id=TASK).of(source)


CONTEXT: Any = {"dag_run": SimpleNamespace(run_id="run-1")}


def trigger_left_by(operator: PlanOperator) -> Any:
    """The trigger, as the triggerer makes it, to which the worker has left the task."""
    with pytest.raises(TaskDeferred) as left:
        operator.execute(CONTEXT)
    path, facts = left.value.trigger.serialize()
    trigger = import_string(path)(**facts)
    trigger.task_instance = SimpleNamespace(run_id="run-1", task_id=TASK)
    return trigger


async def first_event(trigger: Any) -> TriggerEvent:
    async for event in trigger.run():
        assert isinstance(event, TriggerEvent)
        return event
    raise AssertionError("no event")


@pytest.mark.parametrize(
    ("error", "ends"),
    [(None, TaskSuccessEvent), (StepFailed("web-1: exit 1"), AirflowFailException)],
    ids=["well", "badly"],
)
def test_work_that_takes_long_is_left_to_the_triggerer_which_carries_the_same_step_to_the_same_end(
    monkeypatch: pytest.MonkeyPatch, error: Exception | None, ends: type
) -> None:
    begun, over = 0, False

    async def work() -> None:
        nonlocal begun
        begun += 1
        while not over:
            await asyncio.sleep(0.01)
        if error is not None:
            raise error

    async def body(host: TaskHost) -> None:
        await host.carry(work())

    monkeypatch.setattr(worker, "settings", lambda: SimpleNamespace(handover_after=0.2))
    operator = operator_of(monkeypatch, body)
    trigger = trigger_left_by(operator)
    over = True
    event = asyncio.run(first_event(trigger))
    assert begun == 2
    if error is None:
        assert isinstance(event, ends)
    else:
        with pytest.raises(ends, match="web-1: exit 1"):
            operator.resume(CONTEXT, event.payload)


def test_a_step_that_skips_its_task_skips_it_in_both(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(host: TaskHost) -> None:
        host.skip("nothing to do")

    operator = operator_of(monkeypatch, body)
    with pytest.raises(AirflowSkipException, match="nothing to do"):
        operator.execute(CONTEXT)

    async def leaves(host: TaskHost) -> None:
        await host.carry(asyncio.sleep(3600))

    monkeypatch.setattr(worker, "settings", lambda: SimpleNamespace(handover_after=0.0))
    trigger = trigger_left_by(operator_of(monkeypatch, leaves))
    operator_of(monkeypatch, body)
    assert isinstance(asyncio.run(first_event(trigger)), TaskSkippedEvent)


def stubborn(ended: list[str], begun: threading.Event) -> Body:
    """A step that works until it is stopped."""

    async def body(host: TaskHost) -> None:
        async def end(why: str) -> None:
            ended.append(why)

        host.if_ended(end)
        begun.set()
        await host.carry(asyncio.sleep(3600))

    return body


@pytest.mark.parametrize(("state", "is_ended"), STATES)
def test_a_worker_that_is_stopped_ends_the_work_on_the_nodes_only_if_a_person_ended_the_task(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str | None], state: str | None, is_ended: bool
) -> None:
    ended: list[str] = []
    begun = threading.Event()
    operator = operator_of(monkeypatch, stubborn(ended, begun))
    monkeypatch.setattr(worker, "settings", lambda: SimpleNamespace(handover_after=3600.0))

    def kill() -> None:
        begun.wait(60)
        values["state"] = state
        operator.on_kill()

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(AirflowFailException, match="ended from outside"):
        operator.execute(CONTEXT)
    killer.join()
    assert ended == ([f"the task was marked {state}"] if is_ended else [])


@pytest.mark.parametrize(("state", "is_ended"), STATES)
def test_a_trigger_that_is_stopped_ends_the_work_on_the_nodes_only_if_a_person_ended_the_task(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str | None], state: str | None, is_ended: bool
) -> None:
    ended: list[str] = []
    begun = threading.Event()
    monkeypatch.setattr(worker, "settings", lambda: SimpleNamespace(handover_after=0.0))
    trigger = trigger_left_by(operator_of(monkeypatch, stubborn(ended, begun)))
    begun.clear()

    async def stop() -> None:
        running = asyncio.create_task(first_event(trigger))
        while not begun.is_set():
            await asyncio.sleep(0.01)
        values["state"] = state
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await trigger.on_kill()

    asyncio.run(asyncio.wait_for(stop(), 60))
    assert ended == ([f"the task was marked {state}"] if is_ended else [])


@pytest.mark.parametrize("kind", PlanOperator.__subclasses__(), ids=lambda kind: kind.__name__)
def test_every_kind_of_task_has_one_step_and_says_what_it_does(kind: type[PlanOperator]) -> None:
    assert asyncio.iscoroutinefunction(kind.body())
    assert kind.body().__doc__
