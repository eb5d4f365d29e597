"""The files in a folder of scripts."""

import hashlib
import os

from deployplan.plan.reads import NOTHING

PASSED_OVER = "__pycache__"


def files_in(folder: str) -> dict[str, str] | None:
    """Return the paths of the visible files by name relative to the folder, or None when there is no such folder.

    Names that begin with a dot are hidden; links to folders are not followed. Raises OSError for a folder that cannot
    be read.
    """
    if not os.path.isdir(folder):  # noqa: PTH112  (every parse comes by here for every plan: no Path objects)
        return None
    found: dict[str, str] = {}
    _gather(folder, "", found)
    return found


def names_digest(files: dict[str, str] | None) -> str:
    """Return the sha256 of the names that `files_in` found."""
    return NOTHING if files is None else hashlib.sha256("\0".join(sorted(files)).encode("utf-8", "replace")).hexdigest()


def _gather(folder: str, before: str, found: dict[str, str]) -> None:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.name == PASSED_OVER:
                continue
            if entry.is_dir(follow_symlinks=False):
                _gather(entry.path, f"{before}{entry.name}/", found)
            elif entry.is_file():
                found[before + entry.name] = entry.path
