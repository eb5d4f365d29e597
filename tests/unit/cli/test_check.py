"""`deployplan check`: is every node ready, in a table, in JSON and by exit code?"""

import asyncio
import json
import socket
from collections.abc import Callable
from datetime import timedelta

from typer.testing import Result

from builders import a_component, a_snapshot
from deployplan.clock import SystemClock
from deployplan.plan.load.loading import load_infrastructure
from deployplan.runbook.node.readiness import look_at_node, missing_sockets
from deployplan.testing import FrozenClock
from unit.cli.local_nodes import Nodes

Deployplan = Callable[..., Result]
INSTALLED = {"event": "installed", "product": "shop", "component": "web", "version": "1", "plan": "shop-1"}


def test_an_environment_is_ready_when_each_of_its_nodes_is(nodes: Nodes, deployplan: Deployplan) -> None:
    nodes.note("web-1", **INSTALLED, run="run-1", at="2026-11-28T22:31:00+00:00")

    result = deployplan("check", "production")

    assert result.exit_code == 0, result.output
    head, *rows, last = result.stdout.splitlines()
    assert head.split() == ["node", "release", "MB", "free", "clock", "off"]
    assert len(rows) == 3
    assert any(row.startswith("web-1  ready  shop web 1 ") for row in rows)
    assert last == "3 of 3 nodes are ready"


def test_a_node_that_is_away_or_frozen_is_named_and_of_a_plan_only_its_own_nodes_are_asked(
    nodes: Nodes, deployplan: Deployplan
) -> None:
    nodes.away = {"web-2"}
    nodes.lock("web-1")
    nodes.freeze("web-1", "looks odd")

    whole, plan = deployplan("check", "production", "--json"), deployplan("check", "shop-2", "--json")

    assert (whole.exit_code, plan.exit_code) == (3, 3)
    found = {each["node"]: each for each in json.loads(whole.stdout)["nodes"]}
    assert (found["db-1"]["ready"], found["db-1"]["problems"]) == (True, [])
    assert (found["web-2"]["answered"], found["web-2"]["problems"]) == (
        False,
        ["connection refused, nothing listens there"],
    )
    assert "looks odd" in found["web-1"]["problems"][0]
    assert [each["node"] for each in json.loads(plan.stdout)["nodes"]] == ["web-1"]


def test_a_plan_with_problems_is_1_and_a_name_that_nobody_has_2(nodes: Nodes, deployplan: Deployplan) -> None:
    (nodes.include.plans / "bad.yaml").write_text("plan: bad\n")

    assert deployplan("check", "bad").exit_code == 1
    unknown = deployplan("check", "productoin")
    assert (unknown.exit_code, "did you mean" in unknown.stderr) == (2, True)


def test_a_clock_that_is_off_is_told_by_how_much(nodes: Nodes) -> None:
    infrastructure = load_infrastructure("production", nodes.include)
    clock = FrozenClock(SystemClock().now() + timedelta(hours=1))

    report = asyncio.run(look_at_node(nodes.client("db-1"), infrastructure, clock))

    (problem,) = report.problems
    assert problem.startswith("its clock is -3")
    assert problem.endswith(f"at most {infrastructure.max_clock_skew.total_seconds():.0f} s is allowed")


def test_the_socket_by_which_nodes_are_drained_is_looked_for_and_not_spoken_to(nodes: Nodes) -> None:
    server = {"socket": str(nodes.root.parent / "admin.sock"), "backend": "web", "server": "{node}"}
    snapshot = a_snapshot(components={"web": a_component(traffic={"haproxy": server})})

    def problems() -> list[str]:
        return asyncio.run(missing_sockets(snapshot, nodes.client("web-1")))

    assert problems() == [
        f"traffic of web is directed by {server['socket']}, which is no socket that may be written there"
    ]
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("admin.sock")  # by its short name: a socket's path may have 107 bytes
        assert problems() == []
