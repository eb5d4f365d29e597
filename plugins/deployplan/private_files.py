"""Files and folders that their owner alone may read, whatever the umask of the process that makes them."""

import os
import secrets
import stat
import tempfile
from base64 import urlsafe_b64encode
from pathlib import Path

UMASK = 0o077
"""The umask of whatever we start: database, records and logs are their owner's alone."""


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing, with mode 0700.

    Below a folder with the setgid bit, which says that a group shares it, the group may do what it may do there.
    """
    if not folder.exists():
        make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        _share(folder, 0o070)


def open_new(path: Path) -> int:
    """Make a file with mode 0600, shared with a group as `make_folder` does, and return it open for writing.

    Raises FileExistsError when something of that name is there.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    _share(path, 0o060)
    return descriptor


def open_log(path: Path) -> int:
    """Open a log for appending; one that is new has mode 0600, and so have the folders above it that were missing."""
    make_folder(path.parent)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    _share(path, 0o060)
    return descriptor


def write_private(path: Path, content: str) -> None:
    """Write `content` to `path` with mode 0600; a reader sees the old file or the new one."""
    make_folder(path.parent)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(content)
    Path(name).replace(path)


def keep_secret(path: Path) -> str:
    """Return the secret in `path`; on first use make one of 32 random bytes, url-safe base64 (Fernet's own form)."""
    if not path.exists():
        write_private(path, urlsafe_b64encode(secrets.token_bytes(32)).decode() + "\n")
    return path.read_text(encoding="utf-8").strip()


def _share(path: Path, group: int) -> None:
    """Give the group what it has on the folder above, of `group`'s bits, where that folder is one for sharing."""
    above = path.parent.stat().st_mode
    wanted = above & group if above & stat.S_ISGID else 0
    mode = stat.S_IMODE(path.stat().st_mode) if wanted else 0
    if wanted & ~mode:
        path.chmod(mode | wanted)
