"""The names in a package's archive, when they can be had fast."""

import tarfile
import zipfile
from functools import lru_cache
from pathlib import Path
from posixpath import normpath

LISTED_UP_TO = 64 * 1024 * 1024


def names_in(path: Path) -> frozenset[str] | None:
    """Return the names in a zip or tar archive; None for other files, large tars and archives that cannot be read."""
    try:
        facts = path.stat()
        return _names(path, facts.st_size, facts.st_mtime_ns)
    except (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile):
        return None


@lru_cache(maxsize=64)
def _names(path: Path, size: int, mtime_ns: int) -> frozenset[str] | None:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return frozenset(normpath(name) for name in archive.namelist())
    if size <= LISTED_UP_TO and tarfile.is_tarfile(path):
        with tarfile.open(path) as archive:
            return frozenset(normpath(name) for name in archive.getnames())
    return None
