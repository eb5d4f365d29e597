"""Jump hosts: one connection to each, shared by all that is behind it, and closed with the last of them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import asyncssh

from deployplan.remote.transport import Address

Opening = Callable[[Address], Awaitable[asyncssh.SSHClientConnection]]


@dataclass
class _Shared:
    """One jump host: its connection, once there is one, and how many nodes and jump hosts are behind it."""

    connection: asyncssh.SSHClientConnection | None = None
    users: int = 0
    opening: asyncio.Lock = field(default_factory=asyncio.Lock)


class JumpHosts:
    """The connections to jump hosts of one event loop."""

    def __init__(self) -> None:
        self._shared: dict[tuple[asyncio.AbstractEventLoop, Address], _Shared] = {}

    async def enter(self, address: Address, opening: Opening) -> asyncssh.SSHClientConnection:
        """The connection to the jump host, opened when there is none or it was lost. `leave` must follow once.

        `opening` enters the jump host before it, if there is one; that is left when the connection ends.
        Raises what `opening` raises; then there is nothing to leave.
        """
        key = (asyncio.get_running_loop(), address)
        shared = self._shared.setdefault(key, _Shared())
        shared.users += 1
        try:
            async with shared.opening:  # the first opens it, the others find it
                if shared.connection is not None and shared.connection.is_closed():
                    self._end(shared, address)
                if shared.connection is None:
                    shared.connection = await opening(address)
                return shared.connection
        except BaseException:
            self.leave(address)
            raise

    def leave(self, address: Address) -> None:
        """One fewer needs the jump host."""
        key = (asyncio.get_running_loop(), address)
        shared = self._shared.get(key)
        if shared is None:
            return
        shared.users -= 1
        if shared.users <= 0:
            del self._shared[key]
            self._end(shared, address)

    def _end(self, shared: _Shared, address: Address) -> None:
        """Close the connection, and leave the jump host through which it came."""
        connection, shared.connection = shared.connection, None
        if connection is not None:
            connection.close()
            if address.jump is not None:
                self.leave(address.jump)
