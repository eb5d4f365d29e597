"""What happened in a run, entry by entry, in a chain that nobody can quietly change?"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Lock

from deployplan.clock import Clock, SystemClock
from deployplan.evidence import folder as files
from deployplan.evidence.entry import BEGINNING, Bond, Entry, sign
from deployplan.evidence.error import LedgerDamaged, RecordError
from deployplan.evidence.event import Event
from deployplan.evidence.folder import Folder, open_folder
from deployplan.evidence.segment import (
    link,
    list_ledger,
    read_listed,
    read_segment,
    read_segments,
    readable_entries,
    segment_name,
)
from deployplan.evidence.verification import Begun, check_chain

MOST_ATTEMPTS = 10_000
LISTED_FOR = 30.0
"""Seconds for which a listing serves: a name that was free then, and is now, was never taken. `tidy` waits far longer
before it removes what it has put together with others."""


class _Sealed(Exception):
    """The ledger has ended."""


class Ledger:
    """The evidence of one run: append-only, hash-chained, one segment an entry until the run is over.

    Object storage cannot append, so each entry is a file of its own, created exclusively. That also makes two writers
    safe: the second to write entry 7 finds it there, reads it and writes entry 8. Threads may share one ledger.
    """

    def __init__(
        self,
        folder: str | Folder,
        *,
        key: bytes | None = None,
        clock: Clock | None = None,
        plan: str = "",
        run_id: str = "",
    ) -> None:
        """Use the ledger in `folder`, which need not exist yet; `key` signs every entry.

        `plan` and `run_id` are what every entry in it must belong to: without a run, to the plan and none of its runs;
        without either the ledger asks nothing of the kind.
        """
        self.folder = open_folder(folder)
        self._of = Bond(plan, run_id)
        self._bond = self._of
        self._sealed = False
        self._key = key
        self._clock = clock or SystemClock()
        self._lock = Lock()
        self._seq = 0
        self._head = BEGINNING
        self._checked: tuple[Entry, ...] = ()
        self._read_from_listing_at: float | None = None
        self._stood_at_end_at: float | None = None

    def record(self, kind: str, /, **facts: object) -> Entry:
        """Append one event and return its entry.

        Facts may be JSON values, datetimes, durations (stored as seconds) and enums; anything else is kept as its
        text. OSError when the store fails.
        """
        return self._append(kind, lambda _: facts)

    def keep(self, event: Event) -> Entry:
        """Append a typed event as `record` appends its facts."""
        return self.record(event.kind, **event.facts())

    def seal(self, **facts: object) -> Entry:
        """Append `sealed` with the count of the entries before it; a rerun continues after it and seals again."""
        return self._append("sealed", lambda seq: facts | {"entries": seq - 1})

    def keep_unless_sealed(self, event: Event) -> Entry | None:
        """Append as `keep` does, but return None when the ledger has ended: nothing is added behind its seal."""
        try:
            return self._append(event.kind, lambda _: event.facts(), behind_a_seal=False)
        except _Sealed:
            return None

    def mac(self, content: bytes) -> str | None:
        """Return the signature of something that is kept beside the ledger; None when the ledger is not signed."""
        return None if self._key is None else sign(content.hex(), self._key)

    def entries(self) -> tuple[Entry, ...]:
        """Return all entries in order; LedgerDamaged when the chain is broken or, with a key, a signature is not ours.

        Decisions may rest on what this returns. A first look lists the folder; a further one within half a minute asks
        for the next names only, and lists again when an entry is missing before another, or one that this ledger wrote.
        A gap of two or more, behind what was read before and before anything else was, is seen by the next first look
        and by `verify`, which reads all of them. To read what is left of a damaged ledger, see `salvage`.
        """
        with self._lock:
            now, anew = _uptime(), not _is_fresh(self._read_from_listing_at)
            fresh = read_segments(self.folder, after=len(self._checked), until=self._seq, anew=anew)
            if anew:
                self._read_from_listing_at = now
            if fresh:
                begun = Begun.after(self._checked, self._of if self._of.plan else None)
                entries, problems = check_chain(fresh, self._key, begun)
                if problems:
                    raise LedgerDamaged(str(self.folder), problems)
                self._checked += entries
            return self._checked

    @property
    def head(self) -> str:
        """The hash of the last entry; 64 zeros while there is none. Print it elsewhere: it proves the ledger's end."""
        with self._lock:
            self._catch_up()
            return self._head

    def _append(self, kind: str, facts: Callable[[int], Mapping[str, object]], *, behind_a_seal: bool = True) -> Entry:
        with self._lock:
            if self._seq == 0:
                self._catch_up()
            for _ in range(MOST_ATTEMPTS):
                if self._sealed and not behind_a_seal:
                    raise _Sealed
                seq, known = self._seq + 1, facts(self._seq + 1)
                bond = self._bond.after(kind, known)
                entry = Entry.of(seq, self._clock.now(), kind, known, prev=self._head, key=self._key, bond=bond)
                try:
                    files.create(self.folder, segment_name(seq), entry.line())
                except FileExistsError:
                    if not self._is_mine(entry):
                        self._let_go_first(seq)
                        continue
                if _is_fresh(self._stood_at_end_at) or not self._catch_up(entry):
                    self._stand_behind(entry, entry.hash)
                    return entry
        raise RecordError(f"could not append to {self.folder}: {MOST_ATTEMPTS} other entries came first")

    def _is_mine(self, entry: Entry) -> bool:
        """Whether the entry that is there is this one: object storage may fail to answer, having kept it."""
        return not isinstance(self.folder, Path) and read_segment(self.folder, entry.seq) == entry.line()

    def _let_go_first(self, seq: int) -> None:
        """Stand behind the entry that took the name of entry `seq`, or behind the end when that may be long ago."""
        if _is_fresh(self._stood_at_end_at):
            self._step_over(seq, read_segment(self.folder, seq))
        else:
            self._catch_up()

    def _catch_up(self, mine: Entry | None = None) -> bool:
        """Stand behind the last entry; with `mine`, just created, only if its number was taken before: whether it was.

        Its name was free all the same, for who slept while others went on and what they wrote was put together and
        removed: it is given back.
        """
        now, listing = _uptime(), list_ledger(self.folder)
        if mine is not None and any(each.holds(mine.seq) for each in listing.sealed):
            if read_listed(self.folder, listing, mine.seq) == mine.line():
                return False  # created at an earlier try, and put together with the others since
            files.remove(self.folder, segment_name(mine.seq))
        elif mine is not None:
            self._stood_at_end_at = now
            return False
        if listing.last > self._seq:
            self._step_over(listing.last, read_listed(self.folder, listing, listing.last))
        self._stood_at_end_at = now
        return mine is not None

    def _step_over(self, seq: int, line: bytes) -> None:
        """Stand behind entry `seq`, whoever wrote it and whatever it holds."""
        entry = next(iter(readable_entries({seq: line})), None)
        if entry is not None and entry.bond is not None:
            self._stand_behind(entry, link(line))
            return
        self._seq, self._head, self._sealed = seq, link(line), entry is not None and entry.kind == "sealed"
        armed = [each for each in readable_entries(read_segments(self.folder)) if each.kind == "arming"]
        for each in armed:  # entries of the first format do not say it
            self._bond = self._bond.after(each.kind, each.facts)

    def _stand_behind(self, entry: Entry, head: str) -> None:
        self._seq, self._head, self._sealed = entry.seq, head, entry.kind == "sealed"
        if entry.bond is not None:
            self._bond = replace(self._of, generation=entry.bond.generation)


def _uptime() -> float:
    """Seconds that go on while the machine sleeps, where the system counts them."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def _is_fresh(at: float | None) -> bool:
    return at is not None and _uptime() - at <= LISTED_FOR
