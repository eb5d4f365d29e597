"""Nodes behind jump hosts: reached through one shared connection to each, and told which of them is in the way."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from builders import an_include
from command_line import deployplan
from deployplan.remote.errors import AuthenticationRefused, HostKeyRefused, Unreachable
from deployplan.remote.ssh.transport import SshTransport, connect
from deployplan.remote.transport import Address
from openssh import OpenSshNode, connect_all


async def get_in(address: Address) -> str:
    async with await connect(address) as transport:
        return (await transport.run("echo in")).text


def logins(node: OpenSshNode) -> int:
    return (node.root / "sshd.log").read_text().count("Accepted publickey")


@pytest.fixture
def bastion(a_node: Callable[..., OpenSshNode]) -> OpenSshNode:
    return a_node("bastion")


async def test_all_nodes_behind_a_jump_host_share_one_connection_to_it(
    a_node: Callable[..., OpenSshNode], bastion: OpenSshNode
) -> None:
    nodes = [a_node(f"web-{number}") for number in range(4)]
    found = await connect_all([node.address(jump=bastion.address()) for node in nodes])
    transports = [each for each in found.values() if isinstance(each, SshTransport)]
    assert len(transports) == 4, found
    assert [(await each.run("echo $HOME")).text.strip() for each in transports] == [str(node.home) for node in nodes]
    assert logins(bastion) == 1
    await asyncio.gather(*(each.close() for each in transports))
    assert await get_in(nodes[0].address(jump=bastion.address())) == "in\n"
    assert logins(bastion) == 2, "the connection was closed with the last node, and opened again"


async def test_a_jump_host_that_is_down_is_named(node: OpenSshNode, bastion: OpenSshNode) -> None:
    bastion.stop()
    with pytest.raises(Unreachable, match=r"^web-1: not reached, because of its jump host bastion \(.*refused"):
        await get_in(node.address(jump=bastion.address()))


async def test_a_node_that_is_down_behind_a_jump_host_is_named(node: OpenSshNode, bastion: OpenSshNode) -> None:
    node.stop()
    with pytest.raises(Unreachable, match=rf"^web-1 \(.*jump host bastion \(.* has no connection to .*:{node.port}"):
        await get_in(node.address(jump=bastion.address()))


async def test_a_jump_host_that_forwards_nothing_is_named_with_the_cure(
    node: OpenSshNode, a_node: Callable[..., OpenSshNode]
) -> None:
    closed = a_node("bastion", options={"AllowTcpForwarding": "no"})
    with pytest.raises(Unreachable, match=r"^web-1 \(.*jump host bastion \(.* may not forward there; allow it with"):
        await get_in(node.address(jump=closed.address()))


async def test_the_host_keys_of_both_are_checked(node: OpenSshNode, bastion: OpenSshNode) -> None:
    with pytest.raises(HostKeyRefused, match=r"^web-1: .*jump host bastion \(.*key is not the one pinned") as refused:
        await get_in(node.address(jump=bastion.address(host_key=node.host_key)))
    assert bastion.host_key in refused.value.line
    with pytest.raises(HostKeyRefused, match=r"^web-1 \(.*its host key is not the one pinned"):
        await get_in(node.address(host_key=bastion.host_key, jump=bastion.address()))
    line = f"[{node.host}]:{node.port} {node.host_key}"
    assert await get_in(node.address(host_key=None, known_hosts=line, jump=bastion.address())) == "in\n"


async def test_a_jump_host_that_refuses_our_key_is_named(node: OpenSshNode, bastion: OpenSshNode) -> None:
    jump = bastion.address(key_files=(str(node.key_file),))
    with pytest.raises(AuthenticationRefused, match=r"^web-1: .*jump host bastion \(.*refuses our keys"):
        await get_in(node.address(jump=jump))


async def test_a_name_that_only_the_jump_host_can_resolve_is_left_to_it(
    node: OpenSshNode, bastion: OpenSshNode
) -> None:
    lost = node.address(host="inside.invalid", jump=bastion.address())
    with pytest.raises(Unreachable, match=r"jump host bastion \(.* has no connection to inside\.invalid"):
        await get_in(lost)


async def test_a_connection_to_a_jump_host_that_was_lost_is_opened_again(
    node: OpenSshNode, bastion: OpenSshNode
) -> None:
    address = node.address(jump=bastion.address())
    lost = await connect(address)
    bastion.restart()
    with pytest.raises(Unreachable):
        await lost.run("echo in", timeout=10)
    assert await get_in(address) == "in\n"  # while the lost one is not closed yet
    await lost.close()
    assert await get_in(replace(address, name="web-2")) == "in\n"


@pytest.fixture
def way(a_node: Callable[..., OpenSshNode]) -> list[OpenSshNode]:
    """Three jump hosts, in the order in which they are passed."""
    return [a_node(name) for name in ("edge", "middle", "inner")]


def through(way: Sequence[OpenSshNode], **changes: Any) -> Address:
    """The address of the last jump host, behind all others; `changes` are to one of them, by name."""
    address: Address | None = None
    for hop in way:
        address = hop.address(jump=address, **changes.get(hop.name, {}))
    assert address is not None
    return address


async def test_all_nodes_behind_several_jump_hosts_share_one_connection_to_each(
    a_node: Callable[..., OpenSshNode], way: list[OpenSshNode]
) -> None:
    nodes = [a_node(f"web-{number}") for number in range(4)]
    found = await connect_all([node.address(jump=through(way)) for node in nodes])
    transports = [each for each in found.values() if isinstance(each, SshTransport)]
    assert len(transports) == 4, found
    assert [(await each.run("echo $HOME")).text.strip() for each in transports] == [str(node.home) for node in nodes]
    assert [logins(hop) for hop in way] == [1, 1, 1]

    await transports[0].close()
    assert (await transports[1].run("echo in")).text == "in\n"
    assert await get_in(way[1].address(name="middle-itself", jump=through(way[:1]))) == "in\n"
    assert [logins(hop) for hop in way] == [1, 2, 1], "the way to the middle one is shared with what is behind it"
    await asyncio.gather(*(each.close() for each in transports))
    assert await get_in(nodes[0].address(jump=through(way))) == "in\n"
    assert [logins(hop) for hop in way] == [2, 3, 2], "each was closed with the last node, and opened again"


async def test_the_jump_host_at_which_the_way_ends_is_named(node: OpenSshNode, way: list[OpenSshNode]) -> None:
    address, ports = node.address(jump=through(way)), [each.port for each in way]
    node.stop()
    with pytest.raises(Unreachable, match=rf"^web-1 \(.*: jump host inner \(.* has no connection to .*:{node.port} "):
        await get_in(address)
    way[2].stop()
    begin = "^web-1: not reached, because of its jump host "
    with pytest.raises(Unreachable, match=rf"{begin}inner \(.*: jump host middle \(.* no connection to .*:{ports[2]} "):
        await get_in(address)
    way[1].stop()
    begin += "inner: not reached, because of its jump host "
    with pytest.raises(Unreachable, match=rf"{begin}middle \(.*: jump host edge \(.* no connection to .*:{ports[1]} "):
        await get_in(address)
    way[0].stop()
    begin += "middle: not reached, because of its jump host "
    with pytest.raises(Unreachable, match=rf"{begin}edge \(.*:{ports[0]}\): connection refused"):
        await get_in(address)


@pytest.mark.parametrize("wrong", ["edge", "middle", "inner"])
async def test_the_host_key_of_each_jump_host_is_checked(wrong: str, node: OpenSshNode, way: list[OpenSshNode]) -> None:
    jump = through(way, **{wrong: {"host_key": node.host_key}})
    with pytest.raises(
        HostKeyRefused, match=rf"^web-1: .*jump host {wrong} \(.*host key is not the one pinned"
    ) as refused:
        await get_in(node.address(jump=jump))
    (culprit,) = (hop for hop in way if hop.name == wrong)
    assert culprit.host_key in refused.value.line
    assert sum(map(logins, way)) == ["edge", "middle", "inner"].index(wrong), "nobody got further than that"


async def test_a_jump_host_on_the_way_that_refuses_our_key_is_named(node: OpenSshNode, way: list[OpenSshNode]) -> None:
    jump = through(way, middle={"key_files": (str(node.key_file),)})
    with pytest.raises(AuthenticationRefused, match=r"^web-1: .*jump host middle \(.*refuses our keys"):
        await get_in(node.address(jump=jump))


@pytest.mark.parametrize("lost", [0, 1, 2])
async def test_a_way_that_was_cut_at_any_jump_host_is_taken_again_and_given_back_once(
    lost: int, node: OpenSshNode, way: list[OpenSshNode]
) -> None:
    address = node.address(jump=through(way))
    cut = await connect(address)
    way[lost].restart()
    with pytest.raises(Unreachable):
        await cut.run("echo in", timeout=10)
    again = await connect(address)  # while the cut one is not closed yet
    assert (await again.run("echo in")).text == "in\n"
    await cut.close()
    assert (await again.run("echo in")).text == "in\n"
    await again.close()
    before = [logins(hop) for hop in way]
    assert await get_in(address) == "in\n"
    assert [logins(hop) for hop in way] == [count + 1 for count in before], "nothing of the way was left open"


@pytest.mark.parametrize("jump", ["bastion", "ssh_bastion", "bastion, ssh_inner", "ssh_bastion,inner"])
def test_the_environments_file_names_jump_hosts_as_nodes_or_as_connections(
    jump: str, tmp_path: Path, a_node: Callable[..., OpenSshNode], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "airflow"))
    include = an_include(tmp_path / "include", shop_2="components: {web: {nodes: [web-1]}}\n")
    node, bastion, inner = hosts = [a_node(name) for name in ("web-1", "bastion", "inner")]
    lines = f"  web-1: {{host: {node.host}, port: {node.port}}}\n"
    for host in hosts[1:]:
        if host.name in jump.split(","):
            lines += f"  {host.name}: {{host: {host.host}, port: {host.port}, connection: ssh_{host.name}}}\n"
    (include.infrastructure / "production.yaml").write_text(
        f"connection: ssh_production\njump: {jump}\ntimezone: UTC\nnodes:\n{lines}"
    )

    def connection(here: OpenSshNode) -> str:
        extra: dict[str, Any] = {"key_file": str(here.key_file), "host_key": here.host_key}
        where = {"host": here.host, "port": here.port, "login": here.user}
        return json.dumps({"conn_type": "ssh", **where, "extra": extra})

    for name, host in zip(("PRODUCTION", "BASTION", "INNER"), hosts, strict=True):
        monkeypatch.setenv(f"AIRFLOW_CONN_SSH_{name}", connection(host))
    told = deployplan("nodes", "web-1", "--json")
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)[0]["answered"] is True
    assert (logins(bastion), logins(inner)) == (1, int("inner" in jump))


async def test_a_crowd_at_one_sshd_with_a_narrow_door_all_get_in(a_node: Callable[..., OpenSshNode]) -> None:
    """MaxStartups as in a hardened sshd: the fourth handshake at a time is dropped."""
    node = a_node(options={"MaxStartups": "3:100:3"})
    found = await connect_all([node.address(name=f"web-{number}") for number in range(40)], handshakes=40)
    transports = [each for each in found.values() if isinstance(each, SshTransport)]
    await asyncio.gather(*(transport.close() for transport in transports))
    assert len(transports) == 40, [each for each in found.values() if not isinstance(each, SshTransport)]


async def test_a_crowd_at_one_sshd_as_it_comes_is_never_dropped(a_node: Callable[..., OpenSshNode]) -> None:
    # Twice what may be under way: on a busy machine sshd counts a log-in for a moment longer than its client does.
    node = a_node(options={"MaxStartups": "16:100:16"})
    found = await connect_all([node.address(name=f"web-{number}") for number in range(60)], handshakes=60)
    transports = [each for each in found.values() if isinstance(each, SshTransport)]
    await asyncio.gather(*(transport.close() for transport in transports))
    assert len(transports) == 60
    assert "MaxStartups" not in (node.root / "sshd.log").read_text()
