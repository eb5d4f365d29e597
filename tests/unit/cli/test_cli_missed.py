"""`deployplan missed` after an outage: what was not released, whose it is, and what became of its run."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from builders import an_include, write_plan
from deployplan.evidence.record import Records
from deployplan.plan.include import Include
from deployplan.plan.load.loading import load
from deployplan.runbook.timing.past_runs import remember

Run = Callable[..., Result]
NIGHT = "schedule: {window: {opens: 2026-11-28 22:00, closes: 2026-11-29 02:00}}\n"
AFTER = ("--at", "2026-12-01")


@pytest.fixture
def include(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Include:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DEPLOYPLAN_RECORDS", str(tmp_path / "records"))
    monkeypatch.delenv("DEPLOYPLAN_INCLUDE", raising=False)
    return an_include(tmp_path / "include", shop_2=NIGHT)


def records() -> Records:
    return Records("records")


def begun(include: Include, plan: str = "shop-2") -> None:
    """A run of the plan that is under review."""
    snapshot = load(include.plan_path(plan), include)
    records().save_snapshot(plan, snapshot.digest, snapshot.to_json())
    records().open_run(plan, "run-1", snapshot.digest)
    records().run(plan, "run-1").ledger().record("plan_frozen", plan=plan, run="run-1", digest=snapshot.digest)


def ended(include: Include, outcome: str, plan: str = "shop-2") -> None:
    begun(include, plan)
    ledger = records().run(plan, "run-1").ledger()
    ledger.record("outcome", outcome=outcome, because="of this test")
    remember(records(), load(include.plan_path(plan), include), "run-1", ledger)
    records().close_run(plan, "run-1")


def told(deployplan: Run, *words: str) -> list[dict[str, str | None]]:
    found: list[dict[str, str | None]] = json.loads(deployplan("missed", "--json", *(words or AFTER)).stdout)
    return found


def test_a_plan_whose_window_has_passed_without_a_run_is_listed_with_its_owner(
    include: Include, deployplan: Run
) -> None:
    result = deployplan("missed", *AFTER)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "plan    owner  what became of it  why",
        "shop-2  erin   no run             closed: window 'release window' closed 2026-11-29 02:00 CET and does not "
        "open again",
    ]


def test_a_plan_whose_window_is_ahead_or_comes_back_is_not_listed(include: Include, deployplan: Run) -> None:
    write_plan(
        include, "weekly", "schedule: {window: {rule: FREQ=WEEKLY;BYDAY=SA, first: 2026-01-03 22:00, duration: 4h}}"
    )
    write_plan(include, "any-time")
    assert told(deployplan, "--at", "2026-11-28") == []
    assert [each["plan"] for each in told(deployplan)] == ["shop-2"]
    assert deployplan("missed", "--at", "2026-11-28").stderr == "no plan has missed its windows\n"


@pytest.mark.parametrize("outcome", ["window_missed", "expired", "not_ready"])
def test_a_run_that_came_to_nothing_is_told_with_its_outcome(include: Include, deployplan: Run, outcome: str) -> None:
    ended(include, outcome)
    (found,) = told(deployplan)
    assert (found["run"], found["outcome"], found["owner"]) == ("run-1", outcome, "erin")


@pytest.mark.parametrize("outcome", ["success", "success_with_issues", "backed_out", "rejected", "terminated"])
def test_a_plan_that_was_released_or_decided_about_is_not_listed(
    include: Include, deployplan: Run, outcome: str
) -> None:
    ended(include, outcome)
    assert told(deployplan) == []


def test_a_run_that_still_waits_for_approval_is_listed_and_one_under_way_is_not(
    include: Include, deployplan: Run
) -> None:
    begun(include)
    assert "run-1 is in review" in deployplan("missed", *AFTER).stdout
    records().run("shop-2", "run-1").ledger().record("armed", generation=1, nodes=["web-1"])
    assert told(deployplan) == []


def test_a_run_whose_chosen_opening_has_passed_is_listed_although_its_windows_come_back(
    include: Include, deployplan: Run
) -> None:
    weekly = "schedule: {window: {rule: FREQ=WEEKLY;BYDAY=SA, first: 2026-01-03 22:00, duration: 4h}}\n"
    write_plan(include, "weekly", weekly)
    begun(include, "weekly")
    times = {
        "opens": "2026-11-28T21:00:00Z",
        "closes": "2026-11-29T01:00:00Z",
        "last_safe_start": "2026-11-29T00:20:00Z",
    }
    records().run("weekly", "run-1").ledger().record("window_chosen", **times, window="saturdays", zone="Europe/Paris")
    assert [each["plan"] for each in told(deployplan)] == ["shop-2", "weekly"]


def test_only_the_environment_that_was_asked_about_is_told(include: Include, deployplan: Run) -> None:
    assert told(deployplan, "--environment", "staging", *AFTER) == []
