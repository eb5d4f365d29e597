"""Hundreds of nodes on one machine: real OpenSSH on 127.0.1.1 and on, each node with a home folder of its own."""

import ctypes
import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType

SSHD = next((path for path in ("/usr/sbin/sshd", "/usr/local/sbin/sshd") if Path(path).exists()), None)
_ADDRESSES = 16  # the most that one sshd listens on
_TICK = os.sysconf("SC_CLK_TCK")
_MIB = 1024 * 1024


class LoopbackFleet:
    """`count` nodes, one address each, all on one port; a server's own defaults but for MaxStartups.

    One sshd serves 16 addresses: they cost no more than one, and the homes come from `Match LocalAddress`, so that no
    program runs between sshd and the command.
    """

    def __init__(self, folder: Path, count: int) -> None:
        assert SSHD, "no sshd on this machine"
        self.folder = folder
        self.user = getpass.getuser()
        self.nodes = {f"n{number:04d}": _address(number) for number in range(1, count + 1)}
        self.port = _free_port()
        self.key = folder / "client_key"
        self._servers: list[subprocess.Popen[bytes]] = []
        self.others: set[int] = set()
        """Children of this process that are no nodes."""
        self._orphans = 0.0
        _adopt()

    @property
    def host_key(self) -> str:
        """The host key of all nodes, as `ssh-ed25519 AAAA…`."""
        return " ".join((self.folder / "host_key.pub").read_text().split()[:2])

    def home(self, name: str) -> Path:
        """The node's home folder."""
        return self.folder / "homes" / name

    def __enter__(self) -> "LoopbackFleet":
        for key in ("host_key", "client_key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / key], check=True)
        (self.folder / "known_hosts").write_text(
            "".join(f"[{host}]:{self.port} {self.host_key}\n" for host in self.nodes.values())
        )
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        names = list(self.nodes)
        for first in range(0, len(names), _ADDRESSES):
            self._serve(first // _ADDRESSES, names[first : first + _ADDRESSES])
        for name in names[::_ADDRESSES]:
            self._wait_for(self.nodes[name])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._servers:
            for pid in (server.pid, *_connections(server.pid)):
                _kill(pid)
            server.wait()

    def empty(self) -> None:
        """Forget all that was deployed."""
        for name in self.nodes:
            shutil.rmtree(self.home(name), ignore_errors=True)
            self.home(name).mkdir(parents=True)

    def cpu(self) -> float:
        """CPU seconds that the servers have used and all that ran on the nodes, detached or not, and has ended."""
        self._reap()
        total = 0
        for server in self._servers:
            fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
            total += sum(int(field) for field in fields[11:15])
        return total / _TICK + self._orphans

    def _reap(self) -> None:
        """Wait for what outlived its session and became a child of ours (`_adopt`), and count it."""
        own = {server.pid for server in self._servers} | self.others
        deadline = time.monotonic() + 5
        while (left := set(_children(os.getpid())) - own) and time.monotonic() < deadline:
            for pid in left:
                found, _, usage = os.wait4(pid, os.WNOHANG)
                self._orphans += usage.ru_utime + usage.ru_stime if found else 0
            time.sleep(0.01)

    def _serve(self, number: int, names: list[str]) -> None:
        config = self.folder / f"sshd_{number}"
        config.write_text(self._config(names))
        log = (self.folder / "sshd.log").open("ab")
        command = [str(SSHD), "-D", "-e", "-f", str(config)]
        self._servers.append(subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True))

    def _config(self, names: list[str]) -> str:
        listen = "".join(f"ListenAddress {self.nodes[name]}:{self.port}\n" for name in names)
        homes = "".join(f'Match LocalAddress {self.nodes[name]}\n  SetEnv HOME="{self.home(name)}"\n' for name in names)
        return f"""{listen}HostKey {self.folder}/host_key
AuthorizedKeysFile {self.folder}/client_key.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
PrintMotd no
LogLevel ERROR
MaxStartups 1000
Subsystem sftp internal-sftp
{homes}"""

    def _wait_for(self, host: str) -> None:
        for _ in range(1000):
            with socket.socket() as probe:
                if probe.connect_ex((host, self.port)) == 0:
                    return
            time.sleep(0.01)
        raise RuntimeError(f"sshd does not listen on {host}: {(self.folder / 'sshd.log').read_text()[-500:]}")


def write_package(path: Path, mebibytes: int) -> None:
    """Write that many MiB of random bytes."""
    with path.open("wb") as file:
        for _ in range(mebibytes):
            file.write(os.urandom(_MIB))


def _address(number: int) -> str:
    return f"127.0.{1 + (number - 1) // 250}.{1 + (number - 1) % 250}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _adopt() -> None:
    """Become the parent of whatever below us loses its own (PR_SET_CHILD_SUBREAPER), so that its CPU can be counted."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)


def _children(parent: int) -> list[int]:
    return [int(pid) for task in Path(f"/proc/{parent}/task").glob("*/children") for pid in task.read_text().split()]


def _connections(parent: int) -> list[int]:
    found: list[int] = []
    for pid in _children(parent):
        found += [pid, *_connections(pid)]
    return found


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
