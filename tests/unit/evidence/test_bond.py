"""Every entry belongs to one run of one plan and one arming of it, and nothing else is believed of it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from deployplan.canonical_json import canonical
from deployplan.evidence import LedgerDamaged, Records, RunRecord
from deployplan.evidence.entry import Bond, Entry, sign
from deployplan.evidence.kinds.verify import CardAnswered
from deployplan.evidence.segment import segment_name

KEY = b"k" * 32
MINE, OTHER = ("shop-2", "run-2"), ("shop-2", "run-1")
DIGEST = "d" * 64


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return Records(tmp_path, key=KEY)


def reviewed(record: RunRecord) -> None:
    """The evidence of a run up to its approval."""
    ledger = record.ledger()
    ledger.record("plan_frozen", plan=record.plan, run=record.run_id, digest=DIGEST)
    ledger.record("seat_asked", seat=1, people=["mia"], digest=DIGEST)
    ledger.record("approved", seat=1, person="mia", digest=DIGEST)


def test_an_entry_says_to_which_run_and_arming_it_belongs(records: Records) -> None:
    ledger = records.run(*MINE).ledger()
    ledger.record("plan_frozen")
    ledger.record("arming", generation=1, clear=0)
    ledger.record("armed", generation=1)
    ledger.record("arming", generation=2, clear=1)
    assert [entry.bond for entry in ledger.entries()] == [Bond(*MINE, number) for number in (0, 1, 1, 2)]


def test_another_process_goes_on_in_the_generation_that_it_finds(records: Records) -> None:
    first, second = records.run(*MINE).ledger(), records.run(*MINE).ledger()
    first.record("plan_frozen")
    second.record("ready")
    first.record("arming", generation=1, clear=0)
    assert second.record("armed", generation=1).bond == Bond(*MINE, 1)
    assert records.run(*MINE).verify().ok


@pytest.mark.parametrize("key", [KEY, None], ids=["with the key", "without it"])
def test_the_evidence_of_another_run_put_in_place_of_this_one_is_believed_by_nobody(
    records: Records, key: bytes | None
) -> None:
    reviewed(records.run(*OTHER))
    reviewed(records.run(*MINE))
    shutil.rmtree(records.run(*MINE).folder)
    shutil.copytree(records.run(*OTHER).folder, records.run(*MINE).folder)

    with pytest.raises(LedgerDamaged, match="entry 1: belongs to run 'run-1' of plan 'shop-2'"):
        records.run(*MINE).ledger(key=key).entries()
    found = records.run(*MINE).verify(key=key)
    assert (found.ok, found.problems) == (False, ("entry 1: belongs to run 'run-1' of plan 'shop-2'",))


def test_entries_of_another_run_over_the_first_ones_of_this_are_found_by_who_had_read_it_before(
    records: Records,
) -> None:
    reviewed(records.run(*OTHER))
    mine = records.run(*MINE).ledger()
    mine.record("plan_frozen", plan=MINE[0], run=MINE[1], digest=DIGEST)
    assert len(mine.entries()) == 1
    for seq in (1, 2, 3):
        name = segment_name(seq)
        shutil.copy(records.run(*OTHER).folder / name, records.run(*MINE).folder / name)
    with pytest.raises(LedgerDamaged, match=r"does not follow|belongs to run"):
        mine.entries()


@pytest.mark.parametrize("kind", ["seat_asked", "approved", "arming", "armed", "decision", "wave_ended", "outcome"])
def test_what_decides_stands_behind_the_freezing_of_the_plan(records: Records, kind: str) -> None:
    ledger = records.run(*MINE).ledger()
    ledger.record("refused", why="nothing was frozen yet")
    ledger.record(kind)
    with pytest.raises(LedgerDamaged, match=f"entry 2: {kind} comes before the plan was frozen"):
        ledger.entries()


def test_what_refuses_may_come_first(records: Records) -> None:
    ledger = records.run(*MINE).ledger()
    ledger.record("refused", why="nothing was frozen yet")
    ledger.record("plan_frozen")
    ledger.record("approved")
    assert len(ledger.entries()) == 3


def _with(**changes: object) -> Callable[[dict[str, object]], dict[str, object]]:
    return lambda stored: {**stored, **changes}


@pytest.mark.parametrize(
    "change",
    [_with(plan="desk-2"), _with(run="run-9"), _with(generation=7), _with(format=3)],
    ids=["plan", "run", "generation", "format"],
)
def test_neither_of_them_can_be_changed_without_the_key(
    records: Records, change: Callable[[dict[str, object]], dict[str, object]]
) -> None:
    reviewed(records.run(*MINE))
    last = records.run(*MINE).ledger().entries()[-1]
    (records.run(*MINE).folder / segment_name(last.seq)).write_bytes(canonical(change(dict(last.as_json()))) + b"\n")
    with pytest.raises(LedgerDamaged):
        records.run(*MINE).ledger().entries()


def test_an_entry_of_another_generation_is_found_even_when_it_is_signed(records: Records) -> None:
    reviewed(records.run(*MINE))
    ledger = records.run(*MINE).ledger()
    entry = Entry.of(4, ledger.entries()[-1].at, "armed", {}, prev=ledger.head, key=KEY, bond=Bond(*MINE, 5))
    assert entry.mac == sign(entry.hash, KEY)
    (records.run(*MINE).folder / segment_name(4)).write_bytes(entry.line())
    problem = "entry 4: belongs to generation 5, and stands in generation 0"
    assert records.run(*MINE).verify().problems == (problem,)


def test_a_copy_anywhere_else_is_of_the_run_that_it_says(records: Records, tmp_path: Path) -> None:
    reviewed(records.run(*MINE))
    copy = tmp_path / "audit" / "evidence"
    shutil.copytree(records.run(*MINE).folder, copy)
    found = RunRecord.at(copy)
    assert (found.plan, found.run_id) == MINE
    assert found.verify(key=KEY).ok


def test_nothing_is_added_behind_a_seal_by_who_asks_not_to(records: Records) -> None:
    ledger, late = records.run(*MINE).ledger(), records.run(*MINE).ledger()
    ledger.record("plan_frozen")
    assert late.keep_unless_sealed(CardAnswered(task="review.approve_1", person="mia")) is not None
    ledger.seal()
    assert late.keep_unless_sealed(CardAnswered(task="review.approve_1", person="mia")) is None
    assert ledger.entries()[-1].kind == "sealed"


def test_what_came_late_is_kept_apart_and_its_chain_is_checked_too(records: Records) -> None:
    record = records.run(*MINE)
    record.ledger().record("plan_frozen")
    record.ledger().seal()
    record.apart().record("answered_late", person="mia", task="review.approve_1", option="Approve")
    assert [entry.kind for entry in record.ledger().entries()] == ["plan_frozen", "sealed"]
    assert [entry.kind for entry in record.apart().entries()] == ["answered_late"]
    assert record.verify().sealed
