"""Sixty runs in every phase and with every outcome: what the page says of each is what `deployplan status` says."""

import json

import pytest
from typer.testing import Result

from command_line import deployplan
from deployplan.clock import SystemClock
from deployplan.plan.load.loading import load_all, load_infrastructure
from deployplan.printable import printable
from deployplan.runbook.run.fold import fold_all
from deployplan.runbook.run.outcome_kinds import Outcome
from deployplan.ui.progress import Phase
from deployplan.ui.run_reader import RunReader
from deployplan.ui.tonight import Lane, Sources, Tonight, TonightRow, read_tonight
from deployplan.ui.tonight_json import tonight_as_json
from prepared_store import KEY, MISSPELT, PreparedStore


@pytest.fixture(scope="module")
def found(prepared: PreparedStore) -> Tonight:
    plans = load_all(prepared.include)
    sources = Sources(
        prepared.include,
        prepared.records,
        RunReader(prepared.records),
        plans.snapshots,
        lambda environment: load_infrastructure(environment, prepared.include),
        rejected=len({problem.path for problem in plans.problems}),
    )
    return read_tonight(sources, SystemClock().now())


@pytest.fixture(scope="module")
def rows(found: Tonight) -> dict[str, TonightRow]:
    return {row.plan: row for row in found.rows}


@pytest.fixture
def ask(prepared: PreparedStore, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setenv("DEPLOYPLAN_SIGNING_KEY_FILE", str(prepared.folder / "signing.key"))
    monkeypatch.setenv("DEPLOYPLAN_RECORDS", str(prepared.folder / "records"))
    monkeypatch.setenv("DEPLOYPLAN_INCLUDE", str(prepared.folder / "include"))
    return deployplan


def test_sixty_two_runs_of_which_one_kind_cannot_be_believed_are_each_in_the_lane_of_their_kind(
    prepared: PreparedStore, rows: dict[str, TonightRow]
) -> None:
    assert len(prepared.records.runs()) == 62
    for plan, kind in prepared.kinds.items():
        row, damaged = rows[plan], kind.phase is None
        assert (row.lane, row.problem, row.outcome) == (kind.lane, damaged, kind.outcome), plan
        assert damaged or (row.progress is not None and row.progress.phase == kind.phase), plan


def test_the_kinds_are_every_phase_every_lane_and_every_outcome(
    prepared: PreparedStore, rows: dict[str, TonightRow]
) -> None:
    assert {kind.phase for kind in prepared.kinds.values()} == {None, *Phase}
    assert {kind.outcome for kind in prepared.kinds.values()} == {None, *Outcome}
    assert {row.lane for row in rows.values()} == set(Lane)
    standings = {each for row in rows.values() if row.progress for each in row.progress.nodes}
    assert len(standings) == 7


def test_the_records_are_whole_but_for_the_one_that_is_damaged(prepared: PreparedStore) -> None:
    for record in prepared.records.runs():
        kind = prepared.kinds[record.plan]
        found = record.verify(key=KEY)
        assert found.ok == (kind.phase is not None), f"{record.name}: {found.problems}"
        if found.ok:
            assert found.signed
            assert fold_all(record.ledger().entries()).frozen is not None


def test_each_row_says_what_deployplan_status_says(prepared: PreparedStore, found: Tonight, ask: object) -> None:
    told: Result = ask("status")  # type: ignore[operator]
    assert told.exit_code == 0, told.output
    said = told.stdout.splitlines()
    for row in found.rows:
        release = f" ({row.product} {row.version}, {row.environment})" if row.product else ""
        head = f"  {row.plan}{release}" + (f"  run {row.run}" if row.run else "")
        words = said[said.index(head) + 1]
        assert words.endswith(printable(row.sentence)), row.plan
    shown: Result = ask("status", "--json")  # type: ignore[operator]
    of_page = [(row["plan"], row["sentence"]) for row in tonight_as_json(found)["rows"]]  # type: ignore[attr-defined]
    assert [(row["plan"], row["sentence"]) for row in json.loads(shown.stdout)["rows"]] == of_page


def test_a_run_that_waits_says_what_deployplan_window_says(rows: dict[str, TonightRow], ask: object) -> None:
    for plan in ("shop-planned", "shop-approved", "till-frozen", "till-missed"):
        told: Result = ask("window", plan)  # type: ignore[operator]
        assert told.stdout.splitlines()[0] == printable(rows[plan].sentence)


def test_a_plan_that_cannot_be_read_is_counted(found: Tonight) -> None:
    assert found.rejected == 1
    assert MISSPELT not in {row.plan for row in found.rows}
