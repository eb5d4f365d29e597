"""Before each wave: a hold or a freeze is waited out; a window that closes first stops the release."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from builders import a_component
from deployplan.evidence.hold import Hold
from deployplan.runbook.admission import admit_wave
from deployplan.runbook.arm import NotYet, arm, not_yet
from deployplan.runbook.decide import find_trouble
from deployplan.runbook.run.run import Run, StepFailed
from deployplan.testing import FrozenClock
from unit.runbook.runs import NOON, a_run, armed, wave_ended

WINDOW = {"opens": "2026-11-28 11:00", "closes": "2026-11-28 14:00", "timezone": "UTC"}
SCHEDULE = {"window": WINDOW, "backout_reserve": "30m"}
TWO_WAVES = {"web": a_component(nodes=["web-1", "web-2"], waves=[1, "100%"], timeout="20m")}


def a_release(tmp_path: Path, **schedule: object) -> Run:
    return a_run(tmp_path, schedule=SCHEDULE | schedule, components=TWO_WAVES)


async def admit(run: Run) -> None:
    order = run.snapshot.waves
    await admit_wave(run, order[0], order)


async def test_a_wave_that_can_be_finished_and_undone_before_closing_starts_at_once(tmp_path: Path) -> None:
    run = a_release(tmp_path)
    await admit(run)
    assert run.clock.now() == NOON


def later(run: Run, minutes: int) -> Run:
    return replace(run, clock=FrozenClock(NOON + timedelta(minutes=minutes)))


async def test_a_wave_that_could_not_be_undone_before_closing_does_not_start(tmp_path: Path) -> None:
    run = later(a_release(tmp_path), 71)  # 20 minutes of work and 30 of reserve overrun the close by one
    with pytest.raises(StepFailed, match="web wave 1 did not start"):
        await admit(run)
    assert [entry.kind for entry in run.ledger.entries()] == ["wave_held"]


async def test_only_what_is_still_to_do_has_to_fit(tmp_path: Path) -> None:
    run = later(a_release(tmp_path, on_close="hold"), 65)
    last = run.snapshot.waves[1]
    await admit_wave(run, last, (last,))


async def test_a_wave_starts_when_it_alone_fits_if_the_others_may_wait_for_the_next_window(tmp_path: Path) -> None:
    await admit(later(a_release(tmp_path, on_close="finish_wave"), 65))


@pytest.mark.parametrize("on_close", ["hold", "back_out"])
async def test_a_wave_does_not_start_when_not_all_fits_and_the_release_may_not_stay_half_done(
    tmp_path: Path, on_close: str
) -> None:
    with pytest.raises(StepFailed, match="40m of work and 30m of reserve overrun the close"):
        await admit(later(a_release(tmp_path, on_close=on_close), 65))


async def test_what_is_held_waits_and_goes_on_when_it_is_resumed(tmp_path: Path) -> None:
    holds: Iterator[Hold | None] = iter([Hold("network works", "mia", NOON)] * 3 + [None])
    run = replace(a_release(tmp_path), hold=lambda: next(holds))
    await admit(run)
    assert run.clock.now() == NOON + timedelta(seconds=6)
    waited = [entry.facts["reason"] for entry in run.ledger.entries() if entry.kind == "wave_waited"]
    assert waited == ["held by mia since 2026-11-28 12:00 UTC: network works"]


async def test_a_freeze_declared_after_the_approval_holds_until_it_ends(tmp_path: Path) -> None:
    run = a_release(tmp_path)
    environment = run.include.infrastructure / "production.yaml"
    freeze = "freezes: [{name: incident, from: 2026-11-28 11:30, to: 2026-11-28 12:10, timezone: UTC}]\n"
    environment.write_text(environment.read_text() + freeze)
    await admit(run)
    assert run.clock.now() >= NOON + timedelta(minutes=10)


@pytest.mark.parametrize(
    "freezes", ["freezes: [{name: flood, from: 2026-11-28 11:30, timezone: UTC}]\n", "freezes: 7\n"]
)
async def test_what_has_no_known_end_is_waited_for_until_the_window_closes_and_not_for_ever(
    tmp_path: Path, freezes: str
) -> None:
    daily = {"rule": "FREQ=DAILY", "first": "2026-11-28 11:00", "duration": "3h", "timezone": "UTC"}
    run = later(a_release(tmp_path, window=daily), 119)
    environment = run.include.infrastructure / "production.yaml"
    environment.write_text(environment.read_text() + freezes)
    with pytest.raises(StepFailed, match="web wave 1 did not start"):
        await admit(run)
    assert run.clock.now() == NOON + timedelta(hours=2)


@pytest.mark.parametrize(("on_close", "asks"), [("finish_wave", True), ("hold", True), ("back_out", False)])
async def test_on_close_says_who_decides_about_a_release_that_did_not_fit(
    tmp_path: Path, on_close: str, asks: bool
) -> None:
    run = a_release(tmp_path, on_close=on_close)
    armed(run)
    run.ledger.record("wave_held", component="web", wave=2, reason="too late")
    trouble = find_trouble(run, {"deploy.web.wave_2": "failed", "verify.smoke": "upstream_failed"})
    assert trouble is not None
    assert (trouble.ask, trouble.held, trouble.may_accept) == (asks, True, False)


@pytest.mark.parametrize(("on_close", "asks"), [("hold", True), ("back_out", False)])
async def test_on_close_says_who_decides_about_a_wave_that_the_close_has_ended(
    tmp_path: Path, on_close: str, asks: bool
) -> None:
    run = a_release(tmp_path, on_close=on_close)
    armed(run)
    wave_ended(run, ok=False, why="the window closed", closed=True)
    trouble = find_trouble(run, {"deploy.web.wave_1": "failed", "verify.smoke": "upstream_failed"})
    assert trouble is not None
    assert (trouble.ask, trouble.held) == (asks, True)


def test_arming_has_to_wait_while_everything_is_held_and_for_a_freeze_that_ends_within_the_window(
    tmp_path: Path,
) -> None:
    run = a_release(tmp_path)
    assert not_yet(run) is None
    assert "network works" in str(not_yet(replace(run, hold=lambda: Hold("network works", "mia", NOON))))
    environment = run.include.infrastructure / "production.yaml"
    freeze = "freezes: [{name: incident, from: 2026-11-28 11:30, to: 2026-11-28 12:10, timezone: UTC}]\n"
    environment.write_text(environment.read_text() + freeze)
    assert "incident" in str(not_yet(run))


def test_arming_does_not_wait_for_another_window_than_the_approved_one(tmp_path: Path) -> None:
    assert not_yet(later(a_release(tmp_path), 60 * 24)) is None


async def test_what_is_held_is_not_armed_and_no_node_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = replace(a_release(tmp_path), hold=lambda: Hold("network works", "mia", NOON))
    for look in ("missing_approvals", "missing_baseline"):
        monkeypatch.setattr(f"deployplan.runbook.arm.{look}", lambda _: [])
    with pytest.raises(NotYet, match="network works"):
        await arm(run, 1)
    assert not [entry for entry in run.ledger.entries() if entry.kind in {"armed", "not_ready"}]
