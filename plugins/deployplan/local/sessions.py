"""Every process that a component started: found by its session, so that orphans count too."""

import contextlib
import os
import signal
import time

import psutil

_GONE_WITHIN = 5.0


def members(session: int) -> tuple[int, ...]:
    """The living processes of a session; a zombie is not living."""
    return tuple(pid for pid in psutil.pids() if _session_of(pid) == session and _lives(pid))


def kill_session(session: int) -> tuple[int, ...]:
    """Kill every process of a session, also those whose parents are gone. Returns who was there, when they are gone."""
    found: set[int] = set()
    deadline = time.monotonic() + _GONE_WITHIN
    while (living := members(session)) and time.monotonic() < deadline:
        for pid in living:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        found.update(living)
        time.sleep(0.05)
    return tuple(sorted(found))


def runs_airflow(pid: int) -> bool:
    """Whether a process calls itself Airflow: after the machine restarted, a session number may be somebody else's."""
    try:
        return any("airflow" in word for word in psutil.Process(pid).cmdline())
    except psutil.Error:
        return False


def _session_of(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return None


def _lives(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False
