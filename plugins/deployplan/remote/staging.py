"""Bringing packages and scripts to a node: resumable, verified there, and never twice."""

import hashlib
import io
import re
import tarfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from deployplan.plain_file import facts_of, open_plain
from deployplan.remote import programs
from deployplan.remote.errors import NodeFault, RemoteError
from deployplan.remote.transport import Counted, Result, Transport

BLOCK = 65_536
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
# A sender may be overtaken by another, or find less than it sent; each round goes on where the last one ended.
_ROUNDS = 5
_SLOWEST = 64 * 1024  # bytes a second; slower counts as no answer
MOST_IN_SHELL = 4 * 1024 * 1024
"""Bytes that are sent through the node's one shell, whose `dd` takes them in one block of its memory.

What is more has a session of its own: against its transfer that costs nothing, and it is written as it comes.
"""
_CANNOT_COUNT = 95
"""How taking a package ends where `dd` does not know iflag=fullblock."""


@dataclass(frozen=True, slots=True)
class Staged:
    """A package on a node: the absolute path of the folder the scripts find it in, and how many bytes were sent."""

    package_dir: str
    sent: int = 0


def check_package(sha256: str, filename: str) -> None:
    """Raise ValueError unless this names a package."""
    if not _SHA256.match(sha256):
        raise ValueError(f"sha256 {sha256[:80]!r}: expected 64 hex digits, lower case")
    if not filename or filename in (".", "..") or re.search(r"[/\x00-\x1f]", filename) or filename.startswith("-"):
        raise ValueError(f"file name {filename!r}: expected a plain name, without folders, not beginning with -")


async def stage(
    transport: Transport,
    base: str,
    *,
    sha256: str,
    filename: str,
    local: Path,
    timeout: float,
    found: str | None = None,
) -> Staged:
    """Bring the package there unless its verified bytes are there already.

    `found` is what the node has just said of it; by default it is asked.
    Raises NodeFault when the node cannot take it, or when what was sent is not what `sha256` says.
    """
    check_package(sha256, filename)
    about = {"base": base, "sha": sha256, "name": filename}
    if found is None:
        probe = programs.script(programs.STAGE_PROBE, **about)
        found = _checked(transport, await transport.run(probe, label="stage", timeout=timeout))
    answer = _word(transport, found)
    sent, spoilt = 0, False
    for _ in range(_ROUNDS):
        if answer[0] == "have":
            return Staged(answer[1], sent)
        if answer[0] == "wrong":
            here = _sha256_of(local)
            if spoilt or here != sha256:
                raise NodeFault(_wrong(transport.name, filename, sha256, local, here, answer[1]))
            # What an earlier or another transfer left was wrong, and is gone: once more, from the beginning.
            spoilt, answer = True, ("need", "0")
        size = _size(local)
        block = min(int(answer[1]), size) // BLOCK
        said = await _send(transport, about, local, size=size, block=block, timeout=timeout)
        answer = _word(transport, _checked(transport, said))
        sent += size - block * BLOCK
    raise NodeFault(f"{transport.name}: package {filename} did not arrive whole in {_ROUNDS} attempts")


async def _send(
    transport: Transport, about: Mapping[str, str], local: Path, *, size: int, block: int, timeout: float
) -> Result:
    """Send the file from that block on: through the shell that is there already, where that can be."""
    length = size - block * BLOCK
    placer = programs.perl("place")
    script = partial(programs.script, programs.STAGE_DATA, **about, size=size, block=block, placer=placer)
    send = partial(transport.run, label="stage", timeout=timeout + length / _SLOWEST)
    if 0 < length <= MOST_IN_SHELL:
        said = await send(script(take=length), data=Counted(read_from(local, block * BLOCK), length))
        if said.exit != _CANNOT_COUNT:
            return said
    return await send(script(take=""), data=read_from(local, block * BLOCK))


async def stage_scripts(
    transport: Transport, base: str, *, sha256: str, files: Mapping[str, bytes], timeout: float
) -> str:
    """Bring these files (relative name, content) into a folder of their own; return its absolute path."""
    if not _SHA256.match(sha256):
        raise ValueError(f"sha256 {sha256[:80]!r}: expected 64 hex digits, lower case")
    listed = "\n".join(f"{hashlib.sha256(files[name]).hexdigest()}  ./{_relative(name)}" for name in sorted(files))
    script = programs.script(programs.STAGE_SCRIPTS, base=base, sha=sha256, name="scripts", list=listed)
    result = await transport.run(script, label="stage-scripts", data=pack(files), timeout=timeout)
    said = _checked(transport, result)
    if not said.startswith("/"):
        raise NodeFault(f"{transport.name}: staging scripts answered {said[:200]!r}, expected a path")
    return said


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return a tar archive of the files, each executable for its owner alone; the same files give the same bytes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name in sorted(files):
            entry = tarfile.TarInfo(f"./{_relative(name)}")
            entry.size, entry.mode = len(files[name]), 0o700
            tar.addfile(entry, io.BytesIO(files[name]))
    return buffer.getvalue()


async def read_from(local: Path, offset: int) -> AsyncIterator[bytes]:
    """Yield the file's bytes from `offset` on, a few at a time."""
    with _open(local) as file:
        file.seek(offset)
        while block := file.read(4 * BLOCK):
            yield block


@contextmanager
def _open(local: Path) -> Iterator[io.BufferedReader]:
    try:
        with open_plain(local) as file:
            yield file
    except OSError as error:
        raise RemoteError(f"package {local} cannot be read here: {error.strerror}") from error


def _size(local: Path) -> int:
    try:
        return facts_of(local).st_size
    except OSError as error:
        raise RemoteError(f"package {local} cannot be read here: {error.strerror}") from error


def _relative(name: str) -> str:
    path = PurePosixPath(name)
    if (
        not name
        or path.is_absolute()
        or ".." in path.parts
        or path == PurePosixPath()
        or re.search(r"[\x00-\x1f]", name)
    ):
        raise ValueError(f"script name {name!r}: expected a relative path without ..")
    return str(path)


def _word(transport: Transport, said: str) -> tuple[str, str]:
    word, _, rest = said.partition(" ")
    if word == "need" and re.fullmatch(r"[0-9]{1,18}", rest):
        return word, rest
    if (word == "have" and rest.startswith("/")) or word == "wrong":
        return word, rest
    raise NodeFault(f"{transport.name}: staging answered {f'{word} {rest}'[:200]!r}, expected have, need or wrong")


def _checked(transport: Transport, result: Result) -> str:
    if not result.ok:
        raise NodeFault(f"{transport.name}: staging ended with exit code {result.exit}: {result.complaint}")
    return result.text.strip()


def _sha256_of(local: Path) -> str:
    with _open(local) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _wrong(node: str, filename: str, expected: str, local: Path, here: str, found: str) -> str:
    where = f"{local} here is {here}" if here != expected else f"{local} here is right, so it was changed on the way"
    return f"{node}: package {filename} has sha256 {found[:64]} there, the plan says {expected}; {where}"
