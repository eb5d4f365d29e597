import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import Result

from command_line import deployplan
from deployplan.evidence import LedgerDamaged, Records
from deployplan.evidence.end import End
from deployplan.evidence.ledger import Ledger

KEY = b"k" * 32


@pytest.fixture
def records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Records:
    """A store with one sealed run, and its key where the settings look for it."""
    monkeypatch.setenv("DEPLOYPLAN_RECORDS", str(tmp_path / "records"))
    monkeypatch.setenv("DEPLOYPLAN_SIGNING_KEY_FILE", str(tmp_path / "signing.key"))
    (tmp_path / "signing.key").write_bytes(KEY + b"\n")
    store = Records(tmp_path / "records", key=KEY)
    ledger = store.run("shop-4.3", "manual__1").ledger()
    ledger.record("plan_frozen", plan="shop-4.3", run="manual__1", digest="9f2c" * 16)
    ledger.record("approved", person="mia", digest="9f2c" * 16, seat=1)
    ledger.seal()
    return store


def evidence(*words: str) -> Result:
    return deployplan("evidence", *words)


def damage(records: Records) -> None:
    path = Path(str(records.run("shop-4.3", "manual__1").folder)) / "ledger-000002.jsonl"
    path.write_bytes(path.read_bytes().replace(b"mia", b"eve"))


def test_intact_evidence_ends_with_0_and_names_its_head(records: Records) -> None:
    result = evidence("verify", "manual__1")
    assert result.exit_code == 0
    assert result.stdout == (
        "shop-4.3/manual__1: intact\n"
        "entries     3\n"
        f"head        {records.find('manual__1').ledger().head}\n"
        "sealed      yes\n"
        "signatures  checked\n"
    )


def test_damaged_evidence_ends_with_1_and_says_where(records: Records) -> None:
    damage(records)
    result = evidence("verify", "shop-4.3/manual__1")
    assert result.exit_code == 1
    assert "shop-4.3/manual__1: NOT INTACT\n" in result.stdout
    assert "problem     entry 2: changed after it was written\n" in result.stdout


def test_a_run_that_does_not_exist_ends_with_2_and_a_hint_on_stderr(records: Records) -> None:
    result = evidence("verify", "manual__2")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "error: no run 'manual__2' in" in result.stderr
    assert "runs are shop-4.3/manual__1\nhint: " in result.stderr


def test_a_key_that_cannot_be_read_ends_with_2(records: Records) -> None:
    result = evidence("verify", "manual__1", "--key-file", "/nowhere/key")
    assert result.exit_code == 2
    assert "signing key /nowhere/key cannot be read: No such file or directory" in result.stderr


def test_another_key_ends_with_1(records: Records, tmp_path: Path) -> None:
    (tmp_path / "other.key").write_bytes(b"x" * 32)
    result = evidence("verify", "manual__1", "--key-file", str(tmp_path / "other.key"))
    assert result.exit_code == 1
    assert "signatures  NOT GOOD\n" in result.stdout


