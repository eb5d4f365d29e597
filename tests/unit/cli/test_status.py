"""`deployplan status` reads records and plans and needs no Airflow; `hold` without one leaves evidence, too."""

import getpass
import json
from datetime import timedelta
from pathlib import Path

import pytest

from command_line import deployplan as ask
from deployplan.clock import SystemClock
from deployplan.evidence.record import Records
from unit.runbook.other_plans import OtherPlans, a_night
from unit.runbook.runs import KEY, NOON
from unit.runbook.test_take_back import PLAN, asked, released

UNTIL = "2026-11-28T21:15:00+01:00"


@pytest.fixture
def plans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OtherPlans:
    key = tmp_path / "signing.key"
    key.write_bytes(KEY)
    for name in ("DEPLOYPLAN_USER", "DEPLOYPLAN_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DEPLOYPLAN_SIGNING_KEY_FILE", str(key))
    monkeypatch.setenv("DEPLOYPLAN_RECORDS", str(tmp_path / "records"))
    monkeypatch.setenv("DEPLOYPLAN_INCLUDE", str(tmp_path / "include"))
    return OtherPlans(tmp_path)


def test_what_waits_for_whom_is_told_with_the_words_of_the_card(plans: OtherPlans) -> None:
    run = plans.run("own", a_night("tonight"))
    run.ledger.record("seat_asked", seat=1, people=["mia"], digest=run.snapshot.digest)
    run.ledger.record(
        "card_put", task="review.approve_1", people=["mia"], subject="Approve own? Seat 1 of 1", until=UNTIL
    )
    told = ask("status", "own")
    assert told.exit_code == 0, told.output
    lines = told.stdout.splitlines()
    assert lines[0] == "Needs you"
    assert "      Approve own? Seat 1 of 1" in lines
    assert "      waits for mia (review.approve_1), until 2026-11-28 20:15 UTC" in lines
    (row,) = json.loads(ask("status", "own", "--json").stdout)["rows"]
    assert (row["run"], row["question"]["people"]) == ("run-1", ["mia"])


def test_a_backout_that_is_asked_for_is_told_with_who_and_why(plans: OtherPlans) -> None:
    run = released(plans, "own", PLAN)
    plans.records.open_run("own", "run-1", run.snapshot.digest)
    asked(run)
    told = ask("status", "own").stdout
    assert "erin asks for the release to be backed out: orders are lost" in told
    assert "phase 5 of 6, backout" in told


def test_a_release_that_may_still_be_backed_out_is_not_archived(plans: OtherPlans, tmp_path: Path) -> None:
    for name, at in (("young", SystemClock().now() - timedelta(hours=1)), ("old", NOON)):
        released(plans, name, PLAN, at=at)
    archive = ("evidence", "archive", "--by", "mia", "--to", str(tmp_path / "archive"))
    refused = ask(*archive, "young/run-1")
    assert (refused.exit_code, "its release may be backed out until" in refused.stderr) == (1, True)
    assert ask(*archive, "old/run-1").exit_code == 0
    stone = Records(plans.folder / "records").tombstones.of("old", "run-1", KEY)
    assert stone is not None
    assert stone.by == "mia (no login)"  # nobody's login has proved it


def test_of_a_plan_of_which_nothing_is_known_it_is_said_where_to_look(plans: OtherPlans) -> None:
    told = ask("status", "never")
    assert told.exit_code == 1
    assert "deployplan evidence show never" in told.stderr


def test_a_damaged_record_is_told_in_its_row_and_hides_no_other(plans: OtherPlans) -> None:
    plans.run("own", a_night("tonight"))
    plans.run("other", a_night("tonight"))
    (first,) = (plans.folder / "records" / "runs" / "own" / "run-1").glob("*1.json*")
    first.write_bytes(b"{}\n")
    told = ask("status").stdout
    assert "its record cannot be believed" in told
    assert "other (shop" in told


def test_hold_and_resume_without_a_login_leave_evidence_that_says_that_nobody_logged_in(plans: OtherPlans) -> None:
    run = plans.run("own", a_night("tonight"))
    assert ask("hold", "--reason", "network works", "--by", "erin").exit_code == 0
    assert ask("hold").exit_code == 1
    assert "all is held by erin" in ask("status").stdout
    assert ask("resume", "--by", "mia").stdout.startswith("resumed; it was held by erin (no login)")
    for ledger in (run.ledger, Records(plans.folder / "records", key=KEY).people("~")):
        told = [(entry.kind, entry.facts["by"]) for entry in ledger.entries()[-2:]]
        assert told == [("all_held", "erin (no login)"), ("all_resumed", "mia (no login)")]


def test_who_gives_no_name_and_has_no_login_is_called_by_the_name_that_the_system_knows(plans: OtherPlans) -> None:
    assert ask("hold", "--reason", "network works").exit_code == 0
    assert f"held by os user {getpass.getuser()} (no login) since" in ask("hold").stdout


@pytest.mark.parametrize("words", [("approve", "own"), ("stop", "own", "--reason", "x"), ("hold", "--reason", "x")])
def test_who_is_not_logged_in_is_told_how(plans: OtherPlans, words: tuple[str, ...]) -> None:
    told = ask(*words, "--user", "mia")
    assert told.exit_code == 2
    assert "nobody is logged in" in told.stderr


def test_a_note_that_is_too_long_for_a_card_is_refused_before_anybody_is_asked(plans: OtherPlans) -> None:
    told = ask("approve", "own", "--note", "x" * 501, "--user", "mia")
    assert told.exit_code == 2
    assert "a card takes 500" in told.stderr


def test_stop_names_a_plan_or_all_of_them(plans: OtherPlans) -> None:
    assert ask("stop", "--reason", "x").exit_code == 2
    assert ask("stop", "own", "--all", "--reason", "x").exit_code == 2
