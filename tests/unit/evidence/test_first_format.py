"""What the first format left is read for ever."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deployplan.evidence import LedgerDamaged, Records
from deployplan.evidence.entry import Bond, Entry, digest_of, sign
from deployplan.evidence.segment import list_ledger, segment_name
from deployplan.evidence.tidy import put_together, remove_singles
from first_format import BACKED_OUT, KEY, RUNS, SUCCEEDED, UNDER_WAY, unpack


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return Records(unpack(tmp_path), key=KEY)


@pytest.mark.parametrize("run", RUNS)
def test_a_ledger_of_the_first_format_is_intact(records: Records, run: tuple[str, str]) -> None:
    found = records.run(*run).verify(key=KEY)
    assert (found.ok, found.problems, found.signed) == (True, (), True)


def test_ended_ledgers_of_the_first_format_are_sealed_and_the_one_under_way_is_not(records: Records) -> None:
    assert [records.run(*run).verify(key=KEY).sealed for run in RUNS] == [True, True, False]


@pytest.mark.parametrize("run", RUNS)
def test_a_ledger_of_the_first_format_is_not_bound_to_its_run(records: Records, run: tuple[str, str]) -> None:
    assert not records.run(*run).verify(key=KEY).bound


@pytest.mark.parametrize("run", RUNS)
def test_what_is_recorded_now_continues_a_ledger_of_the_first_format(records: Records, run: tuple[str, str]) -> None:
    ledger = records.run(*run).ledger()
    entry = ledger.record("unproven", nodes=["n1"])
    assert entry.bond == Bond(*run, generation=1)
    assert ledger.entries()[-1] == entry
    assert records.run(*run).verify(key=KEY).ok


@pytest.mark.parametrize("run", RUNS)
def test_a_ledger_of_the_first_format_that_was_read_before_is_continued_and_read_on(
    records: Records, run: tuple[str, str]
) -> None:
    ledger = records.run(*run).ledger()
    before = ledger.entries()
    for _ in range(2):
        ledger.record("unproven", nodes=["n1"])
        assert len(ledger.entries()) > len(before)


@pytest.mark.parametrize("run", [SUCCEEDED, BACKED_OUT])
def test_a_ledger_of_the_first_format_that_was_put_together_is_read_and_continued(
    records: Records, run: tuple[str, str]
) -> None:
    place = records.run(*run).folder
    before = records.run(*run).ledger().entries()
    assert put_together(place, list_ledger(place))
    assert remove_singles(place, datetime.now(UTC) + timedelta(days=1))
    assert list_ledger(place).single == ()
    assert records.run(*run).ledger().entries() == before
    found = records.run(*run).verify(key=KEY)
    assert (found.ok, found.signed, found.sealed, found.entries) == (True, True, True, len(before))
    entry = records.run(*run).ledger().record("unproven", nodes=["n1"])
    assert entry.bond == Bond(*run, generation=1)
    assert records.run(*run).ledger().entries() == (*before, entry)


def test_entries_of_the_first_format_behind_one_of_the_second_are_found(records: Records) -> None:
    """Else what an old run left could be played back for ever."""
    ledger = records.run(*UNDER_WAY).ledger()
    ledger.record("unproven", nodes=["n1"])
    old = records.run(*UNDER_WAY).ledger().entries()[-2]
    behind = Entry.of(old.seq + 2, old.at, "approved", {}, prev=ledger.head, key=KEY)
    behind = replace(behind, bond=None)
    behind = replace(behind, hash=digest_of(behind.line()))
    signed = replace(behind, mac=sign(behind.hash, KEY))
    (ledger.folder / segment_name(signed.seq)).write_bytes(signed.line())
    assert "is of the first format" in str(records.run(*UNDER_WAY).verify(key=KEY).problems)
    with pytest.raises(LedgerDamaged):
        records.run(*UNDER_WAY).ledger().entries()


def test_the_run_of_the_first_format_that_is_under_way_is_known_as_such(records: Records) -> None:
    assert {plan: run for plan, (run, _) in records.active_plans().items()} == dict([UNDER_WAY])
    assert not {SUCCEEDED[0], BACKED_OUT[0]} & set(records.active_plans())
