"""`deployplan prune`: old jobs leave, on every node that answers."""

import json
from collections.abc import Callable

import pytest
from typer.testing import Result

from remote_builders import a_job
from unit.cli.local_nodes import Nodes

Deployplan = Callable[..., Result]
OLD, NEW = "a" * 64, "b" * 64


@pytest.fixture(autouse=True)
def _jobs(nodes: Nodes) -> None:
    """On web-1 a job of an old plan, which ended long ago, and one of a newer plan."""
    nodes.lock("web-1")
    nodes.ran("web-1", a_job("echo old", digest=OLD))
    nodes.ran("web-1", a_job("echo new", digest=NEW))
    ended = nodes.home("web-1") / ".deployplan" / "jobs" / f"{OLD[:12]}-web-deploy-1" / "exit"
    ended.write_text("exit=0\nended=1000000000\n")


def jobs(nodes: Nodes) -> list[str]:
    return [job.job_id for job in nodes.facts("web-1").jobs]


def test_what_is_old_and_beyond_the_newest_goes(nodes: Nodes, deployplan: Deployplan) -> None:
    result = deployplan("prune", "web-1", "--keep", "1")

    assert (result.exit_code, result.stdout) == (0, f"web-1: {OLD[:12]}-web-deploy-1 removed\n")
    assert jobs(nodes) == [f"{NEW[:12]}-web-deploy-1"]


def test_by_default_the_newest_twenty_stay(nodes: Nodes, deployplan: Deployplan) -> None:
    assert deployplan("prune", "shop-2").stdout == "web-1: nothing removed\n"
    assert len(jobs(nodes)) == 2


def test_a_preview_removes_nothing(nodes: Nodes, deployplan: Deployplan) -> None:
    result = deployplan("prune", "web-1", "--keep", "0", "--preview")

    assert result.stdout == f"web-1: {OLD[:12]}-web-deploy-1 would go\n"
    assert len(jobs(nodes)) == 2


def test_a_node_that_does_not_answer_stops_no_other(nodes: Nodes, deployplan: Deployplan) -> None:
    nodes.include.plan_path("shop-2").write_text(
        "plan: shop-2\nfollows: shop\ncomponents: {web: {nodes: [web-2, web-1]}}\n"
    )
    nodes.away = {"web-2"}

    told = deployplan("prune", "shop-2", "--keep", "0", "--preview")
    done = deployplan("prune", "shop-2", "--keep", "0", "--json")

    assert (told.exit_code, done.exit_code) == (1, 1)
    assert told.stderr.startswith("error: web-2: connection refused, nothing listens there\nhint: ")
    away, here = json.loads(done.stdout)
    assert (away["node"], away["answered"]) == ("web-2", False)
    assert (here["node"], here["jobs"]) == ("web-1", [f"{OLD[:12]}-web-deploy-1"])


@pytest.mark.parametrize("words", [["prune"], ["prune", "web-1", "--keep", "-1"], ["prune", "web-7"]])
def test_wrong_usage_exits_with_2(deployplan: Deployplan, words: list[str]) -> None:
    result = deployplan(*words)

    assert (result.exit_code, result.stdout) == (2, "")
