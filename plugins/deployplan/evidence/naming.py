"""How does a plan's name or a run id become a file name, and back?"""

from __future__ import annotations

from urllib.parse import quote, unquote

from deployplan.evidence.error import RecordError

LONGEST = 240
"""Bytes; file systems end at 255, and a suffix must fit."""


def quote_name(name: str) -> str:
    """Return `name` as one file name: percent-quoted, never hidden, never a path; RecordError when it is too long."""
    safe = quote(name, safe="")
    if safe.startswith("."):
        safe = "%2E" + safe[1:]
    if not 0 < len(safe) <= LONGEST:
        raise RecordError(f"{name!r} takes {len(safe)} characters as a file name; it must take 1 to {LONGEST}")
    return safe


def unquote_name(file_name: str) -> str:
    """Return the name that `quoted` made this file name from."""
    return unquote(file_name)
