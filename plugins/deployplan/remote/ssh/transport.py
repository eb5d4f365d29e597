"""Reaching a node over SSH, with asyncssh: one connection a node, many sessions, errors by name in bounded time."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Self, cast

import asyncssh
from asyncssh.constants import MSG_IGNORE
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from deployplan.remote.command import Command
from deployplan.remote.errors import NodeFault, RemoteError, Unreachable
from deployplan.remote.lasting_shell import CommandOutput, Shells
from deployplan.remote.ssh.algorithms import CIPHERS, KEY_EXCHANGES, MACS, SIGNATURES
from deployplan.remote.ssh.client_keys import client_keys
from deployplan.remote.ssh.errors import HandshakeDropped, behind, error_for, through_proxy
from deployplan.remote.ssh.handshakes import doorway
from deployplan.remote.ssh.host_keys import Expectation, KeyWitness, expectation
from deployplan.remote.ssh.jump_hosts import JumpHosts
from deployplan.remote.ssh.proxy_command import ProxyLine, open_line
from deployplan.remote.ssh.session import Session
from deployplan.remote.staging import read_from
from deployplan.remote.transport import (
    ANSWER_LIMIT,
    KIBI,
    Address,
    Counted,
    RemoteOutput,
    Result,
    after_marker,
    exec_line,
    lasting_line,
    put_script,
    shell_text,
)

_KEEPALIVE_SECONDS, _KEEPALIVE_COUNT = 5, 3
_HANDSHAKES = 6
_SESSIONS = 8  # at work at once, and a spare shell: sshd allows 10 a connection unless told otherwise
_SESSION_ATTEMPTS = 6
_NOISE_LIMIT = 64 * KIBI

_JUMPS = JumpHosts()

logging.getLogger("asyncssh").setLevel(logging.WARNING)  # it tells of every session, hundreds a run


async def connect(address: Address, witness: KeyWitness | None = None) -> "SshTransport":
    """Connect to the node, and again when sshd drops the handshake because too many come at once (MaxStartups).

    The connection to a jump host is shared with all other nodes behind it; what goes wrong there is told with the
    jump host's name. `witness` sees how far it came.

    Raises Unreachable, HostKeyRefused, AuthenticationRefused or NoCommonAlgorithm, all naming the node, in bounded
    time: at most the timeouts of `address` for each of 6 dropped handshakes, and some 10 s between them; the same for
    each jump host.
    """
    return SshTransport(address, await _reach(address, witness))


async def _reach(address: Address, witness: KeyWitness | None = None) -> asyncssh.SSHClientConnection:
    retrying = AsyncRetrying(
        retry=retry_if_exception_type(HandshakeDropped),
        wait=wait_random_exponential(multiplier=0.25, max=5),
        stop=stop_after_attempt(_HANDSHAKES),
        reraise=True,
    )
    if address.jump is None:
        return await retrying(_connect_once, address, None, witness)
    try:
        tunnel = await _JUMPS.enter(address.jump, _reach)
    except RemoteError as error:
        raise behind(address.name, error) from error
    try:
        return await retrying(_connect_once, address, tunnel, witness)
    except BaseException:
        _JUMPS.leave(address.jump)
        raise


async def _connect_once(
    address: Address,
    tunnel: asyncssh.SSHClientConnection | None = None,
    witness: KeyWitness | None = None,
) -> asyncssh.SSHClientConnection:
    witness = witness or KeyWitness()
    expected: Expectation | None = None
    line: ProxyLine | None = None
    door = doorway(address.host, address.port)
    try:
        async with door.one():
            # asyncssh bounds its own steps; the sum is bounded here, whatever the other side sends.
            async with asyncio.timeout(address.connect_timeout + address.login_timeout):
                expected = await expectation(address)
                line = await open_line(address) if address.proxy_command else None
                connection, _ = await asyncssh.create_connection(
                    lambda: witness,
                    address.host,
                    address.port,
                    tunnel=tunnel or (),
                    sock=line.socket if line else None,
                    **_options(address, expected),
                )
    except BaseException as error:
        said = await _given_up(line)
        if not isinstance(error, (OSError, asyncssh.Error, TimeoutError, ValueError)):
            raise
        known = error_for(error, address, witness, expected)
        if isinstance(known, HandshakeDropped):
            door.narrow()
        raise through_proxy(known, said) from error
    if line is not None:
        _close_with(connection, line)
    return connection


async def _given_up(line: ProxyLine | None) -> str | None:
    """End the ProxyCommand of a connection that came to nothing; what it said."""
    if line is None:
        return None
    try:
        return await line.complaint()
    finally:
        await line.close()


_closing: set[asyncio.Task[None]] = set()


def _close_with(connection: asyncssh.SSHClientConnection, line: ProxyLine) -> None:
    """End the ProxyCommand when its connection is over."""

    async def close() -> None:
        await connection.wait_closed()
        await line.close()

    task = asyncio.create_task(close())
    _closing.add(task)  # else it could be forgotten before it is done
    task.add_done_callback(_closing.discard)


def _options(address: Address, expected: Expectation) -> dict[str, Any]:
    own = bool(address.key_files or address.private_key or address.password)
    return {
        "config": None,  # what a plan does must not depend on somebody's ~/.ssh/config
        "known_hosts": expected.known,
        "server_host_key_algs": expected.algorithms,
        "username": address.username if address.username else (),
        # () means the user's own keys and agent, None means none at all.
        "client_keys": (client_keys(address) or None) if own else (),
        "agent_path": None if own else (),
        "passphrase": address.passphrase.reveal() if address.passphrase else None,
        "password": address.password.reveal() if address.password else None,
        "preferred_auth": "publickey,password,keyboard-interactive" if address.password else "publickey",
        "kex_algs": KEY_EXCHANGES,
        "encryption_algs": CIPHERS,
        "mac_algs": MACS,
        "signature_algs": SIGNATURES,
        "compression_algs": ("none",),  # packages are compressed already
        "connect_timeout": address.connect_timeout,
        "login_timeout": address.login_timeout,
        "keepalive_interval": _KEEPALIVE_SECONDS,
        "keepalive_count_max": _KEEPALIVE_COUNT,
    }


class SshTransport:
    """One connection to one node; safe to use from many coroutines at once."""

    def __init__(self, address: Address, connection: asyncssh.SSHClientConnection) -> None:
        self.address = address
        self._connection = connection
        _leave_out_ignored(connection)
        self._behind = address.jump
        self._sessions = asyncio.Semaphore(_SESSIONS)
        self._shells = Shells(str(address), lambda: self._open(lasting_line(), "shell"))

    @property
    def name(self) -> str:
        return self.address.name

    @property
    def closed(self) -> bool:
        return self._connection.is_closed()

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
            async with asyncio.timeout(timeout), self._sessions:
                if data is None or isinstance(data, Counted):
                    return await self._run(script, data, label, limit)
                return await self._run_with(script, data, label, limit)
        except TimeoutError:
            raise Unreachable(f"{self.address}: {label} was not answered within {timeout:g} s") from None

    @asynccontextmanager
    async def stream(self, script: str | Command, *, label: str = "stream") -> AsyncIterator[RemoteOutput]:
        async with self._sessions, self._shells.command(script, label) as output:
            yield _SshOutput(self, output, label)

    async def _run(self, script: str | Command, data: Counted | None, label: str, limit: int) -> Result:
        async with self._shells.command(script, label, data=data is not None) as output:
            with self.naming(label):
                if data is not None:
                    await output.feed(data)
                stdout = await self._read_all(output, label, limit)
                return replace(await output.wait(), stdout=stdout)

    async def _run_with(
        self, script: str | Command, data: bytes | AsyncIterator[bytes], label: str, limit: int
    ) -> Result:
        """Run a command that reads `data`: in a session of its own, as it may read to the end of it."""
        text = shell_text(script, label)
        session = await self._open(exec_line(label), label)
        try:
            with self.naming(label):
                if isinstance(data, bytes):
                    await session.feed(text, data)
                    stdout = await self._read_all(session, label, limit + _NOISE_LIMIT)
                else:
                    _, stdout = await gather_all(
                        session.feed(text, data), self._read_all(session, label, limit + _NOISE_LIMIT)
                    )
                code = await session.ended()
        finally:
            session.close()
        if code is None:
            raise Unreachable(f"{self.address}: the connection was lost during {label}")
        return Result(code, after_marker(str(self.address), stdout, session.stderr), session.stderr)

    async def put(self, source: Path | bytes, path: str, *, mode: int = 0o600) -> None:
        data = source if isinstance(source, bytes) else read_from(source, 0)
        result = await self.run(put_script(path, mode), label="put", data=data, timeout=600)
        if not result.ok:
            raise NodeFault(f"{self.address}: cannot write {path}: {result.complaint}")

    async def close(self) -> None:
        self._connection.close()
        try:
            async with asyncio.timeout(2):
                await self._connection.wait_closed()
        except (TimeoutError, OSError, asyncssh.Error):
            self._connection.abort()
        finally:
            jump, self._behind = self._behind, None
            if jump is not None:
                _JUMPS.leave(jump)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def _open(self, line: str, label: str) -> Session:
        for attempt in range(1, _SESSION_ATTEMPTS + 1):
            with self.naming(label):
                try:
                    _, session = await self._connection.create_session(Session, line, encoding=None)
                    return cast(Session, session)
                except asyncssh.ChannelOpenError as error:
                    if self.closed or attempt == _SESSION_ATTEMPTS:
                        raise Unreachable(
                            f"{self.address}: sshd opens no session for {label} ({error.reason}); "
                            f"MaxSessions should be at least {_SESSIONS + 2}"
                        ) from error
            self._shells.close_spare()  # it may be in the way
            await asyncio.sleep(0.1 * 2**attempt)
        raise AssertionError("the last attempt returns or raises")

    async def _read_all(self, source: Session | CommandOutput, label: str, limit: int) -> bytes:
        pieces: list[bytes] = []
        size = 0
        while piece := await source.read(256 * KIBI):
            pieces.append(piece)
            size += len(piece)
            if size > limit:
                raise NodeFault(f"{self.address}: {label} was answered with more than {limit} bytes")
        return b"".join(pieces)

    @contextmanager
    def naming(self, label: str) -> Iterator[None]:
        """Give what asyncssh raises inside our name."""
        try:
            yield
        except (asyncssh.Error, OSError) as error:
            if isinstance(error, (TimeoutError, asyncssh.ChannelOpenError)):
                raise
            raise Unreachable(f"{self.address}: the connection was lost during {label} ({error})") from error


class _SshOutput:
    """The output of one command, with errors by name."""

    def __init__(self, transport: SshTransport, output: CommandOutput, label: str) -> None:
        self._transport, self._output, self._label = transport, output, label

    async def read(self, limit: int) -> bytes:
        with self._transport.naming(self._label):
            return await self._output.read(limit)

    async def wait(self) -> Result:
        with self._transport.naming(self._label):
            return await self._output.wait()


def _leave_out_ignored(connection: asyncssh.SSHClientConnection) -> None:
    """Send no SSH_MSG_IGNORE: asyncssh puts one before each message, half of all that it encrypts and sends.

    They protect ciphers in CBC mode, which are not offered here (CIPHERS), and nothing else.
    """
    send = connection.send_packet

    def send_packet(pkttype: int, *args: bytes, **options: Any) -> None:
        if pkttype != MSG_IGNORE:
            send(pkttype, *args, **options)

    connection.send_packet = send_packet  # type: ignore[method-assign]


async def gather_all(*awaitables: Any) -> list[Any]:
    """Await all; the first error cancels the others and is raised."""
    tasks = [asyncio.ensure_future(each) for each in awaitables]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
