"""One supervisor a home: a lock that dies with its owner, and the note by which a later one cleans up."""

import fcntl
import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from deployplan.local.component import ManagedProcess
from deployplan.local.postgres_server import NAME as DATABASE
from deployplan.local.sessions import kill_session, members, runs_airflow
from deployplan.local.settings import LocalError
from deployplan.private_files import make_folder

NAME = "deployplan.pid"


class AlreadyRunning(LocalError):
    """Another supervisor runs on the same Airflow home."""


class RunFile:
    """`deployplan.pid` in the Airflow home: who runs here, and the sessions it started."""

    def __init__(self, home: Path) -> None:
        self.path = home / NAME
        self._handle: int | None = None

    def refuse_if_taken(self) -> None:
        """Raise AlreadyRunning when a living supervisor has the home; claims nothing."""
        with suppress(FileNotFoundError), self.path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                raise AlreadyRunning(self._refusal()) from None

    def take(self, url: str, variables: Mapping[str, str] | None = None) -> None:
        """Claim the home; `variables` lead others to it. Raises AlreadyRunning when a living supervisor has it."""
        make_folder(self.path.parent)
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise AlreadyRunning(self._refusal()) from None
        self._handle = handle
        self._url, self._variables = url, dict(variables or {})

    def stop_leftovers(self) -> int:
        """End what a supervisor left behind that was killed before it could stop its components. Returns how many."""
        sessions = self._read().get("sessions", {})
        ended = 0
        for name, session in sessions.items() if isinstance(sessions, dict) else ():
            if name == DATABASE:  # ended by its own start, after those that write to it
                continue
            if isinstance(session, int) and any(runs_airflow(pid) for pid in members(session)):
                ended += len(kill_session(session))
        return ended

    def note(self, components: Iterable[ManagedProcess]) -> None:
        """Write down the sessions that run now."""
        if self._handle is None:
            return
        sessions = {component.name: component.pid for component in components if component.pid is not None}
        known = {"pid": os.getpid(), "url": self._url, "sessions": sessions, "variables": self._variables}
        content = json.dumps(known).encode()
        os.pwrite(self._handle, content, 0)
        os.ftruncate(self._handle, len(content))

    def release(self) -> None:
        """Give the home back."""
        if self._handle is None:
            return
        os.ftruncate(self._handle, 0)
        os.close(self._handle)
        self._handle = None

    def _read(self) -> dict[str, object]:
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return data if isinstance(data, dict) else {}

    def _refusal(self) -> str:
        note = self._read()
        return (
            f"airflow already runs on {self.path.parent} as process {note.get('pid', 'unknown')} "
            f"at {note.get('url', 'an unknown address')}; stop it, or name another home in AIRFLOW_HOME "
            f"and another port in DEPLOYPLAN_PORT"
        )
