"""The sha256 of a package file, computed once for the same bytes."""

import hashlib
import json
import os
import tempfile
from functools import lru_cache
from pathlib import Path

from deployplan.plain_file import facts_of, open_plain

REMEMBERED_FROM = 4 * 1024 * 1024
_CACHE = Path("~/.cache/deployplan/packages.json")


def sha256_of(path: Path, root: Path | None = None) -> str:
    """Return the sha256 of a file below `root`; raises OSError as `open_plain` does.

    DAG processors read every plan every half minute in a process of their own, so the digests of large files are
    remembered on disk for as long as size, times and inode of the file are the same. The node computes its own.
    """
    facts = facts_of(path, root)
    identity = f"{path}:{facts.st_dev}:{facts.st_ino}:{facts.st_size}:{facts.st_mtime_ns}:{facts.st_ctime_ns}"
    if facts.st_size < REMEMBERED_FROM:
        return _computed(path, root, identity)
    remembered = _remembered()
    if identity not in remembered:
        remembered[identity] = _computed(path, root, identity)
        _remember(remembered)
    return remembered[identity]


@lru_cache(maxsize=1024)
def _computed(path: Path, root: Path | None, identity: str) -> str:
    with open_plain(path, root) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _remembered() -> dict[str, str]:
    try:
        found = json.loads(_CACHE.expanduser().read_bytes())
    except (OSError, ValueError, RuntimeError):
        return {}
    return found if isinstance(found, dict) else {}


def _remember(digests: dict[str, str]) -> None:
    """Write the digests; a place that cannot be written costs time, never correctness."""
    kept = dict(list(digests.items())[-1000:])
    try:
        target = _CACHE.expanduser()
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=target.parent)
        with os.fdopen(handle, "w") as file:
            json.dump(kept, file)
        Path(name).replace(target)
    except (OSError, RuntimeError):
        return
