"""The files in a folder of scripts."""

import hashlib
import os

from deployplan.plain_file import facts_of, require_no_link
from deployplan.plan.text.file_trace import NOTHING

PASSED_OVER = "__pycache__"


def files_in(folder: str, root: str) -> dict[str, str] | None:
    """Return the paths of the visible files by name relative to the folder, or None when there is no such folder.

    Names that begin with a dot are hidden. Raises OSError for a folder that cannot be read, and NotPlain for a link
    below `root` and for what is neither a file nor a folder: nobody may think that it will be there on the node.
    """
    require_no_link(folder, root)
    if not os.path.isdir(folder):  # noqa: PTH112  (every parse comes by here for every plan: no Path objects)
        return None
    found: dict[str, str] = {}
    _gather(folder, root, "", found)
    return found


def names_digest(files: dict[str, str] | None) -> str:
    """Return the sha256 of the names that `files_in` found."""
    return NOTHING if files is None else hashlib.sha256("\0".join(sorted(files)).encode("utf-8", "replace")).hexdigest()


def _gather(folder: str, root: str, before: str, found: dict[str, str]) -> None:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.name == PASSED_OVER:
                continue
            if entry.is_dir(follow_symlinks=False):
                _gather(entry.path, root, f"{before}{entry.name}/", found)
            else:
                if not entry.is_file(follow_symlinks=False):
                    facts_of(entry.path, root)  # raises, and says what it is
                found[before + entry.name] = entry.path
