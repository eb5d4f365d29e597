"""How long is a store in object storage waited for that does not answer, or answers that it cannot now?"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 60.0
"""Seconds since the first try after which a failure is told; its driver's own tries come on top."""
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 3.0
ABSENT = (FileNotFoundError, NotADirectoryError, IsADirectoryError)
FINAL = (*ABSENT, FileExistsError, PermissionError)
"""Answers of a store that is well."""

Found = TypeVar("Found")


def patiently(ask: Callable[[], Found]) -> Found:
    """Return what the store answers, asked again while it fails. Raises the last failure as OSError.

    What was asked may have been carried out although it failed: a name that is then taken may hold what was written.
    """
    until, pause = time.monotonic() + PATIENCE, FIRST_PAUSE
    while True:
        try:
            return ask()
        except FINAL:
            raise
        except Exception as error:  # drivers have errors of their own for a server that is not there
            if time.monotonic() + pause >= until:
                raise error if isinstance(error, OSError) else OSError(str(error)) from error
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
