"""Fakes that implement the real protocols, for tests of deployplan and of what is built on it."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self, cast
from weakref import WeakKeyDictionary

from deployplan.remote.command import Command
from deployplan.remote.errors import NodeFault, Unreachable
from deployplan.remote.inbox import Inbox
from deployplan.remote.lasting_shell import Shells
from deployplan.remote.staging import read_from
from deployplan.remote.transport import (
    ANSWER_LIMIT,
    Counted,
    RemoteOutput,
    Result,
    after_marker,
    exec_line,
    lasting_line,
    put_script,
    shell_text,
)


class FrozenClock:
    """A clock that stands still until someone sleeps on it."""

    def __init__(self, at: datetime) -> None:
        self._now = at

    def now(self) -> datetime:
        return self._now

    def move_to(self, at: datetime) -> None:
        """Stand still at this instant from now on."""
        self._now = at

    async def sleep(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


class LocalTransport:
    """A transport to a node that is a folder on this machine: the real shell text, run by the real sh, without SSH.

    `env` is added to the node's environment; with a `PATH` of one's own, its shell and tools can be chosen.
    `unplug()` makes the node unreachable, `plug()` brings it back.
    """

    def __init__(self, name: str, home: Path, env: Mapping[str, str] | None = None) -> None:
        self._name = name
        self._env = {"HOME": str(home), "PATH": os.environ["PATH"], **(env or {})}
        self._plugged = True
        self._shells = Shells(name, lambda: self._open(lasting_line()))
        self._endings: WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncIterator[None]] = WeakKeyDictionary()
        home.mkdir(parents=True, exist_ok=True)

    @property
    def name(self) -> str:
        return self._name

    def unplug(self) -> None:
        self._plugged = False

    def plug(self) -> None:
        self._plugged = True

    async def run(
        self,
        script: str | Command,
        *,
        label: str = "run",
        data: bytes | AsyncIterator[bytes] | Counted | None = None,
        timeout: float = 60.0,
        limit: int = ANSWER_LIMIT,
    ) -> Result:
        try:
            async with asyncio.timeout(timeout):
                if data is not None and not isinstance(data, Counted):
                    return await self._run_with(script, data, label, limit)
                self._reach()
                async with self._shells.command(script, label, data=data is not None) as output:
                    if data is not None:
                        await output.feed(data)
                    stdout = await self._read_all(output, label, limit)
                    return replace(await output.wait(), stdout=stdout)
        except TimeoutError:
            raise Unreachable(f"{self._name}: {label} was not answered within {timeout:g} s") from None

    @asynccontextmanager
    async def stream(self, script: str | Command, *, label: str = "stream") -> AsyncIterator[RemoteOutput]:
        self._reach()
        async with self._shells.command(script, label) as output:
            yield output

    async def put(self, source: Path | bytes, path: str, *, mode: int = 0o600) -> None:
        data = source if isinstance(source, bytes) else read_from(source, 0)
        result = await self.run(put_script(path, mode), label="put", data=data)
        if not result.ok:
            raise NodeFault(f"{self._name}: cannot write {path}: {result.stderr.decode(errors='replace').strip()}")

    async def close(self) -> None:
        self._shells.close_spare()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def _run_with(
        self, script: str | Command, data: bytes | AsyncIterator[bytes], label: str, limit: int
    ) -> Result:
        given = data if isinstance(data, bytes) else b"".join([piece async for piece in data])
        self._reach()
        program = await self._open(exec_line(label))
        try:
            program.write(shell_text(script, label) + given)
            program.write_eof()
            stdout = await self._read_all(program, label, limit)
            code = await program.ended()
        finally:
            program.close()
        return Result(255 if code is None else code, after_marker(self._name, stdout, program.stderr), program.stderr)

    async def _read_all(self, source: "RemoteOutput | _Program", label: str, limit: int) -> bytes:
        answer = b""
        while piece := await source.read(limit):
            answer += piece
            if len(answer) > limit:
                raise NodeFault(f"{self._name}: {label} was answered with more than {limit} bytes")
        return answer

    def _reach(self) -> None:
        if not self._plugged:
            self._shells.close_spare()
            raise Unreachable(f"{self._name}: connection refused, nothing listens there")

    async def _end_with_loop(self) -> AsyncIterator[None]:
        """A shell that nobody closed ends with its event loop, which closes its generators, not at some later time."""
        try:
            yield
        finally:
            self._shells.close_spare()

    async def _open(self, line: str) -> "_Program":
        loop = asyncio.get_running_loop()
        if loop not in self._endings:
            self._endings[loop] = self._end_with_loop()
            await anext(self._endings[loop])
        _, program = await loop.subprocess_exec(
            _Program,
            "sh",
            "-c",
            line,
            env=self._env,
            cwd=self._env["HOME"],
            start_new_session=True,  # as under sshd
        )
        return program


class _Program(Inbox, asyncio.SubprocessProtocol):
    """A program on this machine, with what a session of sshd offers."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.SubprocessTransport)
        self._transport = transport

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self.take_in(data, stderr=fd == 2)

    def process_exited(self) -> None:
        code = self._transport.get_returncode()
        self.exit_code = None if code is None else code if code >= 0 else 128 - code

    def connection_lost(self, exc: Exception | None) -> None:
        self.shut(exc)

    def hold_back(self) -> None:
        cast(asyncio.ReadTransport, self._transport.get_pipe_transport(1)).pause_reading()

    def let_come(self) -> None:
        cast(asyncio.ReadTransport, self._transport.get_pipe_transport(1)).resume_reading()

    def write(self, data: bytes) -> None:
        cast(asyncio.WriteTransport, self._transport.get_pipe_transport(0)).write(data)

    def write_eof(self) -> None:
        cast(asyncio.WriteTransport, self._transport.get_pipe_transport(0)).close()

    def close(self) -> None:
        self._transport.close()
