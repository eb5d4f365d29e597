"""One command on a connection: what it reads, what it says as it comes, how it ended; without asyncssh's streams."""

import asyncio
import signal
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress

import asyncssh

from deployplan.remote.transport import KIBI

_STDERR_LIMIT = 64 * KIBI
# Bytes that may wait for their reader; beyond them the node is made to wait.
_MOST_WAITING = 512 * KIBI


class Session(asyncssh.SSHClientSession[bytes]):
    """Bytes come in by callback and wait for `read`, a bounded number of them: one task serves a whole command.

    asyncssh's own processes cost three times the CPU: a stream for each direction, and a task for each stream.
    """

    def __init__(self) -> None:
        self._pieces: deque[bytes] = deque()
        self._waiting = 0
        self._paused = False
        self._over = False
        self._error: Exception | None = None
        self._news = asyncio.Event()
        self._may_write = asyncio.Event()
        self._may_write.set()
        self.stderr = b""
        self.exit_code: int | None = None

    def connection_made(self, chan: "asyncssh.SSHClientChannel[bytes]") -> None:
        self._chan = chan

    def data_received(self, data: bytes, datatype: int | None) -> None:
        if datatype == asyncssh.EXTENDED_DATA_STDERR:
            self.stderr = (self.stderr + data)[-_STDERR_LIMIT:]
            return
        self._pieces.append(data)
        self._waiting += len(data)
        if self._waiting > _MOST_WAITING and not self._paused:
            self._paused = True
            self._chan.pause_reading()
        self._news.set()

    def eof_received(self) -> bool:
        return True  # it may say no more and still run: how it ends comes later

    def exit_status_received(self, status: int) -> None:
        self.exit_code = status

    def exit_signal_received(self, signal: str, core_dumped: bool, msg: str, lang: str) -> None:
        self.exit_code = 128 + _signal_number(signal)

    def connection_lost(self, exc: Exception | None) -> None:
        self._over, self._error = True, exc
        self._news.set()
        self._may_write.set()

    def pause_writing(self) -> None:
        self._may_write.clear()

    def resume_writing(self) -> None:
        self._may_write.set()

    async def feed(self, text: bytes, data: bytes | AsyncIterator[bytes] | None) -> None:
        """Write the text and the data, then the end. What an iterator gives is written no faster than it is taken."""
        # A program that stops reading is no error here: how it ended tells why.
        with suppress(BrokenPipeError, ConnectionResetError):
            self._chan.write(text + data if isinstance(data, bytes) else text)
            if data is not None and not isinstance(data, bytes):
                async for piece in data:
                    self._chan.write(piece)
                    await self._may_write.wait()
            self._chan.write_eof()

    async def read(self, limit: int) -> bytes:
        """Return up to `limit` bytes as soon as there are some; b"" at the end. Raises what ended the connection."""
        while not self._pieces and not self._over:
            self._news.clear()
            await self._news.wait()
        if not self._pieces:
            if self._error is not None:
                raise self._error
            return b""
        return self._take(limit)

    async def ended(self) -> int | None:
        """Wait for the end, throwing away what was not read; the exit code, None when the node told none."""
        while await self.read(_MOST_WAITING):
            pass
        return self.exit_code

    def close(self) -> None:
        """End the command, if it still runs."""
        self._chan.close()

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
        if self._paused and self._waiting <= _MOST_WAITING // 2:
            self._paused = False
            self._chan.resume_reading()
        return taken[0] if len(taken) == 1 else b"".join(taken)


def _signal_number(name: str) -> int:
    return getattr(signal, f"SIG{name}", signal.SIGKILL).value
