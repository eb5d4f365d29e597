"""`deployplan nodes`: the nodes' own story."""

import json
from collections.abc import Callable
from io import StringIO

import pytest
from rich.console import Console
from typer.testing import Result

from deployplan.cli.node_table import Told, as_table, jobs_table
from deployplan.cli.targets import one
from deployplan.errors import DeployPlanError
from deployplan.runbook.node.node_story import node_story
from remote_builders import a_job
from unit.cli.local_nodes import Nodes

Deployplan = Callable[..., Result]
INSTALLED = {"event": "installed", "product": "shop", "component": "web", "version": "2", "plan": "shop-2"}
AT = "2026-11-28T22:31:00+00:00"


def test_a_node_tells_what_is_installed_by_which_run_who_holds_it_and_its_jobs(
    nodes: Nodes, deployplan: Deployplan
) -> None:
    nodes.note("web-1", **INSTALLED, run="run-1", at=AT)
    nodes.note("web-1", event="verified", product="shop", version="2", plan="shop-2", run="run-1", at=AT)
    nodes.lock("web-1", run="run-2#1", plan="shop-3")
    done = nodes.ran("web-1", a_job("true", run="run-2#1"))
    failed = nodes.ran("web-1", a_job("exit 3", run="run-2#1", component="db"))

    result = deployplan("nodes", "web-1")

    assert result.exit_code == 0, result.stderr
    head, installed, locked, jobs, *each = result.stdout.splitlines()
    assert head == "web-1 (production)"
    assert installed == (
        "  installed  shop web 2, installed by run run-1 of plan shop-2 at 2026-11-28 22:31:00 UTC, "
        "verified by run run-1"
    )
    assert locked == "  locked     by run run-2 of plan shop-3 since 2026-11-28 22:30:00 UTC (from worker-1)"
    assert jobs == "  jobs       1 done, 1 failed"
    assert each[0].startswith(f"    {done.job_id}  done, ")
    assert each[1].startswith(f"    {failed.job_id}  failed (exit 3), ")


def test_a_node_without_a_history_says_so(nodes: Nodes, deployplan: Deployplan) -> None:
    assert deployplan("nodes", "db-1").stdout == (
        "db-1 (production)\n  installed  nothing recorded\n  locked     no\n  jobs       none\n"
    )


def test_a_node_that_does_not_answer_is_shown_as_such_and_the_others_all_the_same(
    nodes: Nodes, deployplan: Deployplan
) -> None:
    nodes.away = {"web-2"}

    result = deployplan("nodes")

    assert result.exit_code == 1
    assert "web-2 (production)\n  no answer  web-2: connection refused, nothing listens there\n" in result.stdout
    assert "web-1 (production)\n  installed" in result.stdout
    assert "db-1 (production)\n  installed" in result.stdout
    assert result.stderr.startswith("hint: is the node up")


def test_for_programs_the_story_is_complete(nodes: Nodes, deployplan: Deployplan) -> None:
    nodes.note("web-1", **INSTALLED, run="run-1", at=AT)
    nodes.lock("web-1", run="run-2#4/backout")
    nodes.freeze("web-1", "backout of web failed", run="run-2#4/backout")
    nodes.away = {"db-1"}

    result = deployplan("nodes", "--json")

    web, _, db = json.loads(result.stdout)
    assert (web["node"], web["environment"], web["answered"], web["problem"]) == ("web-1", "production", True, None)
    (installed,) = web["installed"]
    assert (installed["version"], installed["run"], installed["verified"]) == ("2", "run-1", False)
    assert web["holder"]["run"] == "run-2"
    assert web["holder"]["token"] == "run-2#4/backout"
    assert web["holder"]["frozen"] == "backout of web failed"
    assert web["jobs"] == []
    assert db == {
        "node": "db-1",
        "environment": "production",
        "answered": False,
        "problem": "db-1: connection refused, nothing listens there",
    }


def test_a_plan_stands_for_the_nodes_it_lands_on(nodes: Nodes, deployplan: Deployplan) -> None:
    assert [each["node"] for each in json.loads(deployplan("nodes", "shop-2", "--json").stdout)] == ["web-1"]


