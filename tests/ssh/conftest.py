"""Nodes behind real OpenSSH servers."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from deployplan.remote.node_client import NodeClient
from deployplan.remote.ssh.transport import SshTransport
from openssh import SSHD, OpenSshNode
from remote_builders import a_holder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.ssh)
            if SSHD is None:
                item.add_marker(pytest.mark.skip(reason="no sshd on this machine"))


@pytest.fixture
def a_node(tmp_path: Path) -> Iterator[Callable[..., OpenSshNode]]:
    """Make started nodes; they are powered off in the end."""
    made: list[OpenSshNode] = []

    def make(name: str = "web-1", **rest: Any) -> OpenSshNode:
        made.append(OpenSshNode(name, tmp_path, **rest))
        return made[-1].start()

    yield make
    for node in made:
        node.power_off()


@pytest.fixture
def node(a_node: Callable[..., OpenSshNode]) -> OpenSshNode:
    return a_node()


@pytest.fixture
async def transport(node: OpenSshNode) -> AsyncIterator[SshTransport]:
    async with await node.connect() as transport:
        yield transport


@pytest.fixture
async def client(transport: SshTransport) -> NodeClient:
    """A node held by run-1."""
    client = NodeClient(transport)
    await client.lock(a_holder())
    return client


@pytest.fixture
async def mute_port() -> AsyncIterator[int]:
    """A port that takes connections and never says a word."""
    quiet = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await quiet.wait()
        writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    quiet.set()
    server.close()
