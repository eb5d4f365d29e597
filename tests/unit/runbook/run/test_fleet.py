"""Connections to nodes: opened when first needed, opened again when lost, and never a second one beside a good one."""

import asyncio
from pathlib import Path

import pytest

from deployplan.remote.errors import NodeFault, RemoteError, Unreachable
from deployplan.remote.node_client import NodeClient
from deployplan.runbook.run import fleet
from deployplan.runbook.run.fleet import Fleet, close_fleet_at_end
from deployplan.testing import LocalTransport


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet, "BETWEEN_TRIES", 0.0)


class Nodes:
    """Folders that act as nodes; counts the connections opened and closed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.opened: list[str] = []
        self.closed: list[str] = []
        self.away: set[str] = set()
        self.transports: list[LocalTransport] = []

    async def connect(self, name: str) -> NodeClient:
        self.opened.append(name)
        await asyncio.sleep(0)
        if name in self.away:
            raise Unreachable(f"{name}: connection refused")
        nodes = self

        class Counted(LocalTransport):
            async def close(self) -> None:
                nodes.closed.append(name)

        self.transports.append(Counted(name, self.folder / name))
        return NodeClient(self.transports[-1])


@pytest.fixture
def nodes(tmp_path: Path) -> Nodes:
    return Nodes(tmp_path)


async def host(client: NodeClient) -> str:
    return (await client.run("echo here")).text.strip()


async def test_one_connection_serves_all_who_ask_at_once(nodes: Nodes) -> None:
    async with close_fleet_at_end(Fleet(nodes.connect)) as each:
        clients = await asyncio.gather(*(each.client("n1") for _ in range(5)))
    assert len(set(map(id, clients))) == 1
    assert (nodes.opened, nodes.closed) == (["n1"], ["n1"])


async def test_a_lost_connection_is_opened_again_and_the_question_asked_again(nodes: Nodes) -> None:
    each = Fleet(nodes.connect)
    assert await each.ask("n1", host) == "here"
    nodes.transports[0].unplug()
    assert await each.ask("n1", host) == "here"
    assert (nodes.opened, nodes.closed) == (["n1", "n1"], ["n1"])


async def test_a_node_that_stays_away_is_given_up_after_three_tries(nodes: Nodes) -> None:
    nodes.away.add("n1")
    with pytest.raises(Unreachable, match="n1: connection refused"):
        await Fleet(nodes.connect).ask("n1", host)
    assert nodes.opened == ["n1"] * 3


async def test_a_connection_that_airflow_does_not_have_is_told_at_the_first_try() -> None:
    tries = []

    async def missing(name: str) -> NodeClient:
        tries.append(name)
        raise RemoteError(f"{name}: there is no Airflow connection 'ssh'; add it, or name another one")

    found = await Fleet(missing).ask_all(["a"], lambda node, client: client.facts())

    assert str(found["a"]).startswith("a: there is no Airflow connection 'ssh'")
    assert tries == ["a"]


async def test_what_a_node_refuses_is_not_asked_again(nodes: Nodes) -> None:
    asked = 0

    async def fault(client: NodeClient) -> None:
        nonlocal asked
        asked += 1
        raise NodeFault(f"{client.name}: disk full")

    with pytest.raises(NodeFault):
        await Fleet(nodes.connect).ask("n1", fault)
    assert asked == 1


async def test_all_nodes_are_asked_and_those_that_fail_answer_with_their_error(nodes: Nodes) -> None:
    nodes.away.add("n2")

    async def question(name: str, client: NodeClient) -> str:
        return name + await host(client)

    answers = await Fleet(nodes.connect).ask_all(["n1", "n2", "n3", "n1"], question)
    assert list(answers) == ["n1", "n2", "n3"]
    assert (answers["n1"], answers["n3"]) == ("n1here", "n3here")
    assert isinstance(answers["n2"], Unreachable)


async def test_one_who_lost_the_old_connection_does_not_close_the_new_one_of_another(nodes: Nodes) -> None:
    each = Fleet(nodes.connect)
    old = await each.client("n1")
    both_use_it, reopened = asyncio.Event(), asyncio.Event()

    async def quick(client: NodeClient) -> str:
        if client is old:
            await both_use_it.wait()
            raise Unreachable("n1: the line was cut")
        reopened.set()
        return await host(client)

    async def slow(client: NodeClient) -> str:
        if client is old:
            both_use_it.set()
            await reopened.wait()
            raise Unreachable("n1: the line was cut")
        return await host(client)

    assert await asyncio.gather(each.ask("n1", quick), each.ask("n1", slow)) == ["here", "here"]
    assert nodes.opened == ["n1", "n1"]


async def test_forgetting_a_connection_that_is_not_there_does_nothing(nodes: Nodes) -> None:
    each = Fleet(nodes.connect)
    await each.drop("n1")
    assert await each.ask("n1", host) == "here"
    assert nodes.closed == []


async def test_only_so_many_connections_are_opened_at_the_same_time(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleet, "HANDSHAKES", 2)
    opening = most = 0

    async def connect(name: str) -> NodeClient:
        nonlocal opening, most
        opening += 1
        most = max(most, opening)
        await asyncio.sleep(0)
        opening -= 1
        return await nodes.connect(name)

    each = Fleet(connect)
    await asyncio.gather(*(each.client(f"n{number}") for number in range(9)))
    assert most == 2
    assert len(nodes.opened) == 9
