"""The window's trigger: starts at its opening, holds while it is held, and keeps nothing of what Airflow brings."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.triggers.base import TaskSuccessEvent, TriggerEvent

from builders import a_plan, a_snapshot, an_include
from deployplan.airflow_glue import context, settings, triggers, watch, window_trigger
from deployplan.airflow_glue.settings import Settings
from deployplan.airflow_glue.window_trigger import WindowTrigger, missed_in
from deployplan.evidence.hold import HoldSwitch

pytestmark = pytest.mark.airflow


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    an_include(tmp_path / "include")
    (tmp_path / "signing.key").write_bytes(b"k" * 32)
    found = Settings(tmp_path / "include", str(tmp_path / "records"), tmp_path / "signing.key")
    for module in (context, settings, triggers, watch, window_trigger):
        monkeypatch.setattr(module, "settings", lambda: found)
    monkeypatch.setattr(watch, "EVERY", 0.1)
    monkeypatch.setattr(window_trigger, "EVERY", 0.1)
    return found


def waiting(store: Settings, plan: str, opens: datetime, closes: datetime, node: str = "web-1") -> WindowTrigger:
    """The trigger of an approved run of this plan."""
    window = {"opens": opens.isoformat(timespec="seconds"), "closes": closes.isoformat(timespec="seconds")}
    components = {"web": {"nodes": [node], "deploy": "true", "undo": "true", "timeout": "1s"}}
    schedule = {"window": window, "backout_reserve": "1s"}
    snapshot = a_snapshot(plan=a_plan(plan=plan, schedule=schedule, components=components))
    records = store.record_store()
    records.save_snapshot(plan, snapshot.digest, snapshot.to_json())
    records.open_run(plan, "run-1", snapshot.digest)
    records.run(plan, "run-1").ledger(key=store.signing_key()).record("plan_frozen", digest=snapshot.digest)
    made = WindowTrigger(plan, snapshot.digest)
    made.task_instance = SimpleNamespace(run_id="run-1", task_id="window")
    return made


async def end(trigger: WindowTrigger) -> tuple[Any, datetime]:
    async for event in trigger.run():
        return event, datetime.now(UTC)
    raise AssertionError("it ended without an event")


def from_now(seconds: float) -> datetime:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).replace(microsecond=0)


async def test_runs_on_different_nodes_all_start_at_the_opening_and_not_before(store: Settings) -> None:
    opens = from_now(2)
    made = [waiting(store, f"shop-{node}", opens, opens + timedelta(hours=1), node) for node in ("web-1", "web-2")]
    for event, at in await asyncio.wait_for(asyncio.gather(*map(end, made)), 30):
        assert isinstance(event, TaskSuccessEvent)
        assert at >= opens


async def test_a_window_that_has_passed_is_missed_for_good_in_a_worker(store: Settings) -> None:
    event, _ = await asyncio.wait_for(end(waiting(store, "shop", from_now(-9), from_now(-5))), 30)
    assert type(event) is TriggerEvent  # Airflow would try a TaskFailedEvent again
    assert "does not open again" in str(missed_in(event.payload))


async def test_the_hold_switch_holds_an_open_window_until_it_is_taken_back(store: Settings) -> None:
    switch, said = HoldSwitch(store.records), asyncio.Queue[str]()
    switch.hold("network works", by="olga", at=datetime.now(UTC))
    trigger = waiting(store, "shop", from_now(-60), from_now(3600))
    loop = asyncio.get_running_loop()
    trigger.say = lambda line: loop.call_soon_threadsafe(said.put_nowait, line)  # type: ignore[method-assign]
    ending = asyncio.create_task(end(trigger))
    assert "network works" in await asyncio.wait_for(said.get(), 30)
    assert not ending.done()
    switch.resume()
    event, _ = await asyncio.wait_for(ending, 30)
    assert isinstance(event, TaskSuccessEvent)


async def test_a_freeze_that_is_written_holds_and_one_that_is_taken_out_lets_go(store: Settings) -> None:
    file = store.documents().infrastructure / "production.yaml"
    text, said = file.read_text(), asyncio.Queue[str]()
    file.write_text(f"{text}freezes: [{{name: flood, from: 2026-01-01 00:00}}]\n")
    trigger = waiting(store, "shop", from_now(-60), from_now(3600))
    loop = asyncio.get_running_loop()
    trigger.say = lambda line: loop.call_soon_threadsafe(said.put_nowait, line)  # type: ignore[method-assign]
    ending = asyncio.create_task(end(trigger))
    assert "frozen by 'flood'" in await asyncio.wait_for(said.get(), 30)
    file.write_text(text)
    event, _ = await asyncio.wait_for(ending, 30)
    assert isinstance(event, TaskSuccessEvent)


def test_what_airflow_brings_along_is_let_go_before_the_wait(store: Settings) -> None:
    trigger = waiting(store, "shop", from_now(60), from_now(3600))
    whole: dict[str, Any] = {"dag": object(), "task": object()}
    trigger.task_instance = SimpleNamespace(run_id="run-1", task_id="window", task=None)
    trigger.task_instance.task = SimpleNamespace(dag=whole["dag"])
    trigger.render_template_fields(context=whole)
    assert whole == {}
    assert trigger.task_instance.task is None
    assert trigger.serialize()[0].endswith("window_trigger.WindowTrigger")
