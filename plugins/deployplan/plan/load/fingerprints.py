"""Would a load find today what it found then?"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from deployplan.plain_file import read_plain
from deployplan.plan.model.package_file import sha256_of
from deployplan.plan.model.script_folder import files_in, names_digest
from deployplan.plan.text.file_trace import FILE, NOTHING, PACKAGE, TREE


class Looks:
    """How files and folders are now; each is looked at once."""

    def __init__(self, root: Path | None = None) -> None:
        """Look at what lies below `root`; without one, each file is below its own folder."""
        self._root = root
        self._found: dict[str, str] = {}

    def same(self, reads: Mapping[str, str]) -> bool:
        """Whether everything that was read then has the same bytes now; what cannot be read has not."""
        return all(self._look(key) == digest for key, digest in reads.items())

    def _look(self, key: str) -> str:
        found = self._found.get(key)
        if found is None:
            kind, _, path = key.partition(":")
            found = self._found[key] = _LOOKS[kind](path, self._root) if kind in _LOOKS else ""
        return found


def _file(path: str, root: Path | None) -> str:
    try:
        return hashlib.sha256(read_plain(path, root)).hexdigest()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return NOTHING
    except (OSError, ValueError):
        return ""


def _tree(path: str, root: Path | None) -> str:
    try:
        return names_digest(files_in(path, str(root or Path(path).parent)))
    except (OSError, ValueError):
        return ""


def _package(path: str, root: Path | None) -> str:
    try:
        return sha256_of(Path(path), root)
    except (OSError, ValueError):
        return ""


_LOOKS = {FILE: _file, TREE: _tree, PACKAGE: _package}
