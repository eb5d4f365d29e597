"""What counts as proof that a wave was done and a criterion held."""

from pathlib import Path
from typing import Any

import pytest

from builders import a_component
from deployplan.runbook.run.proof import missing_waves, unverified_criteria
from deployplan.runbook.run.run import Run
from unit.runbook.runs import a_run, freeze, node_result, undo_ended, wave_ended

TWO_WAVES = {"components": {"web": a_component(nodes=["web-1", "web-2"], waves=[1, "100%"])}}
WITH_A_TEST = {"success": {"health": {"http": "http://{node}/health"}, "order": {"manual": "Place an order"}}}


def missing(run: Run) -> list[str]:
    return missing_waves(run.snapshot, run.read_state())[0]


def unverified(run: Run) -> list[str]:
    return unverified_criteria(run.snapshot, run.read_state())


def a_frozen_run(folder: Path, **plan: Any) -> Run:
    run = a_run(folder, **plan)
    freeze(run)
    return run


def test_a_wave_that_never_ended_is_missing(tmp_path: Path) -> None:
    run = a_frozen_run(tmp_path, **TWO_WAVES)
    assert missing(run) == ["web wave 1", "web wave 2"]
    wave_ended(run)
    assert missing(run) == ["web wave 2"]
    wave_ended(run, wave=2)
    assert missing(run) == []


def test_a_wave_whose_last_end_was_bad_is_missing(tmp_path: Path) -> None:
    run = a_frozen_run(tmp_path)
    wave_ended(run)
    wave_ended(run, ok=False, why="exit code 3")
    assert missing(run) == ["web wave 1"]


def test_a_wave_whose_scripts_ended_well_is_not_missing_although_its_gate_did_not_hold(tmp_path: Path) -> None:
    run = a_frozen_run(tmp_path)
    wave_ended(run, ok=False, why="health: fail", nodes={"web-1": node_result()})
    assert missing(run) == []


@pytest.mark.parametrize("state", ["failed", "unknown", "not_started"])
def test_a_wave_that_failed_on_one_node_is_missing_whatever_its_gate_said(tmp_path: Path, state: str) -> None:
    run = a_frozen_run(tmp_path)
    wave_ended(run, ok=False, nodes={"web-1": node_result(), "web-2": node_result(state)})
    assert missing(run) == ["web wave 1"]


def test_a_wave_that_was_undone_since_is_missing_until_it_is_done_again(tmp_path: Path) -> None:
    run = a_frozen_run(tmp_path)
    wave_ended(run)
    undo_ended(run)
    assert missing(run) == ["web wave 1"]
    wave_ended(run)
    assert missing(run) == []


def test_the_undo_of_another_component_takes_nothing_away(tmp_path: Path) -> None:
    run = a_frozen_run(tmp_path)
    wave_ended(run)
    undo_ended(run, component="database")
    assert missing(run) == []


def test_nodes_left_out_of_any_wave_are_named(tmp_path: Path) -> None:
    run = a_frozen_run(tmp_path, **TWO_WAVES)
    wave_ended(run, excluded=["web-1"])
    wave_ended(run, wave=2)
    assert missing_waves(run.snapshot, run.read_state()) == ([], {"web-1"})


def test_criteria_count_only_when_they_held_after_the_last_wave(tmp_path: Path) -> None:
    run = a_frozen_run(tmp_path)
    run.ledger.record("verified", ok=True)
    wave_ended(run)
    assert unverified(run) == ["the machine criteria"]
    run.ledger.record("verified", ok=True)
    assert unverified(run) == []
    run.ledger.record("verified", ok=False)
    assert unverified(run) == ["the machine criteria"]


def test_a_manual_test_needs_the_last_answer_to_be_yes(tmp_path: Path) -> None:
    run = a_frozen_run(tmp_path, **WITH_A_TEST)
    wave_ended(run)
    run.ledger.record("verified", ok=True)
    assert unverified(run) == ["order"]
    run.ledger.record("manual_answer", criterion="order", passed=True, person="mia")
    assert unverified(run) == []
    run.ledger.record("manual_answer", criterion="order", passed=False, person="mia")
    assert unverified(run) == ["order"]
