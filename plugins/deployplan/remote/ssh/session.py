"""One session on a connection: what a program there reads, says, and how it ended; without asyncssh's streams."""

import signal
from collections.abc import AsyncIterator
from contextlib import suppress

import asyncssh

from deployplan.remote.inbox import Inbox


class Session(Inbox, asyncssh.SSHClientSession[bytes]):
    """asyncssh's own processes cost three times the CPU: a stream for each direction, and a task for each stream."""

    def connection_made(self, chan: "asyncssh.SSHClientChannel[bytes]") -> None:
        self._chan = chan

    def data_received(self, data: bytes, datatype: int | None) -> None:
        self.take_in(data, stderr=datatype == asyncssh.EXTENDED_DATA_STDERR)

    def eof_received(self) -> bool:
        return True  # it may say no more and still run: how it ends comes later

    def exit_status_received(self, status: int) -> None:
        self.exit_code = status

    def exit_signal_received(self, signal: str, core_dumped: bool, msg: str, lang: str) -> None:
        self.exit_code = 128 + _signal_number(signal)

    def connection_lost(self, exc: Exception | None) -> None:
        self.shut(exc)

    def hold_back(self) -> None:
        self._chan.pause_reading()

    def let_come(self) -> None:
        self._chan.resume_reading()

    def write(self, data: bytes) -> None:
        """Write without waiting. A program that stops reading is no error here: how it ended tells why."""
        with suppress(BrokenPipeError, ConnectionResetError):
            self._chan.write(data)

    async def feed(self, text: bytes, data: bytes | AsyncIterator[bytes]) -> None:
        """Write the text and the data, then the end. What an iterator gives is written no faster than it is taken."""
        with suppress(BrokenPipeError, ConnectionResetError):
            self._chan.write(text + data if isinstance(data, bytes) else text)
            if not isinstance(data, bytes):
                async for piece in data:
                    self._chan.write(piece)
                    await self.may_write()
            self._chan.write_eof()

    def close(self) -> None:
        """End the program, if it still runs."""
        self._chan.close()


def _signal_number(name: str) -> int:
    return getattr(signal, f"SIG{name}", signal.SIGKILL).value
