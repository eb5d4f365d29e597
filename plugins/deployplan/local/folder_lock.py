"""One owner a folder: a lock that dies with the process that has it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deployplan.local.settings import LocalError
from deployplan.private_files import make_folder

NAME = "in-use.lock"
"""The file that is locked; it stays, for a lock on a file that was removed holds nobody off."""


class FolderTaken(LocalError):
    """Another living process uses the folder."""


@contextmanager
def own_folder(folder: Path, refusal: str) -> Iterator[None]:
    """Have a folder to oneself for the length of a with-block. Raises FolderTaken, which says `refusal`."""
    make_folder(folder)
    handle = os.open(folder / NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderTaken(refusal) from None
        yield
    finally:
        os.close(handle)
