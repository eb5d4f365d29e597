"""How many handshakes one sshd is given at a time, so that none is dropped for coming in a crowd."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary

AT_ONCE = 8
"""Handshakes with one host and port at a time: sshd begins to drop them at 10 (MaxStartups 10:30:100)."""

_doorways: "WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[str, int], Doorway]]" = WeakKeyDictionary()


class Doorway:
    """The door of one sshd. It becomes narrower each time that one handshake was dropped, down to one at a time."""

    def __init__(self, width: int = AT_ONCE) -> None:
        self.width = width
        self._inside = 0
        self._left = asyncio.Condition()

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Be inside, as soon as there is room."""
        async with self._left:
            await self._left.wait_for(lambda: self._inside < self.width)
            self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
            async with self._left:
                self._left.notify_all()

    def narrow(self) -> None:
        """A handshake was dropped: there were too many, ours or somebody else's."""
        self.width = max(1, self.width // 2)


def doorway(host: str, port: int) -> Doorway:
    """The door of this host and port, the same for everybody in this event loop."""
    doors = _doorways.setdefault(asyncio.get_running_loop(), {})
    return doors.setdefault((host, port), Doorway())