def test_a_node_of_several_environments_needs_the_environment(nodes: Nodes, deployplan: Deployplan) -> None:
    (nodes.include.infrastructure / "staging.yaml").write_text("connection: ssh_production\nnodes: {web-1: 10.9.0.1}\n")

    unclear = deployplan("nodes", "web-1")
    clear = deployplan("nodes", "web-1", "--environment", "staging")

    assert unclear.exit_code == 2
    hint = "add --environment production or --environment staging"
    assert unclear.stderr == f"error: node 'web-1' is in production, staging\nhint: {hint}\n"
    assert clear.stdout.startswith("web-1 (staging)\n")


def test_a_plan_may_be_named_with_its_environment_and_with_no_other(nodes: Nodes, deployplan: Deployplan) -> None:
    (nodes.include.infrastructure / "staging.yaml").write_text("connection: ssh_production\nnodes: {web-9: 10.9.0.1}\n")

    theirs = deployplan("nodes", "shop-2", "--environment", "production")
    another = deployplan("nodes", "shop-2", "--environment", "staging")

    assert theirs.stdout == deployplan("nodes", "shop-2").stdout
    assert (another.exit_code, another.stderr) == (
        2,
        "error: plan 'shop-2' is for environment 'production', not 'staging'\nhint: leave --environment out\n",
    )


def test_a_name_that_is_a_plan_and_a_node_is_not_guessed(nodes: Nodes, deployplan: Deployplan) -> None:
    nodes.include.plan_path("shop-2").rename(nodes.include.plan_path("web-1"))

    result = deployplan("nodes", "web-1")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "'web-1' is a plan and a node" in result.stderr
    assert deployplan("nodes", "web-1", "--environment", "production").exit_code == 0


def test_an_unknown_name_is_answered_with_those_there_are(nodes: Nodes, deployplan: Deployplan) -> None:
    result = deployplan("nodes", "web-3")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "there is no node 'web-3'; there are db-1, web-1, web-2\nhint: did you mean 'web-2'?" in result.stderr


def test_a_broken_environment_is_told_and_hurts_no_other(nodes: Nodes, deployplan: Deployplan) -> None:
    (nodes.include.infrastructure / "broken.yaml").write_text("nodes: 3\n")

    result = deployplan("nodes", "web-1")

    assert result.exit_code == 0
    assert "broken.yaml:1" in result.stderr
    assert result.stdout.startswith("web-1 (production)")


def test_a_missing_connection_says_how_to_add_it(
    nodes: Nodes, deployplan: Deployplan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_SSH_PRODUCTION")

    result = deployplan("nodes")

    assert result.exit_code == 1
    assert result.stdout.count("no answer  connection 'ssh_production' is not defined here") == 3
    assert result.stderr.count("hint: export AIRFLOW_CONN_SSH_PRODUCTION='{") == 1


def test_what_a_node_says_cannot_steer_the_terminal(nodes: Nodes, deployplan: Deployplan) -> None:
    nodes.note("web-1", **{**INSTALLED, "version": "2\x1b[2J\nweb-9 (production)"}, run="run-1", at=AT)

    lines = deployplan("nodes", "web-1").stdout.splitlines()

    assert len(lines) == 4
    assert r"shop web 2\x1b[2J\nweb-9 (production), installed" in lines[1]


def test_the_last_unlocking_is_part_of_the_story(nodes: Nodes, deployplan: Deployplan) -> None:
    nodes.note("web-1", event="unlocked", run="run-1", by="mia", reason="INC0815", at=AT)

    assert "  unlocked   by mia at 2026-11-28 22:31:00 UTC, from run run-1: INC0815" in deployplan("nodes").stdout


def test_the_table_of_a_terminal_says_the_same_without_colour(nodes: Nodes) -> None:
    nodes.note("web-1", **INSTALLED, run="run-1", at=AT)
    nodes.lock("web-1")
    job = nodes.ran("web-1", a_job("exit 3"))
    story = node_story(nodes.facts("web-1"))
    told = [
        Told(one("web-1", None, nodes.include), story),
        Told(one("web-2", None, nodes.include), DeployPlanError("web-2: no answer in 30 s")),
    ]

    terminal = StringIO()
    Console(file=terminal, width=240, no_color=True).print(as_table(told), jobs_table(story.jobs))

    for text in ("web 2 (run run-1)", "run run-1 of plan storefront-4.3 since", "1 failed", "web-2: no answer in 30 s"):
        assert text in terminal.getvalue()
    assert job.job_id in terminal.getvalue()
    assert "failed (exit 3)" in terminal.getvalue()
