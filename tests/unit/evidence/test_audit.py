"""That a run has ended is known from the store, and what is missing then is told."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import Result

from command_line import deployplan
from deployplan.evidence import Records
from deployplan.evidence.audit import verify_all, verify_in_store
from deployplan.evidence.end import End
from deployplan.evidence.segment import segment_name, segments
from first_format import BACKED_OUT, SUCCEEDED, UNDER_WAY, unpack

KEY = b"k" * 32
PLAN = "shop-2"


@pytest.fixture
def records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Records:
    """A store of three runs that ended one after another, and each saw the ends of those before."""
    monkeypatch.setenv("DEPLOYPLAN_RECORDS", str(tmp_path / "records"))
    monkeypatch.setenv("DEPLOYPLAN_SIGNING_KEY_FILE", str(tmp_path / "signing.key"))
    (tmp_path / "signing.key").write_bytes(KEY + b"\n")
    store = Records(tmp_path / "records", key=KEY)
    for number in (1, 2, 3):
        began(store, f"run-{number}")
        ended(store, f"run-{number}")
    return store


def began(store: Records, run_id: str) -> None:
    store.open_run(PLAN, run_id, "d" * 64)
    store.run(PLAN, run_id).ledger().record("plan_frozen", plan=PLAN, run=run_id, ended=store.ends.heads())


def ended(store: Records, run_id: str) -> None:
    ledger = store.run(PLAN, run_id).ledger()
    ledger.record("arming", generation=1, clear=0)
    outcome = ledger.record("outcome", outcome="success", because="all is well")
    seal = ledger.seal()
    end = End(PLAN, run_id, "production", "shop", outcome.at, seal.hash, seal.seq, {})
    store.ends.put(end, ledger.mac)
    store.close_run(PLAN, run_id)


def cut(store: Records, run_id: str, entries: int = 1) -> None:
    folder = store.run(PLAN, run_id).folder
    for seq in segments(folder)[-entries:]:
        (Path(str(folder)) / segment_name(seq)).unlink()


def without_ends(store: Records, run_id: str) -> None:
    for end in store.ends.of_run(PLAN, run_id):
        (Path(str(store.root)) / "ends" / end.name).unlink()


def problems(store: Records, run_id: str) -> str:
    return "; ".join(verify_in_store(store, store.run(PLAN, run_id), KEY).problems)


def evidence(*words: str) -> Result:
    return deployplan("evidence", *words)


def test_a_store_as_it_was_written_is_in_order(records: Records) -> None:
    assert [(found.name, found.ok) for found in verify_all(records, KEY)] == [
        (f"{PLAN}/run-{number}", True) for number in (1, 2, 3)
    ]
    assert evidence("verify", "--all").exit_code == 0


@pytest.mark.parametrize("entries", [1, 2, 3])
def test_an_end_that_was_cut_off_is_told_with_exit_code_1(records: Records, entries: int) -> None:
    cut(records, "run-2", entries)
    result = evidence("verify", f"{PLAN}/run-2")
    assert result.exit_code == 1
    assert "cut off" in result.stdout
    assert evidence("verify", "--all").exit_code == 1


def test_a_ledger_that_was_cut_back_to_an_older_seal_is_found(records: Records) -> None:
    ledger = records.run(PLAN, "run-3").ledger()
    records.open_run(PLAN, "run-3", "d" * 64)
    ledger.record("arming", generation=2, clear=1)
    outcome, seal = ledger.record("outcome", outcome="backed_out", because=""), ledger.seal()
    records.ends.put(End(PLAN, "run-3", "production", "shop", outcome.at, seal.hash, seal.seq, {}), ledger.mac)
    records.close_run(PLAN, "run-3")
    assert problems(records, "run-3") == ""

    cut(records, "run-3", 3)

    assert verify_in_store(records, records.run(PLAN, "run-3"), KEY).sealed
    assert "cut off: it ended on" in problems(records, "run-3")


def test_a_note_of_an_older_end_that_somebody_wrote_without_the_key_makes_no_cut_ledger_whole(records: Records) -> None:
    end = records.ends.of_run(PLAN, "run-3")[0]
    ledger = records.run(PLAN, "run-3").ledger()
    ledger.record("arming", generation=2, clear=1)
    outcome, seal = ledger.record("outcome", outcome="backed_out", because=""), ledger.seal()
    later = End(PLAN, "run-3", "production", "shop", outcome.at, seal.hash, seal.seq, {})
    records.ends.put(later, ledger.mac)
    assert problems(records, "run-3") == ""

    cut(records, "run-3", 3)
    (Path(str(records.root)) / "ends" / later.name).unlink()
    (Path(str(records.root)) / "ends" / end.name).unlink()
    records.ends.put(end, lambda _: None)
    assert "is not signed with this key" in problems(records, "run-3")


def test_ends_of_runs_that_were_never_signed_are_as_good_as_their_entries(tmp_path: Path) -> None:
    store = Records(tmp_path / "unsigned")
    began(store, "run-1")
    ended(store, "run-1")
    assert all(found.ok for found in verify_all(store, None))
    assert "its end" not in problems(store, "run-1")


@pytest.mark.parametrize("mac", ["5", '"\u00e9"', "[]", "null"])
def test_whatever_stands_for_a_signature_of_an_end_is_none(records: Records, mac: str) -> None:
    end = records.ends.of_run(PLAN, "run-1")[0]
    place = Path(str(records.root)) / "ends" / end.name
    place.write_text(place.read_text().replace(f'"{end.mac}"', mac))
    assert "is not signed with this key" in problems(records, "run-1")
    assert records.ends.heads()[f"{PLAN}/run-1"] == end.head


def test_a_later_end_that_is_not_signed_does_not_take_the_place_of_a_signed_one_in_what_a_new_run_has_seen(
    records: Records,
) -> None:
    end = records.ends.of_run(PLAN, "run-1")[0]
    records.ends.put(replace(end, at=end.at + timedelta(days=1), head="f" * 64), lambda _: None)
    assert records.ends.heads()[f"{PLAN}/run-1"] == end.head


def test_a_note_of_an_end_that_cannot_be_read_is_told_and_not_taken_for_none(records: Records) -> None:
    end = records.ends.of_run(PLAN, "run-1")[0]
    (Path(str(records.root)) / "ends" / end.name).write_text("gone")
    assert "with which entry it ended is not known" in problems(records, "run-1")
    assert problems(records, "run-2") == ""
    assert f"ends/{end.name}" in {found.name for found in verify_all(records, KEY) if not found.ok}


def test_a_later_pass_without_its_seal_is_found(records: Records) -> None:
    records.run(PLAN, "run-3").ledger().record("arming", generation=2, clear=1)
    assert problems(records, "run-3") == "cut off: its last seal is not there"
    records.open_run(PLAN, "run-3", "d" * 64)
    assert problems(records, "run-3") == ""


def test_a_note_behind_the_seal_is_no_lost_end(records: Records) -> None:
    records.run(PLAN, "run-3").ledger().record("refused", task="deploy.arm", why="the run is over")
    assert problems(records, "run-3") == ""


def test_an_end_cut_off_together_with_the_note_of_it_is_found_by_that_it_is_not_under_way(records: Records) -> None:
    cut(records, "run-2", 2)
    without_ends(records, "run-2")
    assert "the run is not under way, and no seal is in its ledger" in problems(records, "run-2")


def test_it_is_also_found_by_the_runs_that_saw_it_end(records: Records) -> None:
    cut(records, "run-2")
    without_ends(records, "run-2")
    told = [problem for found in verify_all(records, KEY) for problem in found.problems]
    assert any("says the first entry of shop-2/run-3" in problem for problem in told)


def test_a_run_that_was_removed_is_told_as_removed(records: Records) -> None:
    shutil.rmtree(str(records.run(PLAN, "run-2").folder))
    result = evidence("verify", f"{PLAN}/run-2")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "was removed" in result.stderr
    result = evidence("verify", "--all")
    assert result.exit_code == 1
    assert "shop-2/run-2: REMOVED" in result.stdout


def test_a_run_that_was_removed_with_the_note_of_its_end_is_missed_by_those_that_saw_it(records: Records) -> None:
    shutil.rmtree(str(records.run(PLAN, "run-2").folder))
    without_ends(records, "run-2")
    result = evidence("verify", "--all")
    assert result.exit_code == 1
    assert "shop-2/run-2: REMOVED" in result.stdout


def test_a_note_of_an_end_that_somebody_else_wrote_is_found(records: Records) -> None:
    end = records.ends.of_run(PLAN, "run-1")[0]
    later = End(PLAN, "run-1", "production", "shop", datetime(2030, 1, 1, tzinfo=UTC), end.head, 4, {})
    records.ends.put(later, lambda content: "f" * 64)
    assert "is not signed with this key" in problems(records, "run-1")


def test_a_run_under_way_is_in_order_without_a_seal(records: Records) -> None:
    began(records, "run-4")
    assert problems(records, "run-4") == ""


def test_a_named_key_that_is_missing_is_exit_code_2_and_not_a_ledger_in_order(records: Records, tmp_path: Path) -> None:
    (tmp_path / "signing.key").unlink()
    for words in (("verify", f"{PLAN}/run-1"), ("verify", "--all"), ("show", f"{PLAN}/run-1")):
        result = evidence(*words)
        assert result.exit_code == 2
        assert "signing.key cannot be read" in result.stderr


def archived(tmp_path: Path, run_id: str = "run-2") -> Result:
    return evidence("archive", f"{PLAN}/{run_id}", "--to", str(tmp_path / "archive" / run_id), "--by", "mia")


def test_an_archived_run_leaves_a_tombstone_and_its_copy_is_in_order(records: Records, tmp_path: Path) -> None:
    head = records.run(PLAN, "run-2").ledger().head
    result = archived(tmp_path)
    assert result.exit_code == 0, result.output
    assert "archived by mia (no login) on" in result.stdout
    assert records.run(PLAN, "run-2").ledger().entries() == ()

    told = evidence("verify", f"{PLAN}/run-2")
    assert told.exit_code == 0
    assert head in told.stdout
    assert evidence("verify", "--all").exit_code == 0
    assert evidence("verify", str(tmp_path / "archive" / "run-2"), "--head", head).exit_code == 0


def test_a_tombstone_that_somebody_else_wrote_stands_for_nothing(records: Records, tmp_path: Path) -> None:
    archived(tmp_path)
    stone = tmp_path / "records" / "archived" / PLAN / "run-2.json"
    stone.write_text(stone.read_text().replace("mia", "eve"))
    result = evidence("verify", "--all")
    assert result.exit_code == 1
    assert "shop-2/run-2: REMOVED" in result.stdout


def not_over(records: Records) -> None:
    began(records, "run-4")


def not_intact(records: Records) -> None:
    began(records, "run-4")
    ended(records, "run-4")
    cut(records, "run-4")


@pytest.mark.parametrize("prepare", [not_over, not_intact])
def test_only_a_run_that_is_intact_and_over_is_archived(
    records: Records, tmp_path: Path, prepare: Callable[[Records], None]
) -> None:
    prepare(records)
    result = archived(tmp_path, "run-4")
    assert result.exit_code == 1
    assert records.run(PLAN, "run-4").ledger().entries()
    assert not (tmp_path / "archive").exists()


def test_a_folder_that_is_there_already_is_not_written_over(records: Records, tmp_path: Path) -> None:
    (tmp_path / "archive" / "run-2").mkdir(parents=True)
    assert archived(tmp_path).exit_code == 1
    assert records.run(PLAN, "run-2").ledger().entries()


def test_ended_runs_of_the_first_format_are_in_order_and_one_that_was_cut_is_found(tmp_path: Path) -> None:
    store = Records(unpack(tmp_path), key=KEY)
    assert [found.ok for found in verify_all(store, KEY)] == [True, True, True]
    folder = store.run(*BACKED_OUT).folder
    (Path(str(folder)) / segment_name(segments(folder)[-1])).unlink()
    assert "cut off" in "; ".join(verify_in_store(store, store.run(*BACKED_OUT), KEY).problems)
    assert verify_in_store(store, store.run(*SUCCEEDED), KEY).ok
    assert verify_in_store(store, store.run(*UNDER_WAY), KEY).ok
