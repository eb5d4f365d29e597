"""Is this evidence what was written, all of it, in this order, by whom it should be?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from deployplan.evidence.entry import BEGINNING, Entry, Json, parse
from deployplan.evidence.folder import Folder, open_folder
from deployplan.evidence.segment import link, read_segments, readable, segment_name


@dataclass(frozen=True, slots=True)
class Verification:
    """The answer of `verify`.

    `ok` means that nothing speaks against the evidence. `signed` means that a key was given and every entry carries
    its signature. `sealed` means that the last entry is a seal: without one, or an expected head, the chain alone
    cannot tell whether its end was cut off.
    """

    ok: bool
    entries: int
    head: str
    sealed: bool
    problems: tuple[str, ...]
    signed: bool

    def as_json(self) -> dict[str, Json]:
        """Return the answer for programs."""
        return {
            "ok": self.ok,
            "entries": self.entries,
            "head": self.head,
            "sealed": self.sealed,
            "signed": self.signed,
            "problems": list(self.problems),
        }


def verify(folder: str | Folder, key: bytes | None = None, *, expected_head: str | None = None) -> Verification:
    """Check the ledger in `folder` from its files alone.

    With `key` every entry must be signed with it. `expected_head` is a head printed elsewhere earlier (in the task
    log, in the last message); the ledger must still contain it, and may have grown since.
    """
    place = open_folder(folder)
    return examine(read_segments(place), key, expected_head=expected_head, place=str(place))


def examine(
    lines: Mapping[int, bytes], key: bytes | None, *, expected_head: str | None = None, place: str = "this folder"
) -> Verification:
    """Check a ledger by its segments' bytes."""
    if not lines:
        return Verification(False, 0, BEGINNING, False, (f"no ledger in {place}",), False)
    problems = [*chain_problems(lines, key), *_lost_end(lines, expected_head)]
    entries = readable(dict(lines))
    last = max(lines)
    sealed = bool(entries) and entries[-1].seq == last and entries[-1].kind == "sealed"
    signed = key is not None and all(entry.is_signed_with(key) for entry in entries) and len(entries) == len(lines)
    return Verification(not problems, len(lines), link(lines[last]), sealed, tuple(problems), signed)


def chain_problems(
    lines: Mapping[int, bytes], key: bytes | None, *, after: int = 0, prev: str = BEGINNING
) -> Iterator[str]:
    """Yield what is wrong with the segments that follow number `after`, whose link is `prev`."""
    expected = after + 1
    for seq in sorted(lines):
        follows = seq == expected
        if not follows:
            yield _missing(expected, seq - 1)
        try:
            entry = parse(lines[seq])
        except ValueError as problem:
            yield f"entry {seq}: {segment_name(seq)} holds {problem}"
        else:
            yield from _problems_of(entry, seq, prev if follows else entry.prev)
            yield from _signature(entry, seq, key)
        expected, prev = seq + 1, link(lines[seq])


def _problems_of(entry: Entry, seq: int, prev: str) -> Iterator[str]:
    if entry.seq != seq:
        yield f"entry {seq}: {segment_name(seq)} holds entry {entry.seq}"
    if entry.true_hash() != entry.hash:
        yield f"entry {seq}: changed after it was written"
    if entry.prev != prev:
        yield f"entry {seq}: does not follow entry {seq - 1}" if seq > 1 else "entry 1: is not the beginning"
    if entry.kind == "sealed" and entry.facts.get("entries") != entry.seq - 1:
        yield f"entry {seq}: seals {entry.facts.get('entries')} entries, there are {entry.seq - 1} before it"


def _signature(entry: Entry, seq: int, key: bytes | None) -> Iterator[str]:
    if key is None:
        return
    if entry.mac is None:
        yield f"entry {seq}: is not signed"
    elif not entry.is_signed_with(key):
        yield f"entry {seq}: is signed with another key"


def _lost_end(lines: Mapping[int, bytes], expected_head: str | None) -> Iterator[str]:
    if expected_head is not None and expected_head not in {link(line) for line in lines.values()}:
        yield f"the head {expected_head} is not in this ledger: its end was cut off or written anew"


def _missing(first: int, last: int) -> str:
    return f"entry {first}: is missing" if first == last else f"entries {first} to {last}: are missing"
