"""The ended runs, read once for all who look, and the plans that missed their windows, worked out beside who asks."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache
from threading import Lock
from time import monotonic

from deployplan.airflow_glue.server.api.tonight_keeper import FRESH, IN_TIME, TonightKeeper, keeper
from deployplan.airflow_glue.settings import Settings, settings
from deployplan.clock import SystemClock
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.calendar.missed import Missed, find_missed
from deployplan.ui.history import EndedRun, HistoryFilter, HistoryPage, RunFacts, find_runs
from deployplan.ui.history_json import MissedNow
from deployplan.ui.history_reader import HistoryReader
from deployplan.ui.node_list import Reads

MISSED_FRESH = 60.0
"""Seconds for which one look at windows that have passed serves everybody."""


class HistoryKeeper:
    """Reads the history of one installation. Threads may share it."""

    def __init__(self, known: Settings, tonight: TonightKeeper) -> None:
        self._records, self._include, self._tonight = known.record_store(), known.documents(), tonight
        self._reader = HistoryReader(self._records)
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="deployplan-missed")
        self._lock = Lock()
        self._ends: tuple[float, tuple[tuple[EndedRun, ...], int]] | None = None
        self._asked: tuple[float, Future[tuple[Missed, ...]]] | None = None
        self._missed = MissedNow()

    def ends(self) -> tuple[tuple[EndedRun, ...], int]:
        """Return the ended runs, the latest first, and how many earlier ones are not looked at."""
        with self._lock:
            if self._ends is None or monotonic() - self._ends[0] >= FRESH:
                self._ends = monotonic(), self._reader.ends()
            return self._ends[1]

    def facts(self, ended: EndedRun) -> RunFacts | None:
        """Return what is known of a run."""
        return self._reader.facts(ended)

    def find(self, wanted: HistoryFilter, reads: Reads, *, after: str, limit: int) -> HistoryPage:
        """Return a page of what is meant; what was not read before is read for so long as a look may take."""
        began = monotonic()
        ends, _ = self.ends()
        first = iter((True,))  # however slow the store is, each page gets on by a run

        def facts_of(ended: EndedRun) -> RunFacts | None:
            return self._reader.facts(ended, lambda: next(first, False) or monotonic() - began < IN_TIME)

        return find_runs(ends, wanted, facts_of, reads, after=after, limit=limit)

    def missed(self) -> MissedNow:
        """Return the plans that missed their windows, as known last."""
        self._tonight.look()
        plans = tuple(self._tonight.loaded.snapshots.values())
        with self._lock:
            if self._asked is None or (self._asked[1].done() and monotonic() - self._asked[0] >= MISSED_FRESH):
                self._asked = monotonic(), self._worker.submit(self._find_missed, plans)
            _, looking = self._asked
        if not looking.done():
            return replace(self._missed, reading=True)
        error = looking.exception()
        if error is None:
            self._missed = MissedNow(looking.result())
            return self._missed
        return replace(self._missed, problem=str(error) or type(error).__name__)

    def _find_missed(self, snapshots: tuple[Snapshot, ...]) -> tuple[Missed, ...]:
        return find_missed(snapshots, self._include, self._records, at=SystemClock().now())


def history_keeper() -> HistoryKeeper:
    """The one of this process."""
    known = settings()
    return _keeper(known, keeper(known))


@lru_cache(maxsize=1)
def _keeper(known: Settings, tonight: TonightKeeper) -> HistoryKeeper:
    return HistoryKeeper(known, tonight)
