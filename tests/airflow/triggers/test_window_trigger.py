"""The window's trigger: starts at its opening, holds while it is held, and keeps nothing of what Airflow brings."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.triggers.base import TaskSuccessEvent, TriggerEvent

from builders import a_plan, a_snapshot, an_include
from deployplan.airflow_glue import context, settings, who
from deployplan.airflow_glue.endings import verdict_in
from deployplan.airflow_glue.settings import Settings
from deployplan.airflow_glue.triggers import plan_trigger, watch, window_trigger
from deployplan.airflow_glue.triggers.window_trigger import WindowTrigger
from deployplan.evidence.hold import HoldSwitch

pytestmark = pytest.mark.airflow


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    an_include(tmp_path / "include")
    (tmp_path / "signing.key").write_bytes(b"k" * 32)
    found = Settings(tmp_path / "include", str(tmp_path / "records"), tmp_path / "signing.key")
    for module in (context, settings, plan_trigger, watch, who, window_trigger):
        monkeypatch.setattr(module, "settings", lambda: found)
    monkeypatch.setattr(watch, "EVERY", 0.1)
    monkeypatch.setattr(window_trigger, "EVERY", 0.1)
    return found


def waiting(
    store: Settings, plan: str, opens: datetime, closes: datetime, node: str = "web-1", **keys: Any
) -> WindowTrigger:
    """The trigger of an approved run of this plan."""
    window = {"opens": opens.isoformat(timespec="seconds"), "closes": closes.isoformat(timespec="seconds")}
    components = {"web": {"nodes": [node], "deploy": "true", "undo": "true", "timeout": "1s"}}
    schedule = {"window": window, "backout_reserve": "1s"}
    snapshot = a_snapshot(plan=a_plan(plan=plan, schedule=schedule, components=components, **keys))
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
    assert "does not open again" in str(verdict_in(event.payload))


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


async def test_a_hold_that_is_set_while_a_run_waits_is_told_once_however_often_its_trigger_begins_anew(
    store: Settings,
) -> None:
    on_hold = [{"to": "olga@acme.example", "on": ["on_hold"], "via": ["log"]}]
    switch, opens = HoldSwitch(store.records), from_now(3600)

    def told() -> int:
        entries = store.record_store().run("shop", "run-1").ledger().entries()
        return [entry.facts.get("moment") for entry in entries if entry.kind == "moment_reached"].count("on_hold")

    async def until_told(waits: "asyncio.Task[Any]", count: int) -> None:
        while await asyncio.to_thread(told) < count:
            assert not waits.done()
            await asyncio.sleep(0.05)

    first = waiting(store, "shop", opens, opens + timedelta(hours=1), communications=on_hold)
    waits = asyncio.create_task(end(first))
    switch.hold("network works", by="olga", at=datetime.now(UTC))
    await asyncio.wait_for(until_told(waits, 1), 60)
    waits.cancel()
    await asyncio.gather(waits, return_exceptions=True)

    again = WindowTrigger(first.plan, first.digest)
    again.task_instance = first.task_instance
    said, loop = asyncio.Queue[str](), asyncio.get_running_loop()
    again.say = lambda line: loop.call_soon_threadsafe(said.put_nowait, line)  # type: ignore[method-assign]
    waits = asyncio.create_task(end(again))
    while "network works" not in await asyncio.wait_for(said.get(), 60):
        pass  # it finds the hold that was told already
    switch.resume()
    switch.hold("power works", by="olga", at=datetime.now(UTC))
    await asyncio.wait_for(until_told(waits, 2), 60)
    waits.cancel()
    await asyncio.gather(waits, return_exceptions=True)
    assert told() == 2


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


async def one_that_starts(store: Settings) -> None:
    """A run that has waited before in this process, and waits no longer."""
    event, _ = await asyncio.wait_for(end(waiting(store, "first", from_now(-60), from_now(3600))), 30)
    assert isinstance(event, TaskSuccessEvent)


async def first_word(trigger: WindowTrigger) -> str:
    """What a waiting run says first; it is not waited for any longer."""
    said, loop = asyncio.Queue[str](), asyncio.get_running_loop()
    trigger.say = lambda line: loop.call_soon_threadsafe(said.put_nowait, line)  # type: ignore[method-assign]
    ending = asyncio.create_task(end(trigger))
    try:
        return await asyncio.wait_for(said.get(), 30)
    finally:
        assert not ending.done()
        ending.cancel()
        await asyncio.gather(ending, return_exceptions=True)


async def test_a_hold_that_was_set_while_no_run_waited_holds_the_next_one_from_its_first_look(store: Settings) -> None:
    await one_that_starts(store)
    HoldSwitch(store.records).hold("network works", by="olga", at=datetime.now(UTC))
    assert "network works" in await first_word(waiting(store, "shop", from_now(-60), from_now(3600), "web-2"))


async def test_a_freeze_that_was_written_while_no_run_waited_holds_the_next_one_from_its_first_look(
    store: Settings,
) -> None:
    await one_that_starts(store)
    file = store.documents().infrastructure / "production.yaml"
    file.write_text(f"{file.read_text()}freezes: [{{name: flood, from: 2026-01-01 00:00}}]\n")
    assert "frozen by 'flood'" in await first_word(waiting(store, "shop", from_now(-60), from_now(3600), "web-2"))


@pytest.mark.parametrize("steps", range(5))
async def test_a_wait_that_is_cancelled_as_something_changes_ends(store: Settings, steps: int) -> None:
    """So many steps of the loop later; before Python 3.12 `asyncio.wait_for` lost it, and the trigger went on."""
    watch_of_it = watch.Watch()
    waits = asyncio.create_task(watch_of_it.change(None, 60.0))
    await asyncio.sleep(0.05)
    watch_of_it._changed.set()
    for _ in range(steps):
        await asyncio.sleep(0)
    in_time = waits.cancel()
    await asyncio.wait({waits}, timeout=30)
    assert waits.cancelled() is in_time


def test_an_environment_whose_file_changes_again_under_the_same_time_and_size_is_read_again(store: Settings) -> None:
    watch_of_it, file = watch.Watch(), store.documents().infrastructure / "production.yaml"
    before = file.read_text()
    for name in ("flood", "storm"):
        file.write_text(f"{before}freezes: [{{name: {name}, from: 2026-01-01 00:00}}]\n")
        os.utime(file, (0, 0))
        assert [each.name for each in watch_of_it.environment("production").freezes] == [name]


def test_a_file_that_has_rested_is_parsed_once_for_all(store: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "TICK", -60.0)
    watch_of_it = watch.Watch()
    assert watch_of_it.environment("production") is watch_of_it.environment("production")
