"""`deployplan nodes --recorded` asks no node: it says what the page *Nodes* says, in the same words."""

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from deployplan.cli.main import build
from deployplan.runbook.timing.past_runs import remember
from unit.runbook.other_plans import OtherPlans, a_night
from unit.runbook.runs import KEY, node_result, wave_ended

INSTALLED = "shop web 2, installed by run run-1 of plan own at 2026-11-28 12:00:00 UTC, verified by run run-1"


@pytest.fixture
def plans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OtherPlans:
    """web-1 has the shop, and is held by the run of another plan, in which it failed."""
    (tmp_path / "signing.key").write_bytes(KEY)
    monkeypatch.setenv("DEPLOYPLAN_SIGNING_KEY_FILE", str(tmp_path / "signing.key"))
    monkeypatch.setenv("DEPLOYPLAN_RECORDS", str(tmp_path / "records"))
    monkeypatch.setenv("DEPLOYPLAN_INCLUDE", str(tmp_path / "include"))
    found = OtherPlans(tmp_path)
    run = found.armed("own", a_night("tonight"))
    wave_ended(run, nodes={"web-1": node_result()})
    run.ledger.record("outcome", outcome="success", because="")
    remember(found.records, run.snapshot, run.run_id, run.ledger)
    found.records.close_run("own", "run-1")
    wave_ended(found.armed("other", a_night("late")), ok=False, why="exit 3: \x1b[2Jfull")
    return found


def ask(*words: str) -> Result:
    return CliRunner().invoke(build(), ["nodes", "--recorded", *words])


def test_a_node_is_told_in_the_words_of_the_command_and_of_the_page(plans: OtherPlans) -> None:
    told = ask("web-1")
    assert told.exit_code == 0, told.output
    assert told.stdout.splitlines() == [
        "web-1 (production), by the record store",
        f"  installed  {INSTALLED}",
        "  locked     by run run-1 of plan other since 2026-11-28 12:00:00 UTC",
        "  stands     failed, in run run-1 of plan other: exit 3: \\x1b[2Jfull",
    ]
    (row,) = json.loads(ask("web-1", "--json").stdout)
    assert row["installed"][0]["sentence"] == INSTALLED


def test_all_nodes_are_told_and_csv_is_for_what_is_recorded_alone(plans: OtherPlans) -> None:
    assert [each["node"] for each in json.loads(ask("--json").stdout)] == ["db-1", "web-1", "web-2"]
    lines = list(csv.DictReader(io.StringIO(ask("--csv").stdout)))
    assert [(each["node"], each["state"]) for each in lines] == [
        ("db-1", "nothing recorded"),
        ("web-1", "failed"),
        ("web-2", "nothing recorded"),
    ]
    refused = CliRunner().invoke(build(), ["nodes", "--csv"])
    assert (refused.exit_code, "add --recorded" in refused.output) == (2, True)


def test_a_damaged_record_is_named_and_hides_nothing_else(plans: OtherPlans) -> None:
    (Path(str(plans.records.run("other", "run-1").folder)) / "ledger-000002.jsonl").write_text("{}\n")
    told = ask("web-1").stdout
    assert f"  installed  {INSTALLED}" in told
    assert "  not known  the record of other/run-1: " in told
