"""The ends of many runs in few files: ten in one, ten such in one, and so on, each the lines of those in it."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable
from datetime import datetime

from deployplan.evidence import folder as files
from deployplan.evidence.end import End, parse_end
from deployplan.evidence.folder import Folder

FEW = 10
"""So many make one; at most nine of each size stay beside it."""
MERGED = "merged-"
"""How such a file begins: behind those of single ends in a listing that comes page by page. The size follows."""

_merged: dict[tuple[str, str], tuple[End, ...]] = {}


def read_merged(folder: Folder, listed: Iterable[str], *, anew: bool = False) -> dict[str, tuple[End, ...]]:
    """Return the ends in each file with several, by its name; none of one whose content is not what its name says.

    A file is read once, as its name pins its content, unless it is to be read `anew`. One that was removed since the
    listing, as a larger one has its lines, is left out.
    """
    place, wanted = str(folder), [name for name in listed if name.startswith(MERGED)]
    unread = [name for name in wanted if anew or (place, name) not in _merged]
    contents = files.read_all(folder, unread)
    for name in unread:
        _merged.pop((place, name), None)
        if _is_whole(name, content := contents.get(name, b"")):
            _merged[place, name] = tuple(end for line in content.splitlines() if (end := parse_end(line)))
    return {name: _merged.get((place, name), ()) for name in wanted if name in contents or (place, name) in _merged}


class MergedEnds:
    """Puts ends together; what is removed was in a larger file that was read back."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def put(self, size: int, names: list[str]) -> None:
        """Create the file with what these hold; nothing happens when one of them is not there or not whole."""
        contents = files.read_all(self._folder, names)
        lines = sorted(line for content in contents.values() for line in content.splitlines(keepends=True))
        if len(contents) < len(names) or not all(parse_end(line) and line.endswith(b"\n") for line in lines):
            return
        content = b"".join(lines)
        with contextlib.suppress(FileExistsError):
            files.create(self._folder, _name_of(size, content), content)

    def grow(self) -> None:
        """Put ten files of a size together, as long as there are ten."""
        size = 1
        while any(_size(name) >= size for name in self._all()):
            while len(small := self._in_none_larger(size)) >= FEW:
                self.put(size + 1, small[:FEW])
                if small[:FEW] == self._in_none_larger(size)[:FEW]:
                    break  # one of them is damaged
            size += 1

    def remove_parts(self, before: datetime) -> None:
        """Remove what a larger file, written `before`, holds line for line: both are read anew, byte for byte."""
        listed = files.list_names(self._folder)
        held = {name: _names_in(ends) for name, ends in read_merged(self._folder, listed).items()}
        for name, ends in held.items():
            parts = [each for each in listed if each in ends]
            parts += [each for each, its in held.items() if _size(each) < _size(name) and its and its <= ends]
            if parts and files.written_at(self._folder, name) <= before:
                contents = files.read_all(self._folder, [name, *parts])
                whole = contents.pop(name, b"")
                if _is_whole(name, whole):
                    files.remove_all(self._folder, [each for each, part in contents.items() if _is_in(part, whole)])

    def _all(self) -> dict[str, tuple[End, ...]]:
        return read_merged(self._folder, files.list_names(self._folder))

    def _in_none_larger(self, size: int) -> list[str]:
        """The files of a size, the oldest ends first, that no larger file holds."""
        merged = self._all()
        larger = {end.name for name, ends in merged.items() if _size(name) > size for end in ends}
        found = [name for name, ends in merged.items() if _size(name) == size and _names_in(ends) - larger]
        return sorted(found, key=lambda name: min(_names_in(merged[name])))


def _name_of(size: int, content: bytes) -> str:
    return f"{MERGED}{size}-{hashlib.sha256(content).hexdigest()[:16]}.jsonl"


def _is_whole(name: str, content: bytes) -> bool:
    """Whether a file holds what its name says: nobody changed it, and nobody gave it a name of their own."""
    return name == _name_of(_size(name), content)


def _is_in(part: bytes, whole: bytes) -> bool:
    return bool(part) and set(part.splitlines(keepends=True)) <= set(whole.splitlines(keepends=True))


def _names_in(ends: Iterable[End]) -> set[str]:
    return {end.name for end in ends}


def _size(name: str) -> int:
    digits = name.removeprefix(MERGED).partition("-")[0]
    return int(digits) if digits.isdigit() else 0
