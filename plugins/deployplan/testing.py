"""Fakes that implement the real protocols, for tests of deployplan and of what is built on it."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from deployplan.remote.command import Command
from deployplan.remote.errors import NodeFault, Unreachable
from deployplan.remote.staging import read_from
from deployplan.remote.transport import (
    ANSWER_LIMIT,
    RemoteOutput,
    Result,
    after_marker,
    exec_line,
    put_script,
    shell_text,
)


class FrozenClock:
    """A clock that stands still until someone sleeps on it."""

    def __init__(self, at: datetime) -> None:
        self._now = at

    def now(self) -> datetime:
        return self._now

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
        data: bytes | AsyncIterator[bytes] | None = None,
        timeout: float = 60.0,
        limit: int = ANSWER_LIMIT,
    ) -> Result:
        text = shell_text(script, with_data=data is not None)
        if isinstance(data, bytes):
            text += data
        elif data is not None:
            text += b"".join([piece async for piece in data])
        process = await self._open(label, with_data=data is not None)
        try:
            async with asyncio.timeout(timeout):
                stdout, stderr = await process.communicate(text)
        except TimeoutError:
            process.kill()
            raise Unreachable(f"{self._name}: {label} was not answered within {timeout:g} s") from None
        answer = after_marker(self._name, stdout, stderr)
        if len(answer) > limit:
            raise NodeFault(f"{self._name}: {label} was answered with more than {limit} bytes")
        return Result(_exit(process), answer, stderr)

    @asynccontextmanager
    async def stream(self, script: str | Command, *, label: str = "stream") -> AsyncIterator[RemoteOutput]:
        process = await self._open(label, with_data=False)
        assert process.stdin is not None
        process.stdin.write(shell_text(script, with_data=False))
        process.stdin.close()
        try:
            yield _LocalOutput(self._name, process)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def put(self, source: Path | bytes, path: str, *, mode: int = 0o600) -> None:
        data = source if isinstance(source, bytes) else read_from(source, 0)
        result = await self.run(put_script(path, mode), label="put", data=data)
        if not result.ok:
            raise NodeFault(f"{self._name}: cannot write {path}: {result.stderr.decode(errors='replace').strip()}")

    async def close(self) -> None:
        return None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def _open(self, label: str, *, with_data: bool) -> asyncio.subprocess.Process:
        if not self._plugged:
            raise Unreachable(f"{self._name}: connection refused, nothing listens there")
        line, pipe = exec_line(label, with_data=with_data), asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            "sh",
            "-c",
            line,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            env=self._env,
            cwd=self._env["HOME"],
            start_new_session=True,  # as under sshd
        )


class _LocalOutput:
    """The output of a process on this machine."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self._name, self._process = name, process
        self._begun = False

    async def read(self, limit: int) -> bytes:
        assert self._process.stdout is not None
        if not self._begun:
            self._begun = True
            with suppress(asyncio.IncompleteReadError):
                await self._process.stdout.readuntil(b"%%deployplan%%\n")
        return await self._process.stdout.read(limit)

    async def wait(self) -> Result:
        assert self._process.stderr is not None
        stderr = await self._process.stderr.read()
        await self._process.wait()
        return Result(_exit(self._process), b"", stderr)


def _exit(process: asyncio.subprocess.Process) -> int:
    code = process.returncode if process.returncode is not None else 255
    return code if code >= 0 else 128 - code
