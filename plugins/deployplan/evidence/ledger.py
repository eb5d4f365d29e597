"""What happened in a run, entry by entry, in a chain that nobody can quietly change?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock

from deployplan.clock import Clock, SystemClock
from deployplan.evidence import folder as files
from deployplan.evidence.entry import BEGINNING, Entry
from deployplan.evidence.error import LedgerDamaged, RecordError
from deployplan.evidence.folder import Folder, open_folder
from deployplan.evidence.segment import link, read_segment, read_segments, readable, segment_name, segments
from deployplan.evidence.verification import chain_problems

MOST_ATTEMPTS = 10_000


class Ledger:
    """The evidence of one run: append-only, hash-chained, one segment an entry.

    Object storage cannot append, so each entry is a file of its own, created exclusively. That also makes two writers
    safe: the second to write entry 7 finds it there, reads it and writes entry 8. Threads may share one ledger.
    """

    def __init__(self, folder: str | Folder, *, key: bytes | None = None, clock: Clock | None = None) -> None:
        """Use the ledger in `folder`, which need not exist yet; `key` signs every entry."""
        self.folder = open_folder(folder)
        self._key = key
        self._clock = clock or SystemClock()
        self._lock = Lock()
        self._seq = 0
        self._head = BEGINNING
        self._checked: tuple[Entry, ...] = ()

    def record(self, kind: str, /, **facts: object) -> Entry:
        """Append one event and return its entry.

        Facts may be JSON values, datetimes, durations (stored as seconds) and enums; anything else is kept as its
        text. OSError when the store fails.
        """
        return self._append(kind, lambda _: facts)

    def seal(self, **facts: object) -> Entry:
        """Append `sealed` with the count of the entries before it; a rerun continues after it and seals again."""
        return self._append("sealed", lambda seq: facts | {"entries": seq - 1})

    def entries(self) -> tuple[Entry, ...]:
        """Return all entries in order; LedgerDamaged when the chain is broken or, with a key, a signature is not ours.

        Decisions may rest on what this returns. Only entries that this ledger has not returned before are read again;
        `verify` reads all of them. To read what is left of a damaged ledger, see `salvage`.
        """
        with self._lock:
            known = len(self._checked)
            fresh = read_segments(self.folder, after=known)
            prev = self._checked[-1].hash if known else BEGINNING
            problems = tuple(chain_problems(fresh, self._key, after=known, prev=prev))
            if problems:
                raise LedgerDamaged(str(self.folder), problems)
            self._checked += readable(fresh)
            return self._checked

    @property
    def head(self) -> str:
        """The hash of the last entry; 64 zeros while there is none. Print it elsewhere: it proves the ledger's end."""
        with self._lock:
            self._catch_up()
            return self._head

    def _append(self, kind: str, facts: Callable[[int], Mapping[str, object]]) -> Entry:
        with self._lock:
            if self._seq == 0:
                self._catch_up()
            for _ in range(MOST_ATTEMPTS):
                seq = self._seq + 1
                entry = Entry.of(seq, self._clock.now(), kind, facts(seq), prev=self._head, key=self._key)
                try:
                    files.create(self.folder, segment_name(seq), entry.line())
                except FileExistsError:
                    self._step_over(seq)
                else:
                    self._seq, self._head = seq, entry.hash
                    return entry
        raise RecordError(f"could not append to {self.folder}: {MOST_ATTEMPTS} other entries came first")

    def _catch_up(self) -> None:
        present = segments(self.folder)
        if present and present[-1] > self._seq:
            self._step_over(present[-1])

    def _step_over(self, seq: int) -> None:
        """Stand behind segment `seq`, whoever wrote it and whatever it holds."""
        self._seq, self._head = seq, link(read_segment(self.folder, seq))
