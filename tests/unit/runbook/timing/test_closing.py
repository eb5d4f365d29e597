"""What the close of the window means for a wave that is still under way: `on_close`, to the minute."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from builders import a_snapshot
from deployplan.runbook.timing.window_close import AtClose, due_at, watching_the_close
from unit.runbook.runs import NOON, a_run

WINDOW = {"opens": "2026-11-28 11:00", "closes": "2026-11-28 14:00", "timezone": "UTC"}
AFTER = {"name": "after", "opens": "2026-11-28 14:00", "closes": "2026-11-28 15:00", "timezone": "UTC"}
CLOSE = datetime(2026, 11, 28, 14, tzinfo=UTC)


def a_schedule(on_close: str, **keys: object) -> dict[str, object]:
    return {"window": WINDOW, "on_close": on_close, "backout_reserve": "30m", **keys}


def test_a_wave_that_may_finish_is_never_ended_by_the_close() -> None:
    assert due_at(a_snapshot(schedule=a_schedule("finish_wave")), NOON) is None


def test_hold_lets_no_further_node_begin_from_the_close_on() -> None:
    due = due_at(a_snapshot(schedule=a_schedule("hold")), NOON)
    assert due is not None
    assert (due.at, due.what, due.why) == (CLOSE, AtClose.NO_MORE_NODES, "the window closed 2026-11-28 14:00 UTC")


def test_back_out_ends_the_scripts_so_early_that_the_undo_is_over_at_the_close() -> None:
    due = due_at(a_snapshot(schedule=a_schedule("back_out")), NOON)
    assert due is not None
    assert (due.at, due.what) == (CLOSE - timedelta(minutes=30), AtClose.SCRIPTS)
    assert due.why == "the window closes 2026-11-28 14:00 UTC, and 30m are kept for the backout"


def test_windows_that_touch_close_once_at_their_common_end() -> None:
    schedule = a_schedule("hold", window=None, windows=[{"name": "first", **WINDOW}, AFTER])
    due = due_at(a_snapshot(schedule=schedule), NOON)
    assert due is not None
    assert due.at == CLOSE + timedelta(hours=1)


@pytest.mark.parametrize("began", [CLOSE, CLOSE + timedelta(days=1)])
def test_a_wave_that_began_outside_every_window_has_no_close(began: datetime) -> None:
    assert due_at(a_snapshot(schedule=a_schedule("hold")), began) is None


def test_a_plan_without_windows_has_no_close() -> None:
    assert due_at(a_snapshot(schedule={"on_close": "back_out"}), NOON) is None


async def test_the_close_is_told_once_and_not_before_its_time(tmp_path: Path) -> None:
    run = a_run(tmp_path, schedule=a_schedule("back_out"))
    told: list[tuple[datetime, AtClose]] = []
    async with watching_the_close(run, NOON, lambda what, why: told.append((run.clock.now(), what))):
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert told == [(CLOSE - timedelta(minutes=30), AtClose.SCRIPTS)]


async def test_a_wave_that_is_done_before_the_close_is_told_nothing(tmp_path: Path) -> None:
    run = a_run(tmp_path, schedule=a_schedule("hold"))
    told: list[AtClose] = []
    async with watching_the_close(run, NOON, lambda what, why: told.append(what)):
        pass
    assert told == []
