"""An SSH server that is one practice node: real protocol, real /bin/sh, a home of its own."""

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import PIPE, Process, SubprocessStreamProtocol
from collections.abc import Coroutine, Mapping
from typing import Any

import asyncssh

from deployplan.local.practice_layout import HOST, PracticeNode

_BLOCK = 65536


class NodeServer:
    """Listens as one node and runs commands in its home, with exactly the environment given.

    Like OpenSSH, a lost connection closes a command's pipes and kills nothing: what has detached itself lives on.
    """

    def __init__(self, node: PracticeNode, client_key: asyncssh.SSHKey, environment: Mapping[str, str]) -> None:
        self._node = node
        self._client_key = client_key
        self._environment = environment
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self._connections: set[asyncssh.SSHServerConnection] = set()
        self._commands: set[asyncio.Task[int]] = set()

    async def listen(self) -> None:
        """Begin to accept connections with the client's key."""
        public = self._client_key.export_public_key().decode()
        self._acceptor = await asyncssh.listen(
            HOST,
            self._node.ssh_port,
            server_factory=lambda: _Door(self._connections),
            server_host_keys=[asyncssh.read_private_key(self._node.host_key)],
            authorized_client_keys=asyncssh.import_authorized_keys(public),
            process_factory=self._session,
            encoding=None,
            allow_pty=False,
            line_editor=False,
        )

    def cut(self) -> None:
        """Stop listening and break every connection without a word, as when the cable is pulled."""
        if self._acceptor is not None:
            self._acceptor.close()
        for connection in tuple(self._connections):
            connection.abort()

    async def _session(self, channel: asyncssh.SSHServerProcess[bytes]) -> None:
        process, pipes = await _start(self._node, channel.command, self._environment)
        ended = asyncio.create_task(process.wait())
        self._commands.add(ended)
        ended.add_done_callback(self._commands.discard)
        try:
            await _while_connected(channel, _attend(channel, process))
            _report_exit(channel, await asyncio.shield(ended))
        except (asyncssh.Error, OSError, asyncio.CancelledError):
            channel.close()
        finally:
            _close_pipes(pipes)


class _Door(asyncssh.SSHServer):
    """Remembers who is in."""

    def __init__(self, connections: set[asyncssh.SSHServerConnection]) -> None:
        self._connections = connections
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._connection is not None:
            self._connections.discard(self._connection)


async def _start(
    node: PracticeNode, command: str | None, environment: Mapping[str, str]
) -> tuple[Process, asyncio.SubprocessTransport]:
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.subprocess_exec(
        lambda: SubprocessStreamProtocol(limit=_BLOCK, loop=loop),
        *(("/bin/sh",) if command is None else ("/bin/sh", "-c", command)),
        cwd=node.home,
        env=dict(environment),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        start_new_session=True,
    )
    return Process(transport, protocol, loop), transport


async def _while_connected(channel: asyncssh.SSHServerProcess[bytes], work: Coroutine[Any, Any, None]) -> None:
    """Do the work until it is done or the client is gone."""
    working, gone = asyncio.create_task(work), asyncio.create_task(channel.wait_closed())
    try:
        await asyncio.wait((working, gone), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise asyncssh.ConnectionLost("the client is gone")
        await working
    finally:
        working.cancel()
        gone.cancel()


async def _attend(channel: asyncssh.SSHServerProcess[bytes], process: Process) -> None:
    """Carry bytes both ways until the command's output ends, as OpenSSH does, whether or not its shell has ended."""
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    feeding = asyncio.create_task(_feed(channel, process, process.stdin))
    try:
        await asyncio.gather(_carry(process.stdout, channel.stdout), _carry(process.stderr, channel.stderr))
    finally:
        feeding.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await feeding


async def _feed(channel: asyncssh.SSHServerProcess[bytes], process: Process, stdin: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, asyncssh.Error):
        while True:
            try:
                data = await channel.stdin.read(_BLOCK)
            except asyncssh.SignalReceived as received:
                _signal(process, received.signal)
                continue
            except asyncssh.BreakReceived:
                _signal(process, "INT")
                continue
            if not data:
                break
            stdin.write(data)
            await stdin.drain()
        stdin.close()


async def _carry(source: asyncio.StreamReader, sink: asyncssh.SSHWriter[bytes]) -> None:
    while data := await source.read(_BLOCK):
        sink.write(data)
        await sink.drain()


def _signal(process: Process, name: str) -> None:
    number = getattr(signal, f"SIG{name}", None)
    if number is not None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)


def _report_exit(channel: asyncssh.SSHServerProcess[bytes], code: int) -> None:
    if code >= 0:
        channel.exit(code)
    else:
        channel.exit_with_signal(signal.Signals(-code).name.removeprefix("SIG"), core_dumped=False)


def _close_pipes(transport: asyncio.SubprocessTransport) -> None:
    """Close our ends only: closing the transport itself would kill the command."""
    for descriptor in (0, 1, 2):
        pipe = transport.get_pipe_transport(descriptor)
        if pipe is not None:
            pipe.close()
