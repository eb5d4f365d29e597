"""How is a file of the include folder read, so that nothing from outside of it can be slipped in?

Whoever may merge a document must not thereby read what the controller may read. So nothing *below* the root is read
through a link, from a device, a pipe or a socket, and no read is without a bound. The path *to* the root may hold
links: that is how checkouts are switched and volumes mounted.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from typing import TypeAlias

AnyPath: TypeAlias = "str | os.PathLike[str]"

LARGEST = 8 * 1024 * 1024
"""Bytes of the largest file that is read as a whole; packages are read piece by piece."""
LARGEST_PACKAGE = 32 * 1024 * 1024 * 1024
"""Bytes of the largest package: hashing it takes a minute, and every reader of plans waits for that once."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_BELOW = _FOLDER | os.O_NOFOLLOW
# O_NONBLOCK: the opening of a pipe must not wait for somebody who writes to it.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class NotPlain(OSError):
    """What lies there is a link, no regular file, or too large; `strerror` says which and `filename` where."""


def read_plain(path: AnyPath, root: AnyPath | None = None, *, most: int = LARGEST) -> bytes:
    """Return the bytes of a regular file below `root`, by default the folder that it lies in.

    Raises NotPlain, FileNotFoundError, or another OSError when it cannot be read.
    """
    with open_plain(path, root, most=most) as file:
        content = file.read(most + 1)
    if len(content) > most:  # it has grown since it was opened
        raise _too_large(path, most)
    return content


@contextmanager
def open_plain(path: AnyPath, root: AnyPath | None = None, *, most: int = LARGEST_PACKAGE) -> Iterator[BufferedReader]:
    """Open a regular file below `root` for reading; raises as `read_plain` does."""
    with os.fdopen(_opened(path, root, most), "rb") as file:
        yield file


def facts_of(path: AnyPath, root: AnyPath | None = None) -> os.stat_result:
    """Return what the file system says of a regular file below `root`; raises as `read_plain` does."""
    descriptor = _opened(path, root, LARGEST_PACKAGE)
    try:
        return os.fstat(descriptor)
    finally:
        os.close(descriptor)


def reason_of(error: OSError) -> str:
    """Return why a file cannot be read, as a part of a sentence."""
    reason = error.strerror or str(error)
    return reason if isinstance(error, NotPlain) else reason.lower()


def lies_there(path: AnyPath, root: AnyPath | None = None) -> bool:
    """Whether anything of that name is there, be it readable or not: what is refused is never taken for missing."""
    try:
        facts_of(path, root)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def require_no_link(folder: AnyPath, root: AnyPath) -> None:
    """Raise NotPlain when a folder below `root` is a link or is reached through one; a missing one is fine."""
    with suppress(FileNotFoundError, NotADirectoryError):
        os.close(_walked(folder, root, _steps(folder, root)))


def _opened(path: AnyPath, root: AnyPath | None, most: int) -> int:
    if root is None:
        above, name = os.path.split(os.fspath(path))
        inside = _walked(path, above or ".", [])
    else:
        *folders, name = _steps(path, root)
        inside = _walked(path, root, folders)
    try:
        descriptor = os.open(name, _FILE, dir_fd=inside)
    except OSError as error:
        raise _told(error, path, name, inside) from None
    finally:
        os.close(inside)
    facts = os.fstat(descriptor)
    if stat.S_ISREG(facts.st_mode) and facts.st_size <= most:
        return descriptor
    os.close(descriptor)
    if stat.S_ISREG(facts.st_mode):
        raise _too_large(path, most)
    raise _not_regular(path, facts.st_mode)


def _steps(path: AnyPath, root: AnyPath) -> list[str]:
    """The names that lead from the root to the path."""
    text, base = os.fspath(path), os.fspath(root).rstrip("/")
    below = text[len(base) + 1 :] if text.startswith(f"{base}/") else ""
    if base == "." and not text.startswith("/"):
        below = text
    steps = [step for step in below.split("/") if step not in ("", ".")]
    if not steps or ".." in steps:
        raise NotPlain(errno.EXDEV, f"it does not lie in {root}", text)
    return steps


def _walked(path: AnyPath, root: AnyPath, folders: list[str]) -> int:
    """Open the last of the folders, one after another from the root; links are followed on the way to the root only."""
    try:
        inside = os.open(root, _FOLDER)
    except OSError as error:
        raise type(error)(error.errno, error.strerror, os.fspath(path)) from None
    for name in folders:
        try:
            further = os.open(name, _BELOW, dir_fd=inside)
        except OSError as error:
            raise _told(error, path, name, inside) from None
        finally:
            os.close(inside)
        inside = further
    return inside


def _told(error: OSError, path: AnyPath, name: str, inside: int) -> OSError:
    """Say of an open that failed whether a link is to blame: the system's own words differ, and name no cause."""
    if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.EMLINK):
        with suppress(OSError):
            if stat.S_ISLNK(os.lstat(name, dir_fd=inside).st_mode):
                why = f"{name} is a link, and nothing in the include folder is read through one"
                return NotPlain(errno.ELOOP, why, os.fspath(path))
    if error.errno == errno.ENXIO:  # a socket
        return _not_regular(path, stat.S_IFSOCK)
    return type(error)(error.errno, error.strerror, os.fspath(path))


def _not_regular(path: AnyPath, mode: int) -> OSError:
    if stat.S_ISDIR(mode):
        return IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))
    kinds = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}
    what = kinds.get(stat.S_IFMT(mode), "no regular file")
    return NotPlain(errno.EINVAL, f"it is {what}; only regular files are read", os.fspath(path))


def _too_large(path: AnyPath, most: int) -> NotPlain:
    return NotPlain(errno.EFBIG, f"the file is larger than {most // 1024} KiB", os.fspath(path))
