"""The names and texts in a package's archive, when they can be had fast."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from itertools import islice
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
LONGEST_TEXT = 1024 * 1024
"""Bytes of the largest file in an archive that is read."""
MOST_TEXT = 16 * 1024 * 1024
"""Bytes of all of them."""
_UNREADABLE = (
    OSError,
    EOFError,
    tarfile.TarError,
    zipfile.BadZipFile,
    lzma.LZMAError,
    zlib.error,
    ValueError,
    RuntimeError,
)
"""What the libraries raise for archives that are damaged, and for those that ask for a password."""
_File = tuple[str, int, Callable[[], bytes]]
"""A file in an archive: its name, its size as the archive says it, and how its content is had."""
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
    except _UNREADABLE:
        return None


def small_files_in(path: Path, root: Path | None = None) -> Iterator[tuple[str, bytes]]:
    """Yield names and contents of the files in an archive, but for large ones, up to MOST_TEXT of all.

    It ends at what cannot be read, and yields nothing of what `names_in` does not look into.
    """
    left = MOST_TEXT
    try:
        with _opened(path, root, facts_of(path, root).st_size) as files:
            for name, size, read in islice(files or (), MOST_ENTRIES):
                if size > LONGEST_TEXT:
                    continue
                if size > left:
                    return
                content = read()
                left -= len(content)
                yield normpath(name), content
    except _UNREADABLE:
        return


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
    with _opened(path, root, size) as files:
        return None if files is None else _listed(name for name, _, _ in files)


@contextmanager
def _opened(path: Path, root: Path | None, size: int) -> Iterator[Iterator[_File] | None]:
    """What lies in the archive of `size` bytes, in its order; None when it is too large."""
    with open_plain(path, root) as file:
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(cast(IO[bytes], _Bounded(file, size))) as archive:
                yield _zipped(archive)
            return
        if size > LISTED_UP_TO:
            yield None
            return
        file.seek(0)
        begins = file.read(6)
        file.seek(0)
        unpack = next((opener for mark, opener in _UNPACKERS.items() if begins.startswith(mark)), None)
        unpacked = cast(IO[bytes], file if unpack is None else unpack(file))
        with tarfile.open(fileobj=cast(IO[bytes], _Bounded(unpacked, MOST_UNPACKED)), mode="r:") as tar:
            yield _members(tar)


def _members(tar: tarfile.TarFile) -> Iterator[_File]:
    while (member := tar.next()) is not None:
        size = member.size if member.isreg() else LONGEST_TEXT + 1
        yield member.name, size, partial(_content, cast(Any, tar).extractfile, member)
        cast(Any, tar).members.clear()  # it would keep them all


def _zipped(archive: zipfile.ZipFile) -> Iterator[_File]:
    for member in archive.infolist():
        yield member.filename, member.file_size, partial(_content, archive.open, member)


def _content(open_member: Callable[[Any], IO[bytes]], member: Any) -> bytes:
    with open_member(member) as file:
        return file.read(LONGEST_TEXT)  # whatever the table of contents says


def _listed(names: Iterator[str]) -> frozenset[str]:
    found = set()
    for number, name in enumerate(names):
        if number >= MOST_ENTRIES:
            raise TooMuch(f"more than {MOST_ENTRIES} entries")
        found.add(normpath(name))
    return frozenset(found)
