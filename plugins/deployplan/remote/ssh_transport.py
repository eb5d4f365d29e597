"""Reaching a node over SSH, with asyncssh: one connection a node, many sessions, errors by name in bounded time."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import asyncssh
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from deployplan.remote.command import Command
from deployplan.remote.errors import NodeFault, RemoteError, Unreachable
from deployplan.remote.host_keys import KeyWitness, algorithms, trusted
from deployplan.remote.ssh_errors import HandshakeDropped, named
from deployplan.remote.staging import read_from
from deployplan.remote.transport import (
    ANSWER_LIMIT,
    KIBI,
    MARKER,
    Address,
    RemoteOutput,
    Result,
    after_marker,
    exec_line,
    put_script,
    shell_text,
)

# Curve25519 first: fast, and what every sshd of the last ten years has.
_KEX = (
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
    "ecdh-sha2-nistp256",
    "ecdh-sha2-nistp384",
    "ecdh-sha2-nistp521",
    "diffie-hellman-group16-sha512",
    "diffie-hellman-group14-sha256",
)
_KEEPALIVE_SECONDS, _KEEPALIVE_COUNT = 5, 3
_HANDSHAKES = 6
_SESSIONS = 8  # sshd allows 10 a connection unless told otherwise
_SESSION_ATTEMPTS = 6
_STDERR_LIMIT = 64 * KIBI
_NOISE_LIMIT = 64 * KIBI

logging.getLogger("asyncssh").setLevel(logging.WARNING)  # it tells of every session, hundreds a run


async def connect(address: Address) -> "SshTransport":
    """Connect to the node, and again when sshd drops the handshake because too many come at once (MaxStartups).

    Raises Unreachable, HostKeyRefused or AuthenticationRefused, all naming the node, in bounded time: at most the
    timeouts of `address` for each of 6 dropped handshakes, and some 10 s between them.
    """
    retrying = AsyncRetrying(
        retry=retry_if_exception_type(HandshakeDropped),
        wait=wait_random_exponential(multiplier=0.25, max=5),
        stop=stop_after_attempt(_HANDSHAKES),
        reraise=True,
    )
    return SshTransport(address, await retrying(_connect_once, address))


async def connect_all(addresses: Iterable[Address], *, handshakes: int = 20) -> "dict[str, SshTransport | RemoteError]":
    """Connect to many nodes at once, at most `handshakes` at a time; by name, the transport or why there is none."""
    limit = asyncio.Semaphore(handshakes)

    async def one(address: Address) -> "SshTransport | RemoteError":
        async with limit:
            try:
                return await connect(address)
            except RemoteError as error:
                return error

    listed = list(addresses)
    found = await asyncio.gather(*(one(address) for address in listed))
    return {address.name: each for address, each in zip(listed, found, strict=True)}


async def _connect_once(address: Address) -> asyncssh.SSHClientConnection:
    witness = KeyWitness()
    try:
        # asyncssh bounds its own steps; the sum is bounded here, whatever the other side sends.
        async with asyncio.timeout(address.connect_timeout + address.login_timeout):
            connection, _ = await asyncssh.create_connection(
                lambda: witness, address.host, address.port, **await _options(address)
            )
            return connection
    except (OSError, asyncssh.Error, TimeoutError, ValueError) as error:
        raise named(error, address, witness) from error


async def _options(address: Address) -> dict[str, Any]:
    own = bool(address.key_files or address.private_key or address.password)
    passphrase = address.passphrase.reveal() if address.passphrase else None
    keys: list[Any] = list(address.key_files)
    if address.private_key:
        keys.append(asyncssh.import_private_key(address.private_key.reveal(), passphrase))
    known = trusted(address)
    return {
        "config": None,  # what a plan does must not depend on somebody's ~/.ssh/config
        "known_hosts": known,
        "server_host_key_algs": await algorithms(address, known),
        "username": address.username if address.username else (),
        # () means the user's own keys and agent, None means none at all.
        "client_keys": (keys or None) if own else (),
        "agent_path": None if own else (),
        "passphrase": passphrase,
        "password": address.password.reveal() if address.password else None,
        "preferred_auth": "publickey,password,keyboard-interactive" if address.password else "publickey",
        "kex_algs": _KEX,
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
        self._sessions = asyncio.Semaphore(_SESSIONS)

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
        data: bytes | AsyncIterator[bytes] | None = None,
        timeout: float = 60.0,
        limit: int = ANSWER_LIMIT,
    ) -> Result:
        try:
            async with asyncio.timeout(timeout), self._session(script, label, data is not None) as process:
                feed = _feed(process, shell_text(script, with_data=data is not None), data)
                out = self._read_all(process, label, limit)
                _, stdout, stderr = await together(feed, out, _read_some(process.stderr, _STDERR_LIMIT))
                code = await self._exit(process, label)
        except TimeoutError:
            raise Unreachable(f"{self.address}: {label} was not answered within {timeout:g} s") from None
        return Result(code, after_marker(str(self.address), stdout, stderr), stderr)

    @asynccontextmanager
    async def stream(self, script: str | Command, *, label: str = "stream") -> AsyncIterator[RemoteOutput]:
        async with self._session(script, label, False) as process:
            await _feed(process, shell_text(script, with_data=False), None)
            yield _SshOutput(self, process, label)

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

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    @asynccontextmanager
    async def _session(self, script: str | Command, label: str, with_data: bool) -> "AsyncIterator[Process]":
        async with self._sessions:
            process = await self._open(exec_line(label, with_data=with_data), label)
            try:
                with self.naming(label):
                    yield process
            finally:
                process.close()

    async def _open(self, line: str, label: str) -> "Process":
        for attempt in range(1, _SESSION_ATTEMPTS + 1):
            with self.naming(label):
                try:
                    return await self._connection.create_process(line, encoding=None)
                except asyncssh.ChannelOpenError as error:
                    if self.closed or attempt == _SESSION_ATTEMPTS:
                        raise Unreachable(
                            f"{self.address}: sshd opens no session for {label} ({error.reason}); "
                            f"MaxSessions should be at least {_SESSIONS + 2}"
                        ) from error
            await asyncio.sleep(0.1 * 2**attempt)
        raise AssertionError("the last attempt returns or raises")

    async def _read_all(self, process: "Process", label: str, limit: int) -> bytes:
        pieces: list[bytes] = []
        size = 0
        while piece := await process.stdout.read(256 * KIBI):
            pieces.append(piece)
            size += len(piece)
            if size > limit + _NOISE_LIMIT:
                raise NodeFault(f"{self.address}: {label} was answered with more than {limit} bytes")
        return b"".join(pieces)

    async def _exit(self, process: "Process", label: str) -> int:
        await process.wait_closed()
        if process.exit_signal:
            return 128 + _signal_number(process.exit_signal[0])
        if process.exit_status is None:
            raise Unreachable(f"{self.address}: the connection was lost during {label}")
        return process.exit_status

    @contextmanager
    def naming(self, label: str) -> Iterator[None]:
        """Give what asyncssh raises inside our name."""
        try:
            yield
        except (asyncssh.Error, OSError) as error:
            if isinstance(error, (TimeoutError, asyncssh.ChannelOpenError)):
                raise
            raise Unreachable(f"{self.address}: the connection was lost during {label} ({error})") from error


Process = asyncssh.SSHClientProcess[bytes]


class _SshOutput:
    """The output of one session; the login shell's noise before the marker is dropped."""

    def __init__(self, transport: SshTransport, process: Process, label: str) -> None:
        self._transport, self._process, self._label = transport, process, label
        self._begun = False
        self._ahead = b""

    async def read(self, limit: int) -> bytes:
        with self._transport.naming(self._label):
            while not self._begun:
                piece = await self._process.stdout.read(limit)
                self._ahead += piece
                if MARKER in self._ahead or not piece or len(self._ahead) > _NOISE_LIMIT:
                    self._ahead = after_marker(self._transport.name, self._ahead)
                    self._begun = True
            if self._ahead:
                piece, self._ahead = self._ahead[:limit], self._ahead[limit:]
                return piece
            return await self._process.stdout.read(limit)

    async def wait(self) -> Result:
        with self._transport.naming(self._label):
            stderr = await _read_some(self._process.stderr, _STDERR_LIMIT)
            return Result(await self._transport._exit(self._process, self._label), b"", stderr)


async def together(*awaitables: Any) -> list[Any]:
    """Await all; the first error cancels the others and is raised."""
    tasks = [asyncio.ensure_future(each) for each in awaitables]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _feed(process: Process, text: bytes, data: bytes | AsyncIterator[bytes] | None) -> None:
    # A program that stops reading is no error here: how it ended tells why.
    with suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(text)
        if isinstance(data, bytes):
            process.stdin.write(data)
        elif data is not None:
            async for piece in data:
                process.stdin.write(piece)
                await process.stdin.drain()
        await process.stdin.drain()
        process.stdin.write_eof()


async def _read_some(reader: asyncssh.SSHReader[bytes], limit: int) -> bytes:
    """Read to the end, keep the last `limit` bytes."""
    kept = b""
    while piece := await reader.read(64 * KIBI):
        kept = (kept + piece)[-limit:]
    return kept


def _signal_number(name: str) -> int:
    return getattr(signal, f"SIG{name}", signal.SIGKILL).value
