"""A node that is a folder on this machine, driven with the real shell text."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deployplan.remote.node_client import NodeClient
from deployplan.testing import LocalTransport
from remote_builders import a_holder, end_all


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
async def node(home: Path) -> AsyncIterator[NodeClient]:
    """A node that nobody holds."""
    async with LocalTransport("web-1", home) as transport:
        yield NodeClient(transport)
    end_all(home)


@pytest.fixture
async def held(node: NodeClient) -> NodeClient:
    """A node held by run-1."""
    await node.lock(a_holder())
    return node
