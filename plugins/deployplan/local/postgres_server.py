"""The embedded PostgreSQL as a component: started before Airflow, stopped after it, started again when it dies."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from deployplan.local.component import ManagedProcess
from deployplan.local.postgres_cluster import MAINTENANCE, Cluster, ClusterRefused

NAME = "database"
_READY_WITHIN = 120.0
"""Seconds: after a crash the server first reads its log again."""
_STOP_WITHIN = 20.0


class PostgresServer(ManagedProcess):
    """The server of one Airflow home. Its backends have sessions of their own: they are found by their folder."""

    def __init__(self, cluster: Cluster, log: Path) -> None:
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
        super().__init__(
            NAME,
            cluster.command(),
            environment,
            log,
            folder=cluster.data,
            as_user=cluster.user,
            stop_signal=signal.SIGINT,
        )
        self._cluster = cluster

    def start(self) -> None:
        """Start the server. What a dead one left behind would keep it from its data, and is ended first."""
        end_leftover_server(self._cluster.data)
        # /tmp is swept on some machines: what was there at the first start may be gone.
        self._cluster.prepare()
        self._cluster.programs()
        super().start()

    def gone(self) -> bool:
        return not self.runs and not server_processes(self._cluster.data)

    def kill(self) -> None:
        super().kill()
        _kill(server_processes(self._cluster.data))

    def wait_until_ready(self, within: float = _READY_WITHIN) -> None:
        """Return when the server takes connections. Raises ClusterRefused with its last words."""
        asked = self._cluster.client("pg_isready", "-q", "-d", MAINTENANCE)
        deadline = time.monotonic() + within
        while subprocess.run(asked, check=False, stderr=subprocess.DEVNULL).returncode != 0:
            if not self.runs or time.monotonic() > deadline:
                raise ClusterRefused(f"PostgreSQL did not start; {self.log} ends with\n{self.last_lines(8)}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop it, with a checkpoint for a quick next start; by force when that takes too long."""
        self.ask_to_stop()
        _until(self.gone, _STOP_WITHIN)
        self.kill()
        self._cluster.remove_folder()


def end_leftover_server(data: Path) -> int:
    """End the server that a killed supervisor left: asked first, killed after. Returns how many processes."""
    left = server_processes(data)
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.ppid() not in {other.pid for other in left}:
                process.send_signal(signal.SIGINT)
    _until(lambda: not server_processes(data), _STOP_WITHIN)
    _kill(server_processes(data))
    return len(left)


def server_processes(data: Path) -> tuple[psutil.Process, ...]:
    """The living processes of the server on this data, by their working directory."""
    return tuple(process for process in psutil.process_iter() if _stands_in(process, data))


def _stands_in(process: psutil.Process, data: Path) -> bool:
    try:
        return (
            process.name().startswith("postgres")
            and process.status() != psutil.STATUS_ZOMBIE
            and os.path.realpath(process.cwd()) == os.path.realpath(data)
        )
    except (psutil.Error, OSError):
        return False


def _kill(processes: tuple[psutil.Process, ...]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(processes, timeout=5)


def _until(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