def test_without_a_key_it_says_that_signatures_were_not_checked(
    records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DEPLOYPLAN_SIGNING_KEY_FILE")
    monkeypatch.setenv("DEPLOYPLAN_HOME", str(tmp_path / "home"))
    result = evidence("verify", "manual__1")
    assert result.exit_code == 0
    assert "signatures  not checked, there is no key here\n" in result.stdout


def test_a_head_that_is_gone_ends_with_1(records: Records) -> None:
    assert evidence("verify", "manual__1", "--head", records.find("manual__1").ledger().head).exit_code == 0
    assert evidence("verify", "manual__1", "--head", "f" * 64).exit_code == 1


def test_a_run_under_way_is_intact_and_not_sealed(records: Records) -> None:
    records.find("manual__1").ledger().record("armed")
    result = evidence("verify", "manual__1")
    assert result.exit_code == 0
    assert "sealed      no: the run is under way, or its end was cut off" in result.stdout


def test_the_answer_for_programs_is_json(records: Records) -> None:
    answer = json.loads(evidence("verify", "manual__1", "--json").stdout)
    assert (answer["plan"], answer["run"], answer["ok"], answer["entries"]) == ("shop-4.3", "manual__1", True, 3)


def test_the_story_is_told_line_by_line(records: Records) -> None:
    result = evidence("show", "manual__1")
    assert result.exit_code == 0
    _, first, second = result.stdout.splitlines()
    assert first.endswith("mia approved digest 9f2c9f2c9f2c (seat 1)")
    assert second.endswith("sealed after 2 entries")


def test_the_story_of_damaged_evidence_is_told_with_a_warning_on_stderr(records: Records) -> None:
    damage(records)
    result = evidence("show", "manual__1")
    assert result.exit_code == 1
    assert "eve approved" in result.stdout
    assert result.stderr == "not intact: entry 2: changed after it was written\n"


def test_the_story_for_programs_holds_every_fact(records: Records) -> None:
    _, first, _ = json.loads(evidence("show", "manual__1", "--json").stdout)
    assert (first["kind"], first["facts"]["person"], first["seq"]) == ("approved", "mia", 2)
    assert first["told"] == "mia approved digest 9f2c9f2c9f2c (seat 1)"


def test_a_record_copied_to_an_auditors_machine_is_checked_there(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEPLOYPLAN_RECORDS", "/nowhere")
    assert evidence("verify", str(records.run("shop-4.3", "manual__1").folder)).exit_code == 0


@pytest.fixture
def people(records: Records) -> Records:
    """The store, and what people did to two plans while no run of theirs was under way."""
    for plan in ("shop-4.3", "never begun"):
        known = {"action": "trigger", "tasks": [], "state": None, "note": None, "accepted": True, "status": 200}
        records.people(plan).record("intervened", who="mia", did="triggered a run", **known)
    return records


@pytest.mark.parametrize("plan", ["shop-4.3", "never begun"])
def test_what_people_did_without_a_run_is_shown_and_verified_by_the_name_that_verify_all_prints(
    people: Records, plan: str
) -> None:
    assert f"people/{plan}: intact, 1 entries" in evidence("verify", "--all").stdout
    shown = evidence("show", f"people/{plan}")
    assert shown.exit_code == 0, shown.stderr
    assert shown.stdout.endswith(" UTC  mia triggered a run\n")
    told = evidence("verify", f"people/{plan}")
    assert told.exit_code == 0
    assert told.stdout.startswith(f"people/{plan}: intact\nentries     1\n")
    assert "sealed      no: it has no end (compare with --head)\nsignatures  checked\n" in told.stdout


def test_what_people_did_without_a_run_and_somebody_changed_is_not_intact(people: Records) -> None:
    head = people.people("shop-4.3").head
    assert evidence("verify", "people/shop-4.3", "--head", head).exit_code == 0
    path = Path(str(people.people("shop-4.3").folder)) / "ledger-000001.jsonl"
    path.write_bytes(path.read_bytes().replace(b"mia", b"eve"))
    for words in (("verify", "people/shop-4.3"), ("verify", "--all"), ("show", "people/shop-4.3")):
        assert evidence(*words).exit_code == 1, words
    path.unlink()
    assert evidence("verify", "people/shop-4.3").exit_code != 0


def test_what_people_did_to_one_plan_does_not_verify_under_the_name_of_another(people: Records) -> None:
    shop, other = (Path(str(people.people(plan).folder)) for plan in ("shop-4.3", "never begun"))
    shutil.rmtree(other)
    shutil.copytree(shop, other)
    for words in (("verify", "people/never begun"), ("verify", "--all"), ("show", "people/never begun")):
        told = evidence(*words)
        assert told.exit_code == 1, words
    assert "entry 1: belongs to no run of plan 'shop-4.3'" in evidence("verify", "people/never begun").stdout
    with pytest.raises(LedgerDamaged):
        people.people("never begun").entries()


def test_what_people_did_to_a_plan_verifies_where_it_was_copied_to(people: Records, tmp_path: Path) -> None:
    shutil.copytree(str(people.people("shop-4.3").folder), tmp_path / "copy")
    told = evidence("verify", str(tmp_path / "copy"))
    assert told.exit_code == 0
    assert told.stdout.startswith("people/shop-4.3: intact\n")


def test_entries_from_before_they_named_their_plan_are_read_and_told_and_none_may_follow_one_that_does(
    people: Records,
) -> None:
    old = Ledger(people.people("old").folder, key=KEY)
    old.record("intervened", who="mia")
    told = evidence("verify", "people/old")
    assert (told.exit_code, "bound       no: its first entries do not name their plan" in told.stdout) == (0, True)
    people.people("old").record("intervened", who="amir")
    assert len(people.people("old").entries()) == 2
    assert evidence("verify", "people/old").exit_code == 0
    old.record("intervened", who="eve")
    told = evidence("verify", "people/old")
    assert (told.exit_code, "entry 3: names no plan, and follows one that does" in told.stdout) == (1, True)


def test_a_plan_without_a_run_names_what_people_did_to_it(people: Records) -> None:
    result = evidence("show", "never begun")
    assert result.exit_code == 2
    assert "no run 'never begun' in" in result.stderr
    assert "besides there is people/never begun" in result.stderr


def test_tidy_puts_the_runs_that_are_over_into_one_file_each_and_they_verify(records: Records) -> None:
    for number in range(10):
        ledger = records.run("shop-4.4", f"run-{number}").ledger()
        ledger.record("plan_frozen", plan="shop-4.4", run=f"run-{number}", digest="9f2c" * 16)
        seal, at = ledger.seal(), datetime(2026, 11, 28, 20, number, tzinfo=UTC)
        records.ends.put(
            End("shop-4.4", f"run-{number}", "production", "shop", at, seal.hash, seal.seq, {}), ledger.mac
        )
    result = evidence("tidy")
    assert (result.exit_code, result.stdout) == (0, "0 runs are in one file each\n")  # the single entries stay an hour
    place = Path(str(records.run("shop-4.4", "run-3").folder))
    assert sorted(path.name for path in place.iterdir()) == [
        "ledger-000001.jsonl",
        "ledger-000002.jsonl",
        "sealed-000001-000002.jsonl",
    ]
    long_ago = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    for path in Path(str(records.root)).rglob("sealed-*"):
        os.utime(path, (long_ago, long_ago))
    assert evidence("tidy").stdout == "10 runs are in one file each\n"
    assert [path.name for path in place.iterdir()] == ["sealed-000001-000002.jsonl"]
    assert evidence("verify", "--all").exit_code == 0
    assert evidence("show", "shop-4.4/run-3").exit_code == 0


def test_tidy_leaves_a_run_that_is_not_intact_and_ends_with_1(records: Records) -> None:
    for number in range(10):
        at = datetime(2026, 11, 28, 20, number, tzinfo=UTC)
        records.ends.put(End("shop-4.3", "manual__1", "production", "shop", at, "0" * 64, 1, {}), lambda _: None)
    result = evidence("tidy")
    assert result.exit_code == 1
    assert "not intact, or gone" in result.stderr
