"""May the plan start now, and will it fit? By earlier runs, the limits the plan declares and the freezes of today."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from builders import INFRASTRUCTURE_TEXT, a_component, a_snapshot
from deployplan.runbook.run.run import Run
from deployplan.runbook.timing.estimate import estimate
from deployplan.runbook.timing.past_runs import PastRun, WaveTime
from deployplan.runbook.timing.verdict import fits_at_all, verdict
from deployplan.window.verdict import Verdict
from unit.runbook.runs import NOON, a_run

COMPONENTS = {
    "database": a_component(nodes=["db-1"], timeout="20m"),
    "web": a_component(nodes=["web-1", "web-2"], after=["database"], waves=[1, "100%"], timeout="10m", bake="1m"),
}
SUCCESS = {
    "health": {"http": "http://{node}/health", "for": "5m"},
    "quick": {"http": "http://{node}/quick", "for": "1m"},
    "order": {"manual": "Place an order", "within": "3h"},
}


def a_window(opens: str, closes: str) -> dict[str, Any]:
    return {"opens": f"2026-11-28 {opens}", "closes": f"2026-11-28 {closes}", "timezone": "UTC"}


def judged(run: Run, *, at: datetime = NOON, left: int | None = None, past: tuple[PastRun, ...] = ()) -> Verdict:
    remaining = None if left is None else run.snapshot.waves[len(run.snapshot.waves) - left :]
    return verdict(run.snapshot, run.include, at=at, past=past, remaining=remaining)


def test_the_work_is_every_waves_timeout_and_bake_and_the_longest_soak() -> None:
    snapshot = a_snapshot(components=COMPONENTS, success=SUCCESS)
    assert estimate(snapshot, snapshot.waves, ()).work == timedelta(minutes=20 + 11 + 11 + 5)


@pytest.mark.parametrize(("left", "minutes"), [(3, 47), (2, 27), (1, 16), (0, 5)])
def test_work_that_is_done_is_not_counted_again(left: int, minutes: int) -> None:
    snapshot = a_snapshot(components=COMPONENTS, success=SUCCESS)
    assert estimate(snapshot, snapshot.waves[3 - left :], ()).work == timedelta(minutes=minutes)


def test_manual_tests_take_no_time_from_the_window() -> None:
    snapshot = a_snapshot(components={"web": a_component(timeout="1m")}, success={"order": SUCCESS["order"]})
    assert estimate(snapshot, snapshot.waves, ()).work == timedelta(minutes=1)


@pytest.mark.parametrize(("minutes", "opens"), [(17, True), (18, False)])
def test_nothing_starts_that_could_not_be_finished_and_undone_before_the_close(
    tmp_path: Path, minutes: int, opens: bool
) -> None:
    schedule = {"window": a_window("11:00", "13:00"), "backout_reserve": f"{minutes - 4}m"}  # 47 and 13 are an hour
    run = a_run(tmp_path, components=COMPONENTS, success=SUCCESS, schedule=schedule)
    assert judged(run).open is opens
    assert judged(run, left=1).open  # the canary is out: what is left still fits


def test_a_freeze_that_was_declared_after_the_approval_holds(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    assert judged(run).open
    freeze = 'freezes: [{name: incident, from: "2026-11-28 11:00", to: "2026-11-28 14:00", timezone: UTC}]\n'
    (run.include.infrastructure / "production.yaml").write_text(INFRASTRUCTURE_TEXT + freeze)
    held = judged(run)
    assert not held.open
    assert not held.missed
    assert "incident" in held.reason


@pytest.mark.parametrize("text", [None, "nodes: [", "connection: x\n", "a: &a [*a]\n"])
def test_freezes_that_cannot_be_read_hold_the_run_and_never_open_it(tmp_path: Path, text: str | None) -> None:
    run = a_run(tmp_path)
    path = run.include.infrastructure / "production.yaml"
    path.unlink() if text is None else path.write_text(text)
    held = judged(run)
    assert (held.open, held.missed) == (False, False)
    assert held.reason.startswith("held: the freezes of production cannot be read: ")


def test_work_that_fits_no_window_is_told_apart_from_work_that_comes_too_late() -> None:
    fits = a_snapshot(components=COMPONENTS, success=SUCCESS, schedule={"window": a_window("08:00", "10:00")})
    never = a_snapshot(components=COMPONENTS, success=SUCCESS, schedule={"window": a_window("08:00", "08:30")})
    assert fits_at_all(fits, at=NOON, past=())
    assert not fits_at_all(never, at=NOON, past=())


def past_runs(count: int, seconds: float) -> tuple[PastRun, ...]:
    times = tuple(
        WaveTime(name, number, of, 1, seconds)
        for name, number, of in (("database", 1, 1), ("web", 1, 2), ("web", 2, 2))
    )
    return tuple(PastRun(f"shop-{number}", "run-1", "d", "success", NOON, NOON, times) for number in range(count))


def test_a_window_too_short_for_the_declared_limits_opens_when_enough_earlier_runs_were_faster(tmp_path: Path) -> None:
    schedule = {"window": a_window("11:00", "13:00"), "backout_reserve": "30m"}  # 47 and 30 do not fit into an hour
    run = a_run(tmp_path, components=COMPONENTS, success=SUCCESS, schedule=schedule)
    assert not judged(run, past=past_runs(4, 120)).open
    assert judged(run, past=past_runs(5, 120)).open
    assert not judged(run, past=past_runs(5, 1200)).open
