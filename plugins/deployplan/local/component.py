"""One long-running process of Airflow, in a session of its own."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from deployplan.local.server_user import ServerUser, run_as
from deployplan.local.sessions import kill_session, members
from deployplan.private_files import UMASK, open_log

_LONGEST_PAUSE = 30.0
_STEADY_AFTER = 60.0


class ManagedProcess:
    """A process that is kept running: started, restarted when it dies, stopped with all its descendants."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        *,
        folder: Path | None = None,
        as_user: ServerUser | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.log = log
        self.restarts = 0
        self._command = tuple(command)
        self._environment = dict(environment)
        self._folder = folder
        self._as_user = as_user
        self._stop_signal = stop_signal
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._pause = 1.0
        self._restart_at: float | None = None

    @property
    def pid(self) -> int | None:
        """The process id, also the id of its session; None before the first start."""
        return None if self._process is None else self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs or before it started."""
        return None if self._process is None else self._process.poll()

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the process; its output is appended to its log."""
        with os.fdopen(open_log(self.log), "ab") as output:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Ctrl-C in the terminal must reach the supervisor alone, which then stops the components in order.
                start_new_session=True,
                cwd=self._folder,
                umask=UMASK,
                **run_as(self._as_user),
            )
        self._started_at = time.monotonic()
        self._restart_at = None

    def restart_if_dead(self) -> str | None:
        """Start the process again when it has died, later each time. Returns what happened, if anything did."""
        if self._process is None or self.runs:
            return None
        now = time.monotonic()
        if self._restart_at is None:
            return self._plan_restart(now)
        if now < self._restart_at:
            return None
        self.start()
        self.restarts += 1
        return f"{self.name} started again"

    def ask_to_stop(self) -> None:
        """Send TERM, or its own stop signal, to the process; what it started is its own business until `kill`."""
        if self._process is not None and self.runs:
            self._process.send_signal(self._stop_signal)

    def gone(self) -> bool:
        """Whether nothing is left of the process and of everything it started."""
        return self._process is None or (not self.runs and not members(self._process.pid))

    def kill(self) -> None:
        """Send KILL to the process and everything it started."""
        if self._process is None:
            return
        kill_session(self._process.pid)
        self._process.wait()

    def last_lines(self, count: int = 15) -> str:
        """The end of the log, for a message about why it died."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 16384))
            lines = file.read().decode(errors="replace").splitlines()
        return "\n".join(lines[-count:])

    def _plan_restart(self, now: float) -> str:
        if now - self._started_at > _STEADY_AFTER:
            self._pause = 1.0
        self._restart_at = now + self._pause
        message = f"{self.name} ended with {self.exit_code}; starting again in {self._pause:.0f} s ({self.log})"
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)
        # Workers of a dead scheduler would go on beside those of the new one: nobody runs twice.
        self.kill()
        return message
