"""`deployplan window` as its users meet it: one verdict, and what it takes the work to be."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import Result

from builders import an_include
from deployplan.evidence.record import Records
from deployplan.plan.include import Include
from deployplan.plan.load.loading import load
from deployplan.runbook.timing.past_runs import remember

Run = Callable[..., Result]
OWN = "schedule: {window: {opens: 2026-11-28 23:00, closes: 2026-11-29 01:00}}\n"
AT = ("--at", "2026-11-28 23:30")


@pytest.fixture
def include(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Include:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DEPLOYPLAN_INCLUDE", raising=False)
    monkeypatch.setenv("DEPLOYPLAN_RECORDS", str(tmp_path / "records"))
    return an_include(tmp_path / "include", own=OWN)


def a_release_of_two_minutes(include: Include, records: Records, run_id: str) -> None:
    snapshot = load(include.plan_path("own"), include)
    records.save_snapshot("own", snapshot.digest, snapshot.to_json())
    clock = Stepping()
    ledger = records.run("own", run_id).ledger(clock=clock)
    ledger.record("plan_frozen", plan="own", run=run_id, digest=snapshot.digest)
    ledger.record("wave_started", component="web", wave=1, nodes=["web-1"], generation="1")
    clock.minute += 2
    done = {"web-1": {"state": "done", "why": "", "job": "j", "already": False}}
    ledger.record("wave_ended", component="web", wave=1, ok=True, nodes=done, excluded=[], generation="1")
    ledger.record("outcome", outcome="success", because="")
    remember(records, snapshot, run_id, ledger)


class Stepping:
    """A clock that a test moves by hand."""

    minute = 0

    def now(self) -> datetime:
        return datetime(2026, 11, 1, 12, self.minute, tzinfo=UTC)

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nobody sleeps here")


def test_the_verdict_and_what_it_takes_the_work_to_be_are_two_lines(include: Include, deployplan: Run) -> None:
    result = deployplan("window", "own", *AT)

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "open: window 'release window' closes 2026-11-29 01:00 CET, last safe start 2026-11-29 00:20 CET",
        "10m of work: web wave 1 of 1 10m (declared)",
    ]


def test_with_enough_earlier_runs_the_last_safe_start_is_later_and_the_command_says_why(
    include: Include, deployplan: Run, tmp_path: Path
) -> None:
    records = Records(tmp_path / "records")
    for number in range(5):
        a_release_of_two_minutes(include, records, f"run-{number}")

    lines = deployplan("window", "own", *AT).stdout.splitlines()
    found = json.loads(deployplan("window", "own", "--json", *AT).stdout)

    assert lines[0].endswith("last safe start 2026-11-29 00:27 CET")
    assert lines[1] == "3m of work: web wave 1 of 1 3m (p90 of 5 runs)"
    assert found["last_safe_start"] == "2026-11-28T23:27:00+00:00"
    assert found["work"]["waves"] == [{"component": "web", "wave": 1, "seconds": 180.0, "runs": 5}]
    (opening,) = json.loads(deployplan("windows", "own", "--json", "--next", "1", *AT).stdout)
    assert opening["last_safe_start"] == "2026-11-29T00:27:00+01:00"


def test_a_plan_whose_window_is_over_is_closed(include: Include, deployplan: Run) -> None:
    result = deployplan("window", "own", "--at", "2026-11-30")

    assert result.exit_code == 1
    assert "does not open again" in result.stdout


def hold(deployplan: Run) -> None:
    assert deployplan("hold", "--reason", "network works", "--by", "olga").exit_code == 0


def test_while_everything_is_held_an_open_window_is_not_open(include: Include, deployplan: Run) -> None:
    (include.plans / "own.yaml").write_text((include.plans / "own.yaml").read_text().replace(OWN, ""))
    assert deployplan("window", "own").exit_code == 0
    hold(deployplan)
    result = deployplan("window", "own", "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert (found["open"], found["reason"]) == (False, found["held"])
    assert found["held"].startswith("held by olga (no login) since ")
    assert found["held"].endswith(": network works")


def test_of_another_time_nobody_knows_whether_it_will_be_held_so_that_it_is_told_apart(
    include: Include, deployplan: Run
) -> None:
    hold(deployplan)
    for command in (("window", "own", *AT), ("windows", "own", *AT), ("calendar",)):
        result = deployplan(*command)
        assert result.exit_code == 0
        assert result.stderr.startswith("everything is held by olga (no login) since ")


def test_hold_without_a_reason_says_who_holds_and_changes_nothing(include: Include, deployplan: Run) -> None:
    result = deployplan("hold")
    assert (result.exit_code, result.stdout) == (0, "nothing is held\n")
    hold(deployplan)
    again = deployplan("hold")
    assert again.exit_code == 1
    assert again.stdout.endswith(": network works\n")
    assert deployplan("resume").stdout.startswith("resumed")
    assert deployplan("hold").exit_code == 0
