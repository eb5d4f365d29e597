"""Is this evidence what was written, all of it, in this order, by whom it should be?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from deployplan.evidence.entry import BEGINNING, Bond, Entry, Json, parse_with_digest
from deployplan.evidence.folder import Folder, open_folder
from deployplan.evidence.segment import link, read_segments, segment_name

FREEZING = "plan_frozen"
DECIDING = frozenset({"seat_asked", "approved", "arming", "armed", "wave_started", "wave_ended", "decision", "outcome"})
"""Kinds that decide what is done next; none of them may stand before the freezing of the run's own plan."""


@dataclass(frozen=True, slots=True)
class Verification:
    """The answer of `verify`.

    `ok` means that nothing speaks against the evidence. `signed` means that a key was given and every entry carries
    its signature. `bound` means that every entry says to which run it belongs, those of the first format do not; or to
    which plan, where it is of no run.
    `sealed` means that the last entry is a seal: without one, or an expected head, the chain alone
    cannot tell whether its end was cut off.
    """

    ok: bool
    entries: int
    head: str
    sealed: bool
    problems: tuple[str, ...]
    signed: bool
    bound: bool = True

    def as_json(self) -> dict[str, Json]:
        """Return the answer for programs."""
        return {
            "ok": self.ok,
            "entries": self.entries,
            "head": self.head,
            "sealed": self.sealed,
            "signed": self.signed,
            "bound": self.bound,
            "problems": list(self.problems),
        }


@dataclass(frozen=True, slots=True)
class Begun:
    """What stands before the segments that are checked: how many, the last one's hash, bond and format.

    `of` is the run that all must belong to, None when they may be of any; `frozen` tells that its plan was frozen, and
    `named` that one names its plan.
    """

    seq: int = 0
    prev: str = BEGINNING
    generation: int = 0
    format: int = 1
    of: Bond | None = None
    frozen: bool = False
    named: bool = False

    @classmethod
    def after(cls, entries: Sequence[Entry], of: Bond | None) -> Begun:
        """Stand behind entries that were checked before."""
        begun = cls(of=of)
        if entries and entries[-1].bond is not None:
            return begun.behind(entries[-1], frozen=_frozen_in(entries))
        for entry in entries:  # of the first format: none of them says in which generation it stands
            begun = begun.behind(entry)
        return begun

    def behind(self, entry: Entry, *, frozen: bool = False) -> Begun:
        """Stand behind one more entry."""
        if entry.bond is not None:
            generation = entry.bond.generation
        else:
            generation = Bond(generation=self.generation).after(entry.kind, entry.facts).generation
        is_frozen = self.frozen or frozen or entry.kind == FREEZING
        is_named = self.named or _names_plan(entry)
        return Begun(entry.seq, entry.hash, generation, max(self.format, entry.format), self.of, is_frozen, is_named)


def verify(
    folder: str | Folder, key: bytes | None = None, *, expected_head: str | None = None, bond: Bond | None = None
) -> Verification:
    """Check the ledger in `folder` from its files alone.

    With `key` every entry must be signed with it. `expected_head` is a head printed elsewhere earlier (in the task
    log, in the last message); the ledger must still contain it, and may have grown since. `bond` is the run that every
    entry must belong to.
    """
    place = open_folder(folder)
    return examine_ledger(read_segments(place), key, expected_head=expected_head, place=str(place), bond=bond)


def examine_ledger(
    lines: Mapping[int, bytes],
    key: bytes | None,
    *,
    expected_head: str | None = None,
    place: str = "this folder",
    bond: Bond | None = None,
) -> Verification:
    """Check a ledger by its segments' bytes."""
    if not lines:
        return Verification(False, 0, BEGINNING, False, (f"no ledger in {place}",), False)
    entries, found = check_chain(lines, key, Begun(of=bond))
    problems = [*found, *_lost_end(lines, expected_head)]
    last = max(lines)
    sealed = bool(entries) and entries[-1].seq == last and entries[-1].kind == "sealed"
    signed = key is not None and all(entry.is_signed_with(key) for entry in entries) and len(entries) == len(lines)
    bound = all(entry.format > 1 and (bond is None or _names_plan(entry)) for entry in entries)
    return Verification(not problems, len(lines), link(lines[last]), sealed, tuple(problems), signed, bound)


