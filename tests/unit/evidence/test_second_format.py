"""What the second format left is read for ever: two whole runs, as `make demo` carried them out."""

import tarfile
from pathlib import Path

import pytest

from deployplan.evidence import Records
from deployplan.evidence.audit import verify_all
from deployplan.evidence.kinds import event_in
from deployplan.evidence.story import story
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.outcome import judge_run
from deployplan.runbook.run.fold import fold_all
from deployplan.runbook.timing.past_runs import history_of

ARCHIVE = Path(__file__).parents[2] / "formats" / "second.tar.gz"
OUTCOMES = {"storefront-4.3.0": "success", "storefront-4.4.0": "backed_out"}


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Records:
    folder = tmp_path_factory.mktemp("second")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder)
    return Records(folder / "records", key=(folder / "signing.key").read_bytes().strip())


@pytest.mark.parametrize("plan", OUTCOMES)
def test_its_ledgers_are_intact_signed_bound_and_sealed(records: Records, plan: str) -> None:
    record = records.run(plan, "demo")
    found = record.verify(key=record._key)
    assert (found.problems, found.ok, found.signed, found.bound, found.sealed) == ((), True, True, True, True)


def test_its_store_is_whole(records: Records) -> None:
    found = list(verify_all(records, records.run("storefront-4.3.0", "demo")._key))
    assert [each.name for each in found if not each.ok] == []
    assert {each.name for each in found} >= {f"{plan}/demo" for plan in OUTCOMES}


@pytest.mark.parametrize("plan", OUTCOMES)
def test_every_entry_says_what_it_said(records: Records, plan: str) -> None:
    entries = records.run(plan, "demo").ledger().entries()
    assert all(event_in(entry) is not None for entry in entries)
    assert len(story(entries).splitlines()) == len(entries)


@pytest.mark.parametrize(("plan", "outcome"), OUTCOMES.items())
def test_its_runs_come_to_the_outcomes_that_they_came_to(records: Records, plan: str, outcome: str) -> None:
    state = fold_all(records.run(plan, "demo").ledger().entries())
    assert state.frozen is not None
    assert state.outcome is not None
    snapshot = Snapshot.from_json(records.snapshot(plan, state.frozen.digest))
    assert snapshot.digest == state.frozen.digest
    assert (str(judge_run(snapshot, state).outcome), state.outcome.event.outcome) == (outcome, outcome)
    assert len(state.review.approvals) == snapshot.plan.approval.quorum


def test_its_ends_tell_how_long_its_waves_took(records: Records) -> None:
    past = history_of(records, "practice", "storefront")
    assert [(run.plan, run.outcome, bool(run.waves)) for run in past] == [
        ("storefront-4.3.0", "success", True),
        ("storefront-4.4.0", "backed_out", False),
    ]
