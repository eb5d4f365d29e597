"""What a load has looked at, so that it can be seen later whether it would find the same again."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from os import PathLike

FILE, TREE, PACKAGE = "file", "tree", "package"
"""Kinds of looks: the bytes of a file, the names in a folder of scripts, the bytes of a package."""
NOTHING = "-"
"""Stands for a file or folder that is not there."""
CHANGED = "?"
"""Stands for what was found twice in one load and was not the same; nothing equals it later."""

Reads = dict[str, str]
"""The sha256 of what was found, by kind and path: `file:/include/plans/shop-2.yaml`."""

_watching: ContextVar[Reads | None] = ContextVar("watching", default=None)


@contextmanager
def trace_reads() -> Iterator[Reads]:
    """Gather what is looked at inside; a `watched` around this one gathers it as well."""
    found: Reads = {}
    outer = _watching.set(found)
    try:
        yield found
    finally:
        _watching.reset(outer)
        note_all(found)


def note(kind: str, path: "str | PathLike[str]", digest: str) -> None:
    """Tell that a load has looked at `path` and found what has this digest; nobody need be watching."""
    found = _watching.get()
    if found is not None:
        _add(found, f"{kind}:{path}", digest)


def note_all(reads: Mapping[str, str]) -> None:
    """Tell what an earlier look found, which is now used again."""
    found = _watching.get()
    if found is not None:
        for key, digest in reads.items():
            _add(found, key, digest)


def _add(found: Reads, key: str, digest: str) -> None:
    if found.setdefault(key, digest) != digest:
        found[key] = CHANGED