def check_chain(
    lines: Mapping[int, bytes], key: bytes | None, begun: Begun
) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """Return the entries that can be read of the segments that follow what has `begun`, and what is wrong with them."""
    expected, prev, told = begun.seq + 1, begun.prev, set[str]()
    entries, problems = list[Entry](), list[str]()
    for seq in sorted(lines):
        follows, line = seq == expected, lines[seq]
        if not follows:
            problems.append(_missing(expected, seq - 1))
        expected = seq + 1
        try:
            entry, digest = parse_with_digest(line)
        except ValueError as problem:
            problems.append(f"entry {seq}: {segment_name(seq)} holds {problem}")
            prev = link(line)
            continue
        problems += _problems_of(entry, seq, prev if follows else entry.prev, digest)
        problems += _signature(entry, seq, key)
        problems += _bond_problems(entry, seq, begun)
        if fresh := set(_strangers(entry, begun)) - told:
            told |= fresh
            problems += (f"entry {seq}: {problem}" for problem in fresh)
        entries.append(entry)
        begun, prev = begun.behind(entry), entry.hash
    return tuple(entries), tuple(problems)


def _problems_of(entry: Entry, seq: int, prev: str, digest: str) -> Iterator[str]:
    if entry.seq != seq:
        yield f"entry {seq}: {segment_name(seq)} holds entry {entry.seq}"
    if digest != entry.hash:
        yield f"entry {seq}: changed after it was written"
    if entry.prev != prev:
        yield f"entry {seq}: does not follow entry {seq - 1}" if seq > 1 else "entry 1: is not the beginning"
    if entry.kind == "sealed" and entry.facts.get("entries") != entry.seq - 1:
        yield f"entry {seq}: seals {entry.facts.get('entries')} entries, there are {entry.seq - 1} before it"


def _strangers(entry: Entry, begun: Begun) -> Iterator[str]:
    """Say of which other run an entry is: a whole ledger of it is told once, not once an entry."""
    if begun.of is None:
        return
    facts, of = entry.facts, begun.of
    if entry.bond == Bond() and not of.run:
        # What people did to a plan did not name it at first; nothing says that it was this one, and `bound` tells so.
        if begun.named:
            yield "names no plan, and follows one that does"
        return
    told = entry.bond or Bond(str(facts.get("plan", of.plan)), str(facts.get("run", of.run)))
    if (entry.bond or entry.kind == FREEZING) and (told.plan, told.run) != (of.plan, of.run):
        yield f"belongs to {f'run {told.run!r} of' if told.run else 'no run of'} plan {told.plan!r}"


def _bond_problems(entry: Entry, seq: int, begun: Begun) -> Iterator[str]:
    """Entries of another generation, or from before the plan was frozen, prove nothing here."""
    if entry.bond is None and begun.format > 1:
        yield f"entry {seq}: is of the first format, and follows one that says to which run it belongs"
    expected = begun.generation
    if entry.kind == "arming":
        expected = Bond(generation=expected).after(entry.kind, entry.facts).generation
    if entry.bond is not None and entry.bond.generation != expected:
        yield f"entry {seq}: belongs to generation {entry.bond.generation}, and stands in generation {expected}"
    if begun.of is not None and entry.kind in DECIDING and not begun.frozen:
        yield f"entry {seq}: {entry.kind} comes before the plan was frozen"


def _names_plan(entry: Entry) -> bool:
    return entry.bond is not None and bool(entry.bond.plan)


def _frozen_in(entries: Iterable[Entry]) -> bool:
    return any(entry.kind == FREEZING for entry in entries)


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
