"""The names in a package's archive, when they can be had fast."""

import tarfile
import zipfile
from functools import lru_cache
from pathlib import Path
from posixpath import normpath

from deployplan.plain_file import facts_of, open_plain

LISTED_UP_TO = 64 * 1024 * 1024


def names_in(path: Path, root: Path | None = None) -> frozenset[str] | None:
    """Return the names in a zip or tar archive below `root`.

    None for other files, large tars and archives that cannot be read.
    """
    try:
        facts = facts_of(path, root)
        return _names(path, root, facts.st_size, facts.st_mtime_ns)
    except (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile):
        return None


@lru_cache(maxsize=64)
def _names(path: Path, root: Path | None, size: int, mtime_ns: int) -> frozenset[str] | None:
    with open_plain(path, root) as file:
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as archive:
                return frozenset(normpath(name) for name in archive.namelist())
        file.seek(0)
        if size <= LISTED_UP_TO and tarfile.is_tarfile(file):
            file.seek(0)
            with tarfile.open(fileobj=file) as archive:
                return frozenset(normpath(name) for name in archive.getnames())
    return None
