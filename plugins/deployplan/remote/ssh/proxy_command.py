"""ProxyCommand: a program whose stdin and stdout are the line to a node, as OpenSSH has it."""

import asyncio
import socket
from asyncio.subprocess import PIPE, Process

from deployplan.remote.command import quote
from deployplan.remote.errors import RemoteError
from deployplan.remote.transport import Address

_SAID = 2048


class ProxyLine:
    """A running ProxyCommand. `socket` is our end of it; what it said on stderr is kept for the error."""

    def __init__(self, ours: socket.socket, process: Process) -> None:
        self.socket, self._process = ours, process
        self._said = b""
        self._listening = asyncio.create_task(self._listen())

    async def complaint(self) -> str:
        """What it said last, in one line; and that it ended, when it did."""
        try:
            async with asyncio.timeout(0.5):  # it may be about to end, and to say why
                await self._process.wait()
                await self._listening
        except TimeoutError:
            pass
        text = "; ".join(self._said.decode(errors="replace").split("\n")).strip("; ")
        text = "".join(character if character.isprintable() else " " for character in text)
        code = self._process.returncode
        ended = "" if code is None else f"it ended with exit code {code}"
        return ": ".join(part for part in (ended, text) if part) or "it said nothing"

    async def close(self) -> None:
        """End the program."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)
        self.socket.close()

    async def _listen(self) -> None:
        assert self._process.stderr is not None
        while piece := await self._process.stderr.read(_SAID):
            self._said = (self._said + piece)[-_SAID:]


async def open_line(address: Address) -> ProxyLine:
    """Start the ProxyCommand of `address`. OSError when there is no sh, RemoteError when it cannot be."""
    ours, theirs = socket.socketpair()
    try:
        process = await asyncio.create_subprocess_exec(
            "sh",
            "-c",
            f"exec {command_line(address)}",
            stdin=theirs.fileno(),
            stdout=theirs.fileno(),
            stderr=PIPE,
            start_new_session=True,
        )
    except BaseException:
        ours.close()
        raise
    finally:
        theirs.close()
    ours.setblocking(False)
    return ProxyLine(ours, process)


def command_line(address: Address) -> str:
    """Return the command with %h, %n, %p, %r and %% replaced, each as one word of the shell.

    RemoteError for another sign after %.
    """
    values = {
        "h": quote(address.host),
        "n": quote(address.name),
        "p": str(address.port),
        "r": quote(address.username or ""),
        "%": "%",
    }
    line, rest = "", address.proxy_command or ""
    while rest:
        before, percent, rest = rest.partition("%")
        line += before
        if percent:
            if rest[:1] not in values or not rest:
                raise RemoteError(f"{address}: ProxyCommand: %{rest[:1]} is not known; %h, %n, %p, %r and %% are")
            line, rest = line + values[rest[0]], rest[1:]
    return line
