"""One sh on a node that carries out one command after another: each told whole or not at all, each end proven."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Protocol

from deployplan.remote.command import Command
from deployplan.remote.errors import NodeFault, RemoteError, Unreachable
from deployplan.remote.transport import (
    KIBI,
    MARKER,
    Counted,
    Result,
    after_data,
    after_marker,
    lasting_begin,
    lasting_command,
)

_NOISE_LIMIT = 64 * KIBI
_PIECE = 256 * KIBI
_LONGEST_END = 100
NOT_WHOLE = 96
"""How a shell ends that was sent something that is no command of ours, and did nothing."""


class Pipe(Protocol):
    """A program that runs on a node as `lasting_line` has it (see `inbox.Inbox`)."""

    @property
    def over(self) -> bool: ...
    @property
    def stderr(self) -> bytes: ...
    @property
    def exit_code(self) -> int | None: ...

    async def read(self, limit: int) -> bytes: ...
    async def stderr_until(self, mark: bytes) -> bytes | None: ...
    def write(self, data: bytes) -> None: ...
    async def may_write(self) -> None: ...
    def close(self) -> None: ...


class LastingShell:
    """One such sh. `node` is its name in messages.

    One command at a time: `send`, `feed` where it takes data, `read` to its end, `result`.
    """

    def __init__(self, node: str, pipe: Pipe) -> None:
        self._node, self._pipe = node, pipe
        # A character that texts do not have comes first: else every end of a text that might be the mark's beginning
        # would have to wait for what comes next.
        mark = f"\x1e{secrets.token_hex(16)}"
        self._mark = mark
        self._end = mark.encode()
        self._begun = False
        self._at_work = False
        self._takes_data = False
        self._spent = False
        self._label = ""
        self._ahead = b""
        self._code = 0
        pipe.write(lasting_begin(mark))

    @property
    def idle(self) -> bool:
        """Whether it can be sent a command: the last one is over, and the shell is not."""
        return not self._at_work and not self._spent and not self._pipe.over

    def send(self, script: str | Command, label: str, *, data: bool = False) -> None:
        """Have the command carried out, without waiting for anything. With `data` it waits for what `feed` gives it."""
        self._at_work, self._label, self._takes_data = True, label, data
        self._pipe.write(lasting_command(script, label, self._mark, data=data))

    async def feed(self, data: Counted) -> None:
        """Give the command its data, no faster than they are taken; RemoteError when there are fewer than they say.

        A shell that ends meanwhile is no error here: `read` tells of it.
        """
        left = data.length
        async for piece in data.pieces:
            self._pipe.write(piece[:left])
            left -= min(len(piece), left)
            await self._pipe.may_write()
            if left == 0 or self._pipe.over:
                break
        if left and not self._pipe.over:
            raise RemoteError(
                f"{self._node}: {self._label} had {left} bytes fewer to send than the {data.length} it began with"
            )
        self._pipe.write(after_data(self._mark))

    async def read(self, limit: int) -> bytes:
        """Return some of what the command says on stdout, up to `limit` bytes; b"" at its end.

        Raises Unreachable when the shell ended before: what became of the command is unknown. NodeFault when it says
        that the command did not arrive whole, or when no shell answered at all.
        """
        if not self._begun:
            await self._hear_out()
        while self._at_work:
            if piece := self._before_end(limit):
                return piece
            if self._ahead.startswith(self._end):
                await self._read_end()
            else:
                await self._more()
        return b""

    async def result(self) -> Result:
        """How the command that is over ended; `stdout` of it was read."""
        said = await self._pipe.stderr_until(self._end)
        if said is None:
            raise self._broken()
        return Result(self._code, b"", said)

    def close(self) -> None:
        """End the shell."""
        self._pipe.close()

    async def _hear_out(self) -> None:
        """Drop what the login says before our shell begins."""
        while (
            MARKER not in self._ahead and len(self._ahead) <= _NOISE_LIMIT and (piece := await self._pipe.read(_PIECE))
        ):
            self._ahead += piece
        self._ahead = after_marker(self._node, self._ahead, self._pipe.stderr)
        self._begun = True

    def _before_end(self, limit: int) -> bytes:
        """Take what is there and is not the mark, nor may be its beginning."""
        at = self._ahead.find(self._end)
        if at < 0:
            at = self._ahead.rfind(self._end[:1], max(0, len(self._ahead) - len(self._end) + 1))
            if at < 0 or not self._end.startswith(self._ahead[at:]):
                at = len(self._ahead)
        piece, self._ahead = self._ahead[: min(at, limit)], self._ahead[min(at, limit) :]
        return piece

    async def _read_end(self) -> None:
        while b"\n" not in self._ahead:
            if len(self._ahead) > _LONGEST_END:
                raise NodeFault(f"{self._node}: the end of {self._label} makes no sense")
            await self._more()
        line, _, self._ahead = self._ahead.partition(b"\n")
        word = line[len(self._end) :].strip()
        if not word.isdigit() or len(word) > 3:
            raise NodeFault(f"{self._node}: the end of {self._label} makes no sense: {word[:40]!r}")
        self._code, self._at_work = int(word), False
        self._spent = self._takes_data and self._code != 0  # it ends, as nobody knows how much of them it took

    async def _more(self) -> None:
        piece = await self._pipe.read(_PIECE)
        if not piece:
            raise self._broken()
        self._ahead += piece

    def _broken(self) -> NodeFault | Unreachable:
        result = Result(self._pipe.exit_code or 0, b"", self._pipe.stderr)
        if result.exit == NOT_WHOLE:
            return NodeFault(f"{self._node}: {self._label}: {result.complaint}")
        ended = "" if self._pipe.exit_code is None else f" (its shell ended with {result.exit}: {result.complaint})"
        return Unreachable(f"{self._node}: the connection was lost during {self._label}{ended}")


class Shells:
    """The lasting shells of one connection: as many as there are commands at once; one is kept for the next."""

    def __init__(self, node: str, opening: Callable[[], Awaitable[Pipe]]) -> None:
        self._node, self._opening = node, opening
        self._spare: LastingShell | None = None

    @asynccontextmanager
    async def command(self, script: str | Command, label: str, *, data: bool = False) -> AsyncIterator["CommandOutput"]:
        """Have the command carried out, and give what it says; leaving the context ends it, if it still runs.

        With `data` it waits for what `feed` gives it.
        """
        shell = self._take_spare() or LastingShell(self._node, await self._opening())
        shell.send(script, label, data=data)
        output = CommandOutput(shell, self._keep)
        try:
            yield output
        finally:
            output.leave()

    def close_spare(self) -> bool:
        """End the one that is kept, for its place is needed; whether there was one."""
        shell, self._spare = self._spare, None
        if shell is not None:
            shell.close()
        return shell is not None

    def _take_spare(self) -> LastingShell | None:
        shell, self._spare = self._spare, None
        if shell is not None and not shell.idle:
            shell.close()
            return None
        return shell

    def _keep(self, shell: LastingShell) -> None:
        if shell.idle and self._spare is None:
            self._spare = shell
        else:
            shell.close()


class CommandOutput:
    """What one command says as it comes (see `transport.RemoteOutput`); its shell is free as soon as it is over."""

    def __init__(self, shell: LastingShell, keep: Callable[[LastingShell], None]) -> None:
        self._shell: LastingShell | None = shell
        self._keep = keep
        self._result: Result | None = None

    async def feed(self, data: Counted) -> None:
        """Give it its data (see `LastingShell.feed`)."""
        if self._shell is not None:
            await self._shell.feed(data)

    async def read(self, limit: int) -> bytes:
        """Return some of it, b"" at the end. After an error, and when it was cancelled, there is no more to read."""
        if self._shell is None:
            return b""
        try:
            piece = await self._shell.read(limit)
            if not piece:
                self._result = await self._shell.result()
                shell, self._shell = self._shell, None
                self._keep(shell)
        except BaseException:
            self.leave()  # now: its session may be needed for what follows
            raise
        return piece

    async def wait(self) -> Result:
        """Wait for the end; what it says meanwhile is thrown away."""
        while await self.read(_PIECE):
            pass
        if self._result is None:
            raise Unreachable("the command was left before its end")
        return self._result

    def leave(self) -> None:
        """End the command, if it still runs."""
        shell, self._shell = self._shell, None
        if shell is not None:
            shell.close()
