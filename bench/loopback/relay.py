"""A line with latency: a relay before the nodes that holds every byte back for half a round trip, each way."""

import asyncio
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import TracebackType

_MOST_WAITING = 8 * 1024 * 1024


class Relay:
    """The same addresses on another port; a process of its own, so that its CPU is nobody's of those measured.

    The TCP handshake is with the relay and takes no time, for whichever tool.
    """

    def __init__(self, hosts: Iterable[str], port: int, milliseconds: int) -> None:
        self._words = [str(port), str(milliseconds), *hosts]
        self.port = 0
        self.pid = 0

    def __enter__(self) -> "Relay":
        command = [sys.executable, __file__, *self._words]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.pid = self._process.pid
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()


class _Way(asyncio.Protocol):
    """One direction: what comes in goes out later, in its order."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._held: deque[tuple[float, bytes]] = deque()
        self._waiting = 0
        self._timer: asyncio.TimerHandle | None = None
        self.on_begin: Callable[[], None] = lambda: None
        self.other: _Way | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.on_begin()

    def data_received(self, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        self._held.append((loop.time() + self._seconds, data))
        self._waiting += len(data)
        if self._waiting > _MOST_WAITING and self.transport is not None:
            self.transport.pause_reading()
        self._wind()

    def eof_received(self) -> bool:
        self.data_received(b"")
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        if self.other is not None and self.other.transport is not None:
            asyncio.get_running_loop().call_later(self._seconds + 0.01, self.other.transport.close)

    def _wind(self) -> None:
        if self._timer is None and self._held:
            self._timer = asyncio.get_running_loop().call_at(self._held[0][0], self._let_go)

    def _let_go(self) -> None:
        self._timer = None
        there = self.other.transport if self.other is not None else None
        if there is not None:
            while self._held and self._held[0][0] <= asyncio.get_running_loop().time():
                _, data = self._held.popleft()
                self._waiting -= len(data)
                if data:
                    there.write(data)
                else:
                    with suppress(OSError):  # the other side may have gone for good
                        there.write_eof()
        elif self._held:
            self._held[0] = (asyncio.get_running_loop().time() + 0.001, self._held[0][1])
        if self.transport is not None and self._waiting <= _MOST_WAITING // 2 and not self.transport.is_closing():
            self.transport.resume_reading()
        self._wind()


async def _serve(port: int, seconds: float, hosts: list[str]) -> None:
    loop = asyncio.get_running_loop()

    def accept(host: str) -> _Way:
        here, there = _Way(seconds), _Way(seconds)
        here.other, there.other = there, here

        def begin() -> None:
            connecting.append(loop.create_task(loop.create_connection(lambda: there, host, port)))

        here.on_begin = begin
        return here

    connecting: list[asyncio.Task[object]] = []
    own = 0
    for host in hosts:
        server = await loop.create_server(lambda host=host: accept(host), host, own)  # type: ignore[misc]
        own = server.sockets[0].getsockname()[1]
    print(own, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2]) / 2000, sys.argv[3:]))
