"""Which files make up a ledger, and what do they hold?

An entry is written as a file of its own, `ledger-000007.jsonl`. When a run has ended its entries are put together into
one, `sealed-000001-000038.jsonl`, which holds the very bytes of theirs; see `deployplan.evidence.tidy`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from time import sleep

from deployplan.evidence import folder as files
from deployplan.evidence.entry import Entry, parse_entry
from deployplan.evidence.folder import Folder, open_folder

LOOKS, PAUSE = 10, 0.05
NO_LINE = b"\n"
MOST_AHEAD = 64
"""Segments that are asked for at once behind the last one that is known."""
SEGMENT = re.compile(r"ledger-(\d{6,})\.jsonl")
MOST_IN_ONE = 1_000_000
"""The number of an entry from which on a name is not believed to be of a file that holds several."""
SEALED = re.compile(r"sealed-(\d{6,})-(\d{6,})\.jsonl")


def segment_name(seq: int) -> str:
    """Return the file name of entry `seq`, which starts at 1."""
    return f"ledger-{seq:06d}.jsonl"


@dataclass(frozen=True, slots=True, order=True)
class Sealed:
    """One file that holds the entries from number `first` to number `last`."""

    first: int
    last: int

    @property
    def name(self) -> str:
        """Its file name, behind those of the single entries in a listing that comes page by page."""
        return f"sealed-{self.first:06d}-{self.last:06d}.jsonl"

    def holds(self, seq: int) -> bool:
        """Whether it holds this entry."""
        return self.first <= seq <= self.last

    def lines(self, content: bytes) -> dict[int, bytes]:
        """Return each entry's bytes by its number: one that is not there is empty, and what is too much goes last."""
        parts = content.split(b"\n", self.last - self.first)
        parts[-1] = parts[-1].removesuffix(b"\n")
        parts += [b""] * (self.last - self.first + 1 - len(parts))
        return {seq: part + b"\n" for seq, part in enumerate(parts, self.first)}


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a ledger: the numbers of those with a single entry, and those with several, ascending."""

    single: tuple[int, ...]
    sealed: tuple[Sealed, ...]

    @property
    def numbers(self) -> list[int]:
        """The numbers of all entries, ascending."""
        return sorted({*self.single, *(seq for each in self.sealed for seq in range(each.first, each.last + 1))})

    @property
    def last(self) -> int:
        """The number of the last entry, 0 when there is none."""
        return max((*self.single[-1:], *(each.last for each in self.sealed)), default=0)


def list_ledger(folder: Folder) -> Listing:
    """Return the ledger's files in `folder`; other files are none of our business."""
    names = files.list_names(folder)
    single = {int(match[1]) for name in names if (match := SEGMENT.fullmatch(name))}
    sealed = {Sealed(int(match[1]), int(match[2])) for name in names if (match := SEALED.fullmatch(name))}
    there = set(names)
    return Listing(
        tuple(sorted(seq for seq in single if seq > 0 and segment_name(seq) in there)),
        tuple(sorted(each for each in sealed if 0 < each.first <= each.last < MOST_IN_ONE and each.name in there)),
    )


def segments(folder: Folder) -> list[int]:
    """Return the numbers of the entries in `folder`, ascending."""
    return list_ledger(folder).numbers


def read_segments(folder: Folder, *, after: int = 0, until: int = 0, anew: bool = False) -> dict[int, bytes]:
    """Return the bytes of every entry behind number `after` by its number, ascending.

    Behind one that was read before, the next two names are asked for and more behind those that are there, without a
    listing; `until` is the number of one that is known to be there. The folder is listed where one is missing before
    another that is there, so that a gap is found, and when it is to be looked at `anew`.
    """
    lines = _following(folder, after) if after and not anew else None
    if lines is None or after + len(lines) < until:
        lines = _read_listed(folder, after)
    if lines and not lines[last := max(lines)].endswith(b"\n"):
        lines[last] = read_segment(folder, last)
    return lines


def _read_listed(folder: Folder, after: int) -> dict[int, bytes]:
    """What a listing shows; listed again when a file of it is gone, as its entry may have been put with the others."""
    for _ in range(LOOKS):
        listing = list_ledger(folder)
        lines = _in_sealed(folder, listing, after)
        alone = [seq for seq in listing.single if seq > after and lines.get(seq, NO_LINE) == NO_LINE]
        found = _read(folder, alone)
        lines |= found
        if len(found) == len(alone) and all(seq in lines for seq in listing.numbers if seq > after):
            break
    return dict(sorted(lines.items()))


def _in_sealed(folder: Folder, listing: Listing, after: int) -> dict[int, bytes]:
    wanted = {each.name: each for each in listing.sealed if each.last > after}
    lines: dict[int, bytes] = {}
    for name, content in files.read_all(folder, wanted).items():
        for seq, line in wanted[name].lines(content).items():
            if seq > after and lines.get(seq, NO_LINE) == NO_LINE:
                lines[seq] = line
    return lines


def _following(folder: Folder, after: int) -> dict[int, bytes] | None:
    """The segments that follow number `after`; more are asked for at once the more there are. None behind a gap."""
    lines: dict[int, bytes] = {}
    ahead = 2
    while True:
        first = after + len(lines) + 1
        found = _read(folder, range(first, first + ahead))
        if found and max(found) >= first + len(found):
            return None
        lines |= found
        if len(found) + 2 <= ahead:  # two are not there: a single one may have been taken away
            return lines
        ahead = min(2 * ahead, MOST_AHEAD)


def _read(folder: Folder, wanted: Sequence[int]) -> dict[int, bytes]:
    names = {segment_name(seq): seq for seq in wanted}
    found = files.read_all(folder, names)
    return {seq: found[name] for name, seq in names.items() if name in found}


def read_listed(folder: Folder, listing: Listing, seq: int) -> bytes:
    """Return the bytes of entry `seq` of this listing; of two files that have it the one with several counts."""
    line = _in_sealed(folder, listing, seq - 1).get(seq, NO_LINE)
    return read_segment(folder, seq) if line == NO_LINE and seq in listing.single else line


def read_segment(folder: Folder, seq: int) -> bytes:
    """Return the bytes of segment `seq`, waiting a moment for its end.

    Only a file system without hard links shows a segment that another writer is about to fill.
    """
    for _ in range(LOOKS):
        line = files.read_file(folder, segment_name(seq))
        if line.endswith(b"\n"):
            return line
        sleep(PAUSE)
    return line


def link(line: bytes) -> str:
    """Return what the entry after this line names as its predecessor.

    A line that is no entry must not stop the record, a backout may be under way: it is chained by the hash of its
    bytes, and the damage stays visible.
    """
    try:
        return parse_entry(line).hash
    except ValueError:
        return sha256(line).hexdigest()


def salvage(folder: str | Folder) -> tuple[Entry, ...]:
    """Return every entry that can be read, in order, from a ledger that may be damaged; proves nothing."""
    return readable_entries(read_segments(open_folder(folder)))


def readable_entries(lines: dict[int, bytes]) -> tuple[Entry, ...]:
    """Return the entries among these lines, in order."""
    return tuple(entry for seq in sorted(lines) if (entry := _entry(lines[seq])) is not None)


def _entry(line: bytes) -> Entry | None:
    try:
        return parse_entry(line)
    except ValueError:
        return None
