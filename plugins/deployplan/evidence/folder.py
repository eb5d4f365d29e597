"""How are small files kept safe from half writes and from a second writer, on a local disk or in object storage?"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from deployplan.evidence.patience import ABSENT, patiently
from deployplan.private_files import make_folder, open_log, open_new

if TYPE_CHECKING:
    from upath import UPath

# universal-pathlib costs a quarter of a second to import; a local folder, read at every DAG parse, never needs it.
Folder: TypeAlias = "Path | UPath"


def open_folder(place: str | Folder) -> Folder:
    """Return the folder at `place`: a local path, a `file://` URL, or any fsspec URL such as `s3://bucket/evidence`."""
    if not isinstance(place, str):
        return place
    if place.startswith("file://"):
        return Path(unquote(urlsplit(place).path))
    if "://" not in place:
        return Path(place).expanduser()
    from upath import UPath

    return UPath(place)


def list_names(folder: Folder) -> list[str]:
    """Return the names in `folder`, sorted; none when it does not exist. Costs one listing."""
    if isinstance(folder, Path):
        try:
            return sorted(path.name for path in folder.iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return []
    try:
        found = patiently(lambda: _fresh(folder).ls(folder.path, detail=False))
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted({str(path).rstrip("/").rsplit("/", 1)[-1] for path in found})


def bytes_in(folder: Folder) -> int:
    """Return how many bytes the files in `folder` have together, as a listing says; 0 when it does not exist."""
    try:
        if isinstance(folder, Path):
            return sum(entry.stat().st_size for entry in os.scandir(folder) if entry.is_file())
        found = patiently(lambda: _fresh(folder).ls(folder.path, detail=True))
    except (FileNotFoundError, NotADirectoryError):
        return 0
    return sum(int(each.get("size") or 0) for each in found if each.get("type") == "file")


def read_file(folder: Folder, name: str) -> bytes:
    """Return the bytes of one file; FileNotFoundError when it is not there."""
    if isinstance(folder, Path):
        return (folder / name).read_bytes()
    content: bytes = patiently(lambda: _fresh(folder).cat_file((folder / name).path))
    return content


def read_all(folder: Folder, wanted: Iterable[str]) -> dict[str, bytes]:
    """Return the bytes of every `wanted` file that is there, by name; object storage is asked for all at once.

    A file that the store fails to give is not taken for one that is not there: OSError.
    """
    if isinstance(folder, Path):
        return dict(_present(folder, wanted))
    names = list(wanted)
    return patiently(lambda: _objects(folder, names)) if names else {}


def create(folder: Folder, name: str, content: bytes) -> None:
    """Write a file that must not exist yet; FileExistsError when it does, and the file that is there stays as it is.

    A local file is complete the moment it appears. In object storage the server decides who was first (S3 does); a
    store without conditional writes is safe for one writer only. A store that failed may have kept the file all the
    same: FileExistsError then means this very content, if it is there.
    """
    if not isinstance(folder, Path):
        patiently(lambda: folder.fs.pipe_file((folder / name).path, content, mode="create"))
        return
    draft = _draft(folder, name, content)
    try:
        os.link(draft, folder / name)
    except FileExistsError:
        raise
    except OSError:
        # A file system without hard links: still exclusive, but a reader may meet the file before its bytes.
        with os.fdopen(open_new(folder / name), "wb") as file:
            file.write(content)
            _settle(file.fileno())
    finally:
        draft.unlink()
    _settle_folder(folder)


def replace(folder: Folder, name: str, content: bytes, *, durable: bool = True) -> None:
    """Write a file whether or not it exists; a reader sees the old bytes or the new ones, never a mixture.

    What is not `durable` may be lost in a power cut, and costs no wait for the disk.
    """
    if not isinstance(folder, Path):
        patiently(lambda: folder.fs.pipe_file((folder / name).path, content))
        return
    _draft(folder, name, content, durable=durable).replace(folder / name)
    if durable:
        _settle_folder(folder)


def remove(folder: Folder, name: str) -> None:
    """Remove a file; nothing happens when it is not there."""
    with contextlib.suppress(FileNotFoundError):
        if isinstance(folder, Path):
            (folder / name).unlink()
        else:
            patiently(lambda: _fresh(folder).rm_file((folder / name).path))


def remove_all(folder: Folder, names: Iterable[str]) -> None:
    """Remove files in this order, those that are there; object storage is told of many at once, in no order."""
    if isinstance(folder, Path):
        for name in names:
            remove(folder, name)
        return
    if paths := [(folder / name).path for name in names]:
        with contextlib.suppress(FileNotFoundError):
            patiently(lambda: _fresh(folder).rm(paths))


def written_at(folder: Folder, name: str) -> datetime:
    """When the store says that the file was written; FileNotFoundError when it is not there."""
    if isinstance(folder, Path):
        seconds = (folder / name).stat().st_mtime
    else:
        seconds = patiently(lambda: _fresh(folder) and (folder / name).stat()).st_mtime
    return datetime.fromtimestamp(seconds, UTC)


@contextlib.contextmanager
def one_writer(folder: Folder) -> Iterator[None]:
    """Let one process at a time read and then change what lies in a local folder.

    Object storage has no locks: there the exclusive creation alone decides between two that begin together.
    """
    if not isinstance(folder, Path):
        yield
        return
    import fcntl

    make_folder(folder)
    with os.fdopen(open_log(folder / ".lock"), "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fresh(folder: UPath) -> Any:
    """Return the file system without what it remembers of the folder: another machine may have written since."""
    folder.fs.invalidate_cache(folder.path)
    if getattr(folder.fs, "max_concurrency", 1) != 1:
        folder.fs.max_concurrency = 1  # else S3's asks how large each file is before it reads it; ours are small
    return folder.fs


def _objects(folder: UPath, names: list[str]) -> dict[str, bytes]:
    """The bytes of those that are there; what else the store answers is raised."""
    nothing = [None] * len(names)
    answers = _fresh(folder).cat_ranges([(folder / name).path for name in names], nothing, nothing, on_error="return")
    found = dict[str, bytes]()
    for name, answer in zip(names, answers, strict=True):
        if isinstance(answer, bytes):
            found[name] = answer
        elif not isinstance(answer, ABSENT):
            raise answer
    return found


def _present(folder: Path, wanted: Iterable[str]) -> Iterable[tuple[str, bytes]]:
    place = os.fspath(folder)
    for name in wanted:
        try:
            with open(f"{place}/{name}", "rb", buffering=0) as file:  # noqa: PTH123  (a Path for each costs as much again)
                yield name, file.read()
        except OSError:  # removed since the listing, or a directory of that name
            continue


def _draft(folder: Path, name: str, content: bytes, *, durable: bool = True) -> Path:
    make_folder(folder)
    draft = folder / f".{name}.{uuid4().hex}.draft"
    with os.fdopen(open_new(draft), "wb") as file:
        file.write(content)
        file.flush()
        if durable:
            _settle(file.fileno())
    return draft


def _settle(descriptor: int) -> None:
    os.fsync(descriptor)


def _settle_folder(folder: Path) -> None:
    """Make the new name itself survive a power cut, where the platform lets a directory be synced."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
