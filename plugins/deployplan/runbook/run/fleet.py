"""The nodes of a release: one connection a node, opened when first needed, opened again when it was lost."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import TypeVar

from deployplan.remote.errors import RemoteError, Unreachable
from deployplan.remote.node_client import NodeClient

T = TypeVar("T")

HANDSHAKES = 24
"""Connections opened at the same time; far below what one node's sshd drops, as each goes to another node."""
BETWEEN_TRIES = 1.0
"""Seconds before a lost connection is opened again; longer with each try."""


class Fleet:
    """Connections to nodes by name.

    `connect` opens one; it raises Unreachable, HostKeyRefused, AuthenticationRefused or NoCommonAlgorithm.
    """

    def __init__(self, connect: Callable[[str], Awaitable[NodeClient]]) -> None:
        self._connect = connect
        self._clients: dict[str, NodeClient] = {}
        self._opening: dict[str, asyncio.Lock] = {}
        self._handshakes = asyncio.Semaphore(HANDSHAKES)

    async def client(self, node: str) -> NodeClient:
        """The node's client; connects when there is no connection yet."""
        async with self._opening.setdefault(node, asyncio.Lock()):
            if node not in self._clients:
                async with self._handshakes:
                    self._clients[node] = await self._connect(node)
            return self._clients[node]

    async def drop(self, node: str, lost: NodeClient | None = None) -> None:
        """Forget a connection that was lost, so that the next `client` opens a new one.

        With `lost`, only that one: somebody else may have opened a new one meanwhile.
        """
        if lost is not None and self._clients.get(node) is not lost:
            return
        client = self._clients.pop(node, None)
        if client is not None:
            await client.transport.close()

    async def close(self) -> None:
        """Close every connection."""
        await asyncio.gather(*(self.drop(node) for node in list(self._clients)), return_exceptions=True)

    async def ask(self, node: str, question: Callable[[NodeClient], Awaitable[T]], *, tries: int = 3) -> T:
        """Ask a node something that may safely be asked twice; a lost connection is opened again.

        Raises the last RemoteError.
        """
        for attempt in range(1, tries + 1):
            client = None
            try:
                client = await self.client(node)
                return await question(client)
            except Unreachable:
                if client is not None:
                    await self.drop(node, client)
                if attempt == tries:
                    raise
                await asyncio.sleep(BETWEEN_TRIES * attempt)
        raise AssertionError("unreachable: the loop returns or raises")

    async def ask_all(
        self, nodes: Iterable[str], question: Callable[[str, NodeClient], Awaitable[T]]
    ) -> dict[str, T | RemoteError]:
        """Ask all nodes at once; a node that could not answer has its error as the answer."""

        async def one(node: str) -> T | RemoteError:
            try:
                return await self.ask(node, lambda client: question(node, client))
            except RemoteError as error:
                return error

        names = list(dict.fromkeys(nodes))
        return dict(zip(names, await asyncio.gather(*map(one, names)), strict=True))


@asynccontextmanager
async def close_fleet_at_end(fleet: Fleet) -> AsyncIterator[Fleet]:
    """Close the fleet's connections at the end."""
    try:
        yield fleet
    finally:
        await fleet.close()
