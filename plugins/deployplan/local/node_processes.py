"""Every process on the practice nodes: found by its mark, or by where it stands."""

import contextlib
import os
import time
from pathlib import Path

import psutil

from deployplan.local.practice_layout import MARK


def node_processes(folder: Path) -> tuple[psutil.Process, ...]:
    """The living processes that were started on a practice node below `folder`, detached or not."""
    return tuple(
        process for process in psutil.process_iter() if process.pid != os.getpid() and _belongs(process, folder)
    )


def kill_node_processes(folder: Path) -> int:
    """Kill them all, as when the machines lose power. Returns how many there were."""
    killed: set[int] = set()
    # A process that forks while it is being looked for is found in the next round.
    while found := node_processes(folder):
        for process in found:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        killed.update(process.pid for process in found)
        time.sleep(0.02)
    return len(killed)


def _place_of_hidden(process: psutil.Process) -> str:
    """macOS hides the environment of its own shells; then the working directory tells, unless a person sits in it."""
    return "/" if process.environ() or process.terminal() else process.cwd()


def _belongs(process: psutil.Process, folder: Path) -> bool:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        place = Path(process.environ().get(MARK) or _place_of_hidden(process))
        return folder in (place, *place.parents)
    except (psutil.Error, OSError):
        return False
