"""Real OpenSSH servers on loopback, one a node: own port, own host key, own home folder, run as the present user."""

import asyncio
import getpass
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from deployplan.remote.errors import RemoteError
from deployplan.remote.ssh.transport import SshTransport, connect
from deployplan.remote.transport import Address
from lanes import own_ports
from marked_processes import marked_processes

SSHD = next((path for path in ("/usr/sbin/sshd", "/usr/local/sbin/sshd") if Path(path).exists()), None)


class OpenSshNode:
    """A node: sshd on a free port of 127.0.0.1, with `root/name/home` as everybody's home folder.

    `options` are lines of sshd_config; `path` is the PATH of the node's processes. What runs on the node is known by
    its HOME, so `processes()` and `power_off()` find it all, detached or not.
    """

    def __init__(self, name: str, root: Path, *, options: Mapping[str, str] | None = None, path: str = "") -> None:
        self.name = name
        self.host = "127.0.0.1"
        self.port = _free_port()
        self.user = getpass.getuser()
        self.root = root / name
        self.home = self.root / "home"
        self.key_file = self.root / "client_key"
        self._options = dict(options or {})
        self._path = path or os.environ["PATH"]
        self._sshd: subprocess.Popen[bytes] | None = None
        self.home.mkdir(parents=True)
        self.root.chmod(0o700)
        for key in ("host_key", "client_key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.root / key], check=True)

    @property
    def host_key(self) -> str:
        """The public host key, as `ssh-ed25519 AAAA…`."""
        return " ".join((self.root / "host_key.pub").read_text().split()[:2])

    @property
    def base(self) -> Path:
        """Where deployplan keeps its facts on this node."""
        return self.home / ".deployplan"

    def address(self, **changes: Any) -> Address:
        """How to reach the node; `changes` replace fields."""
        known: dict[str, Any] = {"host_key": self.host_key, "key_files": (str(self.key_file),), "username": self.user}
        return Address(**{"name": self.name, "host": self.host, "port": self.port, **known, **changes})

    async def connect(self, **changes: Any) -> SshTransport:
        return await connect(self.address(**changes))

    def start(self) -> "OpenSshNode":
        """Start sshd and wait until it listens."""
        assert SSHD, "no sshd on this machine"
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)  # compiled into sshd, which refuses to start as root without it
        config = self.root / "sshd_config"
        config.write_text(self._config())
        log = self.root / "sshd.log"
        with log.open("ab") as file:
            said = file.tell()
            self._sshd = subprocess.Popen(
                [SSHD, "-D", "-e", "-f", config], stdout=file, stderr=file, start_new_session=True
            )
        for _ in range(500):
            if b"Server listening on" in log.read_bytes()[said:]:  # that somebody answers would not tell who
                return self
            if self._sshd.poll() is not None:
                break
            time.sleep(0.01)
        raise RuntimeError(f"sshd of {self.name} does not listen: {(self.root / 'sshd.log').read_text()}")

    def stop(self) -> None:
        """End sshd and all connections; what runs detached on the node runs on."""
        if self._sshd is None:
            return
        for pid in (self._sshd.pid, *_children(self._sshd.pid)):
            _kill(pid)
        self._sshd.wait()
        self._sshd = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def power_off(self) -> None:
        """End sshd and everything that runs on the node, as a power cut would (files stay)."""
        self.stop()
        while pids := self.processes():
            for pid in pids:
                _kill(pid)
            time.sleep(0.01)

    def processes(self, job: str | None = None) -> list[int]:
        """The living processes on this node, or those of one job of it."""
        marks = {f"HOME={self.home}".encode()}
        if job:
            marks.add(f"DEPLOYPLAN_JOB={self.base}/jobs/{job}".encode())
        return marked_processes(marks)

    def _config(self) -> str:
        options = {
            "Port": str(self.port),
            "ListenAddress": self.host,
            "HostKey": str(self.root / "host_key"),
            "AuthorizedKeysFile": str(self.root / "client_key.pub"),
            "PidFile": "none",
            "StrictModes": "no",
            "UsePAM": "no",
            "PasswordAuthentication": "no",
            "KbdInteractiveAuthentication": "no",
            "PermitRootLogin": "yes",
            "PrintMotd": "no",
            "SetEnv": f'HOME="{self.home}" PATH="{self._path}"',
            **self._options,
        }
        return "".join(f"{key} {value}\n" for key, value in options.items())


_given: set[int] = set()


def _free_port() -> int:
    """A port that no other node was given, in use or not; the system takes those of its own connections from above."""
    if len(_given) > 900:  # long since ended, most of them
        _given.clear()
    while True:
        port = random.choice(own_ports(12_000, 20_000))
        with socket.socket() as probe, suppress(OSError):
            if port not in _given:
                probe.bind(("127.0.0.1", port))
                _given.add(port)
                return port


def _stat(pid: str) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _children(parent: int) -> list[int]:
    """The processes of sshd below `parent`: one or two a connection."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdecimal():
                parents[int(entry.name)] = int(_stat(entry.name)[1])
    found, left = list[int](), [parent]
    while left:
        above = left.pop()
        below = [pid for pid, its in parents.items() if its == above and _is_sshd(Path(f"/proc/{pid}"))]
        found += below
        left += below
    return found


def _is_sshd(entry: Path) -> bool:
    try:
        return (entry / "comm").read_text().startswith("sshd")
    except OSError:
        return False


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


class Wire:
    """A TCP line to a port of this machine that can be frozen (half-open: nothing arrives, nobody is told) or cut."""

    def __init__(self, port: int) -> None:
        self.port = 0
        self._target = port
        self._flows = asyncio.Event()
        self._flows.set()
        self._left: int | None = None
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> "Wire":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def freeze(self) -> None:
        self._flows.clear()

    def thaw(self) -> None:
        self._flows.set()

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def cut_after(self, sent: int) -> None:
        """Cut it when so many bytes more were sent to the port."""
        self._left = sent

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        self._writers |= {writer, back}
        for source, sink, counted in ((reader, back, True), (there, writer, False)):
            task = asyncio.ensure_future(self._carry(source, sink, counted=counted))
            self._tasks.add(task)

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, counted: bool) -> None:
        with suppress(OSError):
            while data := await source.read(65_536):
                await self._flows.wait()
                sink.write(data[: self._left] if counted else data)
                await sink.drain()
                if counted and self._left is not None:
                    self._left -= len(data)
                    if self._left <= 0:
                        self.cut()
                        return
        sink.close()  # the other side is told, whether this one said goodbye or was reset


async def connect_all(addresses: Iterable[Address], *, handshakes: int = 20) -> dict[str, SshTransport | RemoteError]:
    """Connect to many nodes at once, at most `handshakes` at a time; by name, the transport or why there is none."""
    limit = asyncio.Semaphore(handshakes)

    async def one(address: Address) -> SshTransport | RemoteError:
        async with limit:
            try:
                return await connect(address)
            except RemoteError as error:
                return error

    listed = list(addresses)
    found = await asyncio.gather(*(one(address) for address in listed))
    return {address.name: each for address, each in zip(listed, found, strict=True)}
