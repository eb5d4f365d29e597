"""The names in a package's archive, when they can be had fast."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from posixpath import normpath
from typing import IO, Any, Final, cast

from deployplan.plain_file import facts_of, open_plain

LISTED_UP_TO = 64 * 1024 * 1024
"""Bytes of the largest tar that is looked into, as it lies there."""
MOST_UNPACKED = 512 * 1024 * 1024
"""Bytes that are unpacked of a tar, however small it is packed."""
MOST_ENTRIES = 50_000
MOST_AT_ONCE = 16 * 1024 * 1024
"""Bytes of the largest table of contents, or of the longest name, that is read."""
_UNPACKERS: Final[dict[bytes, Callable[[IO[bytes]], Any]]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\x00": lzma.open,
}


def names_in(path: Path, root: Path | None = None) -> frozenset[str] | None:
    """Return the names in a zip or tar archive below `root`.

    None for other files, archives that cannot be read, and those that are larger than is looked into.
    """
    try:
        facts = facts_of(path, root)
        return _names(path, root, facts.st_size, facts.st_mtime_ns)
    except (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile, lzma.LZMAError, ValueError):
        return None


class TooMuch(OSError):
    """There is more in an archive than is looked into."""


class _Bounded(io.RawIOBase):
    """A file of which no more is read than the bounds say; what is skipped is unpacked too, and counts."""

    def __init__(self, file: IO[bytes], most: int) -> None:
        self._file, self._most = file, most

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        # Asked for more, tarfile and zipfile would take it whole into memory.
        if size > MOST_AT_ONCE or self._file.tell() > self._most:
            raise TooMuch(f"{size} bytes at once, behind {self._file.tell()}")
        content = self._file.read(MOST_AT_ONCE + 1 if size < 0 else size)
        if len(content) > MOST_AT_ONCE:
            raise TooMuch(f"more than {MOST_AT_ONCE} bytes at once")
        return content

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_SET and offset > self._most:
            raise TooMuch(f"to byte {offset}")
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


@lru_cache(maxsize=64)
def _names(path: Path, root: Path | None, size: int, mtime_ns: int) -> frozenset[str] | None:
    with open_plain(path, root) as file:
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(cast(IO[bytes], _Bounded(file, size))) as archive:
                return _listed(iter(archive.namelist()))
        if size > LISTED_UP_TO:
            return None
        file.seek(0)
        begins = file.read(6)
        file.seek(0)
        unpack = next((opener for mark, opener in _UNPACKERS.items() if begins.startswith(mark)), None)
        unpacked = cast(IO[bytes], file if unpack is None else unpack(file))
        with tarfile.open(fileobj=cast(IO[bytes], _Bounded(unpacked, MOST_UNPACKED)), mode="r:") as tar:
            return _listed(_members(tar))


def _members(tar: tarfile.TarFile) -> Iterator[str]:
    while (member := tar.next()) is not None:
        yield member.name
        cast(Any, tar).members.clear()  # it would keep them all


def _listed(names: Iterator[str]) -> frozenset[str]:
    found = set()
    for number, name in enumerate(names):
        if number >= MOST_ENTRIES:
            raise TooMuch(f"more than {MOST_ENTRIES} entries")
        found.add(normpath(name))
    return frozenset(found)
