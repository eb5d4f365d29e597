"""Running a tool as a process of its own, and what it cost: wall clock, CPU of it and all its children, memory."""

import json
import os
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """What a run of a tool cost: seconds, and MiB at its peak above what its imports took (None: it does not say).

    `work` are the seconds of `wall` after its imports: a process that serves many waves pays those once.
    """

    wall: float
    cpu: float
    work: float
    memory: float | None = None


class ToolFailed(Exception):
    """The tool did not end well; the message is the end of what it said."""


def run(command: list[str], log: Path, *, env: Mapping[str, str], timeout: float = 600) -> Cost:
    """Run the tool to its end. Raises ToolFailed."""
    report = log.with_suffix(".json")
    report.unlink(missing_ok=True)
    with log.open("wb") as out:
        begun = time.monotonic()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, **env, "BENCH_REPORT": str(report)},
        )
        status, used = _wait(process.pid, begun + timeout)
        wall = time.monotonic() - begun
        process.returncode = status  # it is waited for already
    if status != 0:
        raise ToolFailed(f"{command[0]} ended with {status}: {log.read_text(errors='replace')[-1500:]}")
    if not report.exists():
        return Cost(wall, used, wall)
    said = json.loads(report.read_text())
    return Cost(wall, used, said["wall"], (said["peak_kib"] - said["bare_kib"]) / 1024)


def _wait(pid: int, deadline: float) -> tuple[int, float]:
    """The exit code, and the CPU seconds of the process and of all its children that it waited for."""
    while True:
        found, status, usage = os.wait4(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime
        if time.monotonic() > deadline:
            os.kill(pid, 9)
            deadline += 60
        time.sleep(0.02)
