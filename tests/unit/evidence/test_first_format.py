"""What the first format left is read for ever."""

from pathlib import Path

import pytest

from deployplan.evidence import Records
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


def test_the_run_of_the_first_format_that_is_under_way_is_known_as_such(records: Records) -> None:
    assert {plan: run for plan, (run, _) in records.active_plans().items()} == dict([UNDER_WAY])
    assert not {SUCCEEDED[0], BACKED_OUT[0]} & set(records.active_plans())
