"""Which jump host stands before a node, and what an approval binds of it."""

from typing import Any

import pytest
from pydantic import ValidationError

from builders import a_snapshot
from deployplan.plan.model.infrastructure import Infrastructure, Jump
from deployplan.plan.snapshot import Snapshot

NODES: dict[str, Any] = {
    "web-1": {"host": "10.0.0.1"},
    "web-2": {"host": "10.0.0.2", "jump": "none"},
    "web-3": {"host": "10.0.0.3", "jump": "ssh_other_bastion"},
    "bastion": {"host": "198.51.100.7", "connection": "ssh_bastion"},
}


def with_jump(jump: str | None, nodes: dict[str, Any]) -> Snapshot:
    environment = {"nodes": nodes, "groups": {"web": ["web-1"]}}
    return a_snapshot(infrastructure=environment | ({"jump": jump} if jump else {}))


def before(infrastructure: Infrastructure) -> dict[str, Jump | None]:
    return {name: infrastructure.jump_of(node) for name, node in infrastructure.nodes.items()}


def test_a_jump_host_is_a_node_or_a_connection_and_a_node_may_have_its_own_or_none() -> None:
    infrastructure = with_jump("bastion", NODES).infrastructure
    assert before(infrastructure) == {
        "web-1": Jump("bastion", infrastructure.nodes["bastion"], "ssh_bastion"),
        "web-2": None,
        "web-3": Jump("ssh_other_bastion", None, "ssh_other_bastion"),
        "bastion": None,
    }


def test_without_a_jump_host_all_nodes_are_reached_directly() -> None:
    nodes = {name: NODES[name] for name in ("web-1", "bastion")}
    assert before(with_jump(None, nodes).infrastructure) == {"web-1": None, "bastion": None}


def test_several_jump_hosts_are_passed_in_the_order_written_and_each_is_reached_through_those_before_it() -> None:
    infrastructure = with_jump("ssh_edge, bastion", {**NODES, "web-2": {"jump": "none"}}).infrastructure
    edge = Jump("ssh_edge", None, "ssh_edge")
    inner = Jump("bastion", infrastructure.nodes["bastion"], "ssh_bastion", edge)
    assert before(infrastructure) == {
        "web-1": inner,
        "web-2": None,
        "web-3": Jump("ssh_other_bastion", None, "ssh_other_bastion"),
        "bastion": edge,
    }
    assert inner.connections == ("ssh_edge", "ssh_bastion")


@pytest.mark.parametrize("written", [",", "edge,", "edge,,inner", " ,inner", "edge,edge", "edge, inner ,edge"])
def test_a_way_with_a_gap_or_one_host_twice_is_refused(written: str) -> None:
    with pytest.raises(ValidationError, match=r"is no way through jump hosts"):
        with_jump(written, NODES)


def test_an_approval_binds_to_the_way_to_a_node_whether_the_node_or_its_environment_states_it() -> None:
    plain = {"web-1": {"host": "10.0.0.1"}}
    own = {"web-1": {"host": "10.0.0.1", "jump": "ssh_bastion"}}
    assert with_jump("ssh_bastion", plain).digest != with_jump(None, plain).digest
    assert with_jump(None, own).digest != with_jump(None, plain).digest
