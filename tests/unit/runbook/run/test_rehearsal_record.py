"""A rehearsal counts for exactly what was rehearsed, and stands for the test that the controls ask for."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from builders import a_component, a_snapshot
from deployplan.evidence.kinds.backout import PlanRehearsed
from deployplan.evidence.record import Records
from deployplan.lint.controls import check_controls
from deployplan.plan.model.script import Script
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.approval_card import approval_card
from deployplan.runbook.run.rehearsal_record import last_rehearsal, with_rehearsal
from unit.runbook.runs import a_run, freeze

KEY = b"k" * 32


def a_plan_with(script: bytes, **component: Any) -> Snapshot:
    snapshot = a_snapshot(
        components={"web": a_component(**component)}, controls={"backout": {"tested": True, "allow_irreversible": True}}
    )
    return snapshot.model_copy(update={"scripts": (Script.of("undo.sh", script),)})


def note(records: Records, snapshot: Snapshot, name: str, *, ok: bool, deployed: bool = True) -> None:
    result = PlanRehearsed(
        content=snapshot.content_digest,
        environment="practice",
        by="os user tom (no login)",
        deploy_ok=deployed,
        deploy_seconds=2.5,
        backout_ok=ok,
        backout_seconds=1.5,
        problems=() if ok else ("web-1: exit 3",),
    )
    records.rehearsal(snapshot.plan.name, name).keep(result)


def is_tested(records: Records, snapshot: Snapshot) -> bool:
    judged = with_rehearsal(snapshot, last_rehearsal(records, snapshot))
    return {gate.name: gate.ok for gate in check_controls(judged)}["backout.tested"]


def test_one_byte_of_a_script_or_of_a_command_and_the_rehearsal_does_not_count(tmp_path: Path) -> None:
    records, snapshot = Records(tmp_path, key=KEY), a_plan_with(b"echo 1")
    assert not is_tested(records, snapshot)

    note(records, snapshot, "first", ok=True)

    assert is_tested(records, snapshot)
    assert not is_tested(records, a_plan_with(b"echo 2"))
    assert not is_tested(records, a_plan_with(b"echo 1", deploy="true "))
    assert is_tested(records, a_plan_with(b"echo 1", max_failures=1)), "what does not run on a node does not matter"


def test_a_later_rehearsal_whose_backout_failed_takes_the_test_away(tmp_path: Path) -> None:
    records, snapshot = Records(tmp_path, key=KEY), a_plan_with(b"echo 1")
    note(records, snapshot, "first", ok=True)
    note(records, snapshot, "second", ok=False)

    assert not is_tested(records, snapshot)


def test_a_rehearsal_whose_deploy_failed_proves_no_backout_as_what_did_not_start_was_not_undone(tmp_path: Path) -> None:
    records, snapshot = Records(tmp_path, key=KEY), a_plan_with(b"echo 1")
    note(records, snapshot, "first", ok=True)
    note(records, snapshot, "second", ok=True, deployed=False)

    assert not is_tested(records, snapshot)


def test_the_approvers_card_says_when_the_backout_was_rehearsed_and_with_what_result(tmp_path: Path) -> None:
    records, snapshot = Records(tmp_path / "records", key=KEY), a_plan_with(b"echo 1")
    run = replace(a_run(tmp_path, snapshot=snapshot), records=records)
    freeze(run)
    assert "rehearsed" not in approval_card(run, run.read_state())

    note(records, snapshot, "first", ok=False)

    told = approval_card(run, run.read_state())
    assert "**Backout of exactly these scripts and packages rehearsed** on " in told
    assert "deploy went well in 2.5 s, backout FAILED" in told
    assert "It proves the scripts, not production." in told


def test_a_record_that_this_installation_did_not_sign_is_none(tmp_path: Path) -> None:
    snapshot = a_plan_with(b"echo 1")
    note(Records(tmp_path), snapshot, "unsigned", ok=True)
    note(Records(tmp_path, key=b"o" * 32), snapshot, "forged", ok=True)

    assert not is_tested(Records(tmp_path, key=KEY), snapshot)
