"""What a run's evidence says is one value: folded once, never changed under somebody's hands, and read in full."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from deployplan.evidence import segment
from deployplan.evidence.entry import Entry
from deployplan.evidence.error import LedgerDamaged, RecordError
from deployplan.evidence.segment import segment_name
from deployplan.runbook.run.fold import StateReader, fold, fold_all
from deployplan.runbook.run.state import RunState
from unit.runbook.runs import a_run, armed, freeze, undo_ended, wave_ended


@pytest.fixture
def entries(tmp_path: Path) -> Sequence[Entry]:
    """A release that was approved twice, broke off, was backed out, and rerun."""
    run = a_run(tmp_path)
    freeze(run)
    for seat, person in enumerate(("mia", "noor"), 1):
        run.ledger.record("seat_asked", seat=seat, people=[person], digest=run.snapshot.digest, window=None)
        run.ledger.record("approved", seat=seat, person=person, digest=run.snapshot.digest, window=None)
    for number, ok in ((1, False), (2, True)):
        run.ledger.record("arming", generation=number, clear=number)
        run.ledger.record("rollback_point", node="web-1", component="web", version="1", known_by="current")
        armed(run, number)
        run.ledger.record("wave_started", component="web", wave=1, nodes=["web-1"], generation=f"run-1#{number}")
        run.ledger.record("job_started", node="web-1", job=f"j-{number}", step="deploy", component="web")
        run.ledger.record("node_lost", node="web-1", component="web", why="")
        run.ledger.record("job_ended", node="web-1", job=f"j-{number}", state="done")
        wave_ended(run, ok=ok, why=None if ok else "exit code 3")
        if not ok:
            run.ledger.record("decision", decision="back_out", by="policy", why=["exit code 3"])
            undo_ended(run)
            run.ledger.record("backout_verified", ok=True, problems=[])
        run.ledger.record("outcome", outcome="success" if ok else "backed_out", because="")
        run.ledger.seal()
    return run.ledger.entries()


def test_a_state_says_the_same_in_however_many_looks_it_was_read(entries: Sequence[Entry]) -> None:
    whole = fold_all(entries)
    for cut in range(len(entries) + 1):
        assert fold(fold_all(entries[:cut]), entries[cut:]) == whole


def test_what_somebody_holds_stays_as_it_was_when_more_is_read(entries: Sequence[Entry]) -> None:
    for cut in range(len(entries)):
        held, then = fold_all(entries[:cut]), fold_all(entries[:cut])
        fold(held, entries[cut:])
        assert held == then


def test_a_kind_of_a_newer_version_is_passed_over(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    freeze(run)
    before = run.read_state()
    run.ledger.record("teleported", node="web-1")
    after = run.read_state()
    assert after.entries == before.entries + 1
    assert fold(before, ()).review == after.review


def test_an_entry_that_does_not_say_what_its_kind_must_say_is_believed_by_nobody(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    run.ledger.record("wave_ended", component="web", wave=1, nodes={})
    with pytest.raises(RecordError, match="entry 1 of the evidence, wave_ended, cannot be read: ok is missing"):
        run.read_state()


def test_a_further_look_asks_for_the_next_names_and_lists_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = a_run(tmp_path)
    freeze(run)
    reader = StateReader(a_run(tmp_path).ledger)
    assert reader.read().entries == 1
    monkeypatch.setattr(segment, "segments", lambda _: pytest.fail("it was listed"))
    assert reader.read().entries == 1
    for _ in range(200):
        run.ledger.record("ready")
    assert reader.read().entries == 201


def test_a_further_look_finds_that_an_entry_is_gone_that_stood_before_one_of_its_own(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    freeze(run)
    assert isinstance(run.read_state(), RunState)
    run.ledger.record("ready")
    run.ledger.record("ready")
    (Path(str(run.ledger.folder)) / segment_name(2)).unlink()
    with pytest.raises(LedgerDamaged, match="entry 2: is missing"):
        run.read_state()
