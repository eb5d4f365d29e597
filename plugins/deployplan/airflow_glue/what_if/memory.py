"""A run's records in memory: the same entries in the same chain, on no disk; of earlier runs what the store says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from deployplan.clock import Clock
from deployplan.evidence.end import End, Mac
from deployplan.evidence.ends import Ends
from deployplan.evidence.entry import Entry
from deployplan.evidence.error import RecordError
from deployplan.evidence.ledger import Ledger
from deployplan.evidence.record import Records, RunRecord
from deployplan.evidence.waiting import WaitingRun, WaitingRuns

NOWHERE = Path("/nonexistent/deployplan-simulation")
"""Where the records would be: nothing is ever written there."""


class MemoryLedger(Ledger):
    """The evidence of a simulated run: numbered, chained and timed as on a disk, and not signed."""

    def __init__(self, clock: Clock, plan: str, run_id: str) -> None:
        super().__init__(NOWHERE, clock=clock, plan=plan, run_id=run_id)
        self._kept: list[Entry] = []
        self._told: tuple[Entry, ...] = ()

    def entries(self) -> tuple[Entry, ...]:
        if len(self._told) != len(self._kept):
            self._told = tuple(self._kept)
        return self._told

    @property
    def head(self) -> str:
        return self._head

    def _append(self, kind: str, facts: Callable[[int], Mapping[str, object]], *, behind_a_seal: bool = True) -> Entry:
        if self._sealed and not behind_a_seal:
            raise RecordError("the ledger of this simulated run has ended")
        seq, known = self._seq + 1, facts(self._seq + 1)
        bond = self._bond.after(kind, known)
        entry = Entry.of(seq, self._clock.now(), kind, known, prev=self._head, key=None, bond=bond)
        self._kept.append(entry)
        self._stand_behind(entry, entry.hash)
        return entry


class MemoryRecords(Records):
    """The records of one simulated run; `ends` are those of earlier runs of its product, from the real store."""

    def __init__(self, ledger: MemoryLedger, ends: Sequence[End], rehearsed: Sequence[Ledger] = ()) -> None:
        super().__init__(NOWHERE)
        self._ledger = ledger
        self._rehearsed = tuple(rehearsed)
        self._texts: dict[str, str] = {}
        self._under_way: dict[str, tuple[str, str]] = {}
        self.ends = _KnownEnds(ends)
        self.waiting = _WaitingInMemory()

    def run(self, plan: str, run_id: str) -> RunRecord:
        return _MemoryRun(plan, run_id, self._ledger)

    def save_snapshot(self, plan: str, digest: str, text: str) -> None:
        self._texts[digest] = text

    def snapshot(self, plan: str, digest: str) -> str:
        return self._texts[digest]

    def rehearsals(self, plan: str) -> tuple[Ledger, ...]:
        return self._rehearsed

    def first_index(self, environment: str, product: str) -> bytes:
        raise FileNotFoundError(product)

    def open_run(self, plan: str, run_id: str, digest: str) -> None:
        self._under_way[plan] = run_id, digest

    def close_run(self, plan: str, run_id: str) -> None:
        self._under_way.pop(plan, None)

    def active(self, plan: str) -> tuple[str, str] | None:
        return self._under_way.get(plan)

    def active_plans(self) -> dict[str, tuple[str, str]]:
        return dict(self._under_way)


class _MemoryRun(RunRecord):
    def __init__(self, plan: str, run_id: str, ledger: MemoryLedger) -> None:
        super().__init__(NOWHERE, plan, run_id)
        self._memory = ledger

    def ledger(self, *, key: bytes | None = None, clock: Clock | None = None) -> Ledger:
        return self._memory


class _KnownEnds(Ends):
    """How earlier runs ended; how the simulated one ends is kept nowhere."""

    def __init__(self, ends: Sequence[End]) -> None:
        super().__init__(NOWHERE)
        self._known = tuple(ends)

    def put(self, end: End, mac: Mac) -> None:
        """Nothing."""

    def of_product(self, environment: str, product: str, most: int) -> tuple[End, ...]:
        return self._known[-most:]

    def heads(self) -> dict[str, str]:
        return {}

    @property
    def are_built(self) -> bool:
        return True

    def unmerged(self) -> tuple[End, ...]:
        return ()

    def merge(self, names: Iterable[str], *, before: datetime) -> None:
        """Nothing."""


class _WaitingInMemory(WaitingRuns):
    def __init__(self) -> None:
        super().__init__(NOWHERE)
        self._said: dict[str, WaitingRun] = {}

    def put(self, run: WaitingRun) -> None:
        self._said[run.plan] = run

    def of(self, plan: str) -> WaitingRun | None:
        return self._said.get(plan)

    def remove(self, plan: str, run_id: str) -> None:
        self._said.pop(plan, None)

    def all(self) -> tuple[WaitingRun, ...]:
        return tuple(self._said.values())
