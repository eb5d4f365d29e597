"""The tests' folders are kept in memory where there is plenty of it: most of what nodes, ledgers and databases there
do is wait until a disk has really written, and nobody misses them after a power cut.

TMPDIR names another place.
"""

import os
import tempfile
from pathlib import Path

import psutil

IN_MEMORY = Path("/dev/shm")
ENOUGH = 4 << 30
"""Bytes that must be free; all tests together have used a quarter of it."""


def keep_folders_in_memory(environ: "os._Environ[str]" = os.environ) -> None:
    """Name the place for this process and all that it starts; workers take over what the first process has chosen."""
    if "TMPDIR" not in environ and has_room(IN_MEMORY):
        environ["TMPDIR"] = str(IN_MEMORY)
        tempfile.tempdir = None  # chosen anew when it is next asked for


def has_room(folder: Path) -> bool:
    """Whether programs can be run there, and there is room enough, also in the machine's memory."""
    if not os.access(folder, os.W_OK | os.X_OK):
        return False
    there = os.statvfs(folder)
    free = min(there.f_bavail * there.f_frsize, psutil.virtual_memory().available // 2)
    return not there.f_flag & os.ST_NOEXEC and free >= ENOUGH
