"""Which files make up a ledger, and what do they hold?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256
from time import sleep

from deployplan.evidence import folder as files
from deployplan.evidence.entry import Entry, parse_entry
from deployplan.evidence.folder import Folder, open_folder

LOOKS, PAUSE = 10, 0.05
MOST_AHEAD = 64
"""Segments that are asked for at once behind the last one that is known."""
SEGMENT = re.compile(r"ledger-(\d{6,})\.jsonl")


def segment_name(seq: int) -> str:
    """Return the file name of entry `seq`, which starts at 1."""
    return f"ledger-{seq:06d}.jsonl"


def segments(folder: Folder) -> list[int]:
    """Return the numbers of the segments in `folder`, ascending; other files are none of our business."""
    found = [(name, int(match[1])) for name in files.list_names(folder) if (match := SEGMENT.fullmatch(name))]
    return sorted(seq for name, seq in found if seq > 0 and name == segment_name(seq))


def read_segments(folder: Folder, *, after: int = 0, until: int = 0) -> dict[int, bytes]:
    """Return the bytes of every segment behind number `after` by its number, ascending.

    Behind one that was read before, the next two names are asked for and more behind those that are there, without a
    listing; `until` is the number of one that is known to be there. The folder is listed where one is missing before
    another that is there, so that a gap is found.
    """
    lines = _following(folder, after) if after else None
    if lines is None or after + len(lines) < until:
        lines = _read(folder, [seq for seq in segments(folder) if seq > after])
    if lines and not lines[last := max(lines)].endswith(b"\n"):
        lines[last] = read_segment(folder, last)
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
