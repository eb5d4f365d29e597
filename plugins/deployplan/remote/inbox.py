"""What a program on a node says, as it comes by callback and until it is read: bounded, whatever the node sends.

And whether it may be written to: what it is sent waits nowhere in any amount.
"""

import asyncio
from collections import deque

from deployplan.remote.transport import KIBI

_STDERR_LIMIT = 64 * KIBI
# Bytes that may wait for their reader; beyond them the node is made to wait.
MOST_WAITING = 512 * KIBI


class Inbox:
    """Bytes that wait for `read`; one task serves a whole command, without a stream or a task for each direction."""

    def __init__(self) -> None:
        self._pieces: deque[bytes] = deque()
        self._waiting = 0
        self._paused = False
        self._error: Exception | None = None
        self._news = asyncio.Event()
        self._may_write = asyncio.Event()
        self._may_write.set()
        self.over = False
        """The program has ended, or cannot be heard any more."""
        self.stderr = b""
        """The end of what it said there."""
        self.exit_code: int | None = None

    def hold_back(self) -> None:
        """Have the node wait: too much has come that nobody read."""
        raise NotImplementedError

    def let_come(self) -> None:
        """Have the node go on."""
        raise NotImplementedError

    def take_in(self, data: bytes, *, stderr: bool = False) -> None:
        """Keep what came."""
        if stderr:
            self.stderr = (self.stderr + data)[-_STDERR_LIMIT:]
        else:
            self._pieces.append(data)
            self._waiting += len(data)
            if self._waiting > MOST_WAITING and not self._paused:
                self._paused = True
                self.hold_back()
        self._news.set()

    def shut(self, error: Exception | None) -> None:
        """Nothing comes any more; `error` is what ended it."""
        self.over, self._error = True, error
        self._news.set()
        self._may_write.set()

    def pause_writing(self) -> None:
        """Called when much of what was written has not been taken yet."""
        self._may_write.clear()

    def resume_writing(self) -> None:
        """Called when most of it was."""
        self._may_write.set()

    async def may_write(self) -> None:
        """Wait until the node has taken most of what was written, or is over."""
        await self._may_write.wait()

    async def read(self, limit: int) -> bytes:
        """Return up to `limit` bytes as soon as there are some; b"" at the end. Raises what ended the connection."""
        while not self._pieces and not self.over:
            await self._something()
        if not self._pieces:
            if self._error is not None:
                raise self._error
            return b""
        return self._take(limit)

    async def stderr_until(self, mark: bytes) -> bytes | None:
        """Wait for `mark` on stderr and return what came before it, taking both away; None when it ends without."""
        while mark not in self.stderr:
            if self.over:
                return None
            await self._something()
        said, _, self.stderr = self.stderr.partition(mark)
        return said

    async def ended(self) -> int | None:
        """Wait for the end, throwing away what was not read; the exit code, None when the node told none."""
        while await self.read(MOST_WAITING):
            pass
        return self.exit_code

    async def _something(self) -> None:
        self._news.clear()
        await self._news.wait()

    def _take(self, limit: int) -> bytes:
        taken = []
        room = limit
        while self._pieces and room > 0:
            piece = self._pieces.popleft()
            if len(piece) > room:
                self._pieces.appendleft(piece[room:])
                piece = piece[:room]
            taken.append(piece)
            room -= len(piece)
        self._waiting -= limit - room
        if self._paused and self._waiting <= MOST_WAITING // 2:
            self._paused = False
            self.let_come()
        return taken[0] if len(taken) == 1 else b"".join(taken)
