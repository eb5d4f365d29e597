"""A run that Airflow no longer knows: its record is closed once, and its locks name who left them and the cure."""

from dataclasses import replace
from pathlib import Path

import pytest

from deployplan.evidence.record import Records
from deployplan.remote.errors import LockHeld
from deployplan.runbook.arm import refuse_unless_held
from deployplan.runbook.closure.close_record import close_record
from deployplan.runbook.node.lock_holder import left_by, outcome_of
from deployplan.runbook.outcome import Outcome
from deployplan.runbook.run.fold import fold_all
from deployplan.runbook.run.outcome_kinds import LEAVES_LOCKED
from deployplan.runbook.run.run import NotReady
from deployplan.testing import FrozenClock
from remote_builders import a_holder
from unit.runbook.runs import KEY, NOON, a_run

GHOST = "run-1#1"


@pytest.fixture
def records(tmp_path: Path) -> Records:
    """The store with a run of shop-2 that was armed, and then forgotten."""
    found = Records(tmp_path / "records", key=KEY)
    run = a_run(tmp_path)
    found.save_snapshot("shop-2", run.snapshot.digest, run.snapshot.to_json())
    found.open_run("shop-2", "run-1", run.snapshot.digest)
    ledger = found.run("shop-2", "run-1").ledger()
    ledger.record("plan_frozen", plan="shop-2", run="run-1", digest=run.snapshot.digest, triggered_by="erin")
    ledger.record("arming", generation=1, clear=5)
    ledger.record("armed", generation=1, nodes=["web-1"], digest=run.snapshot.digest)
    return found


def closed(records: Records) -> None:
    close_record(records, "shop-2", by="mia", why="INC0815", key=KEY, clock=FrozenClock(NOON))


def test_a_run_that_is_cleared_after_its_outcome_is_under_way(records: Records) -> None:
    ledger = records.run("shop-2", "run-1").ledger()
    assert outcome_of(fold_all(ledger.entries())) is None
    ledger.record("outcome", outcome="backout_failed", because="")
    assert outcome_of(fold_all(ledger.entries())) == "backout_failed"
    ledger.record("arming", generation=2, clear=6)
    assert outcome_of(fold_all(ledger.entries())) is None


def test_only_a_run_that_left_its_nodes_locked_is_no_reason_to_wait(records: Records, tmp_path: Path) -> None:
    holder = a_holder(GHOST, plan="shop-2")
    assert left_by(records, holder) is None
    assert left_by(None, holder) is None
    closed(records)
    assert left_by(records, holder) == "unknown"


def test_arming_names_the_run_that_left_a_lock_behind_and_the_cure_instead_of_waiting(
    records: Records, tmp_path: Path
) -> None:
    closed(records)
    run = replace(a_run(tmp_path / "next"), records=records)
    held = {"web-1": LockHeld("web-1", a_holder(GHOST, plan="shop-2"))}
    with pytest.raises(NotReady) as refused:
        refuse_unless_held(run, held)
    assert refused.value.problems == (
        "web-1 is held by run run-1 of shop-2, which has ended in unknown: look at the node, then "
        "`deployplan unlock web-1`",
    )


def test_the_outcomes_that_leave_nodes_locked_are_outcomes() -> None:
    assert set(LEAVES_LOCKED) == {Outcome.BACKOUT_FAILED, Outcome.UNKNOWN}
