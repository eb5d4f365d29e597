"""Would a load find today what it found then?"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from deployplan.plan.package_file import sha256_of
from deployplan.plan.reads import FILE, NOTHING, PACKAGE, TREE
from deployplan.plan.script_folder import files_in, names_digest


class Looks:
    """How files and folders are now; each is looked at once."""

    def __init__(self) -> None:
        self._found: dict[str, str] = {}

    def same(self, reads: Mapping[str, str]) -> bool:
        """Whether everything that was read then has the same bytes now; what cannot be read has not."""
        return all(self._look(key) == digest for key, digest in reads.items())

    def _look(self, key: str) -> str:
        found = self._found.get(key)
        if found is None:
            kind, _, path = key.partition(":")
            found = self._found[key] = _LOOKS[kind](path) if kind in _LOOKS else ""
        return found


def _file(path: str) -> str:
    try:
        with open(path, "rb") as file:  # noqa: PTH123  (as in script_folder.py)
            return hashlib.sha256(file.read()).hexdigest()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return NOTHING
    except (OSError, ValueError):
        return ""


def _tree(path: str) -> str:
    try:
        return names_digest(files_in(path))
    except (OSError, ValueError):
        return ""


def _package(path: str) -> str:
    try:
        return sha256_of(Path(path))
    except (OSError, ValueError):
        return ""


_LOOKS = {FILE: _file, TREE: _tree, PACKAGE: _package}
