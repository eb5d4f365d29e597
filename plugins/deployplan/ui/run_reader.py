"""The runs under way and those that have ended, read once: a further look asks each ledger for its next entries."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from deployplan.evidence.end import End
from deployplan.evidence.record import Records
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.run.fold import StateReader, fold_all
from deployplan.runbook.run.frozen_plan import frozen_plan
from deployplan.runbook.run.state import RunState
from deployplan.runbook.timing.past_runs import PastRun, ended_since
from deployplan.ui.end_note import why_not_believed
from deployplan.ui.progress import RunProgress, progress_of

MOST_FROZEN = 512
"""Frozen plans that are kept in memory."""


@dataclass(frozen=True, slots=True)
class RunSeen:
    """A run, the plan that it froze and its evidence; `problem` is why they cannot be read, or not yet.

    `ended` is the end of a run that is over, as the note of it says: to be believed only where there is no `problem`.
    """

    plan: str
    run_id: str
    digest: str
    snapshot: Snapshot | None = None
    known: RunState | None = None
    problem: str | None = None
    ended: PastRun | None = None
    environment: str | None = None
    product: str | None = None


@dataclass(frozen=True, slots=True)
class RunsSeen:
    """What was read; `unread` runs were not, as the time was over."""

    active: tuple[RunSeen, ...]
    ended: tuple[RunSeen, ...]
    unread: int


class _Known(NamedTuple):
    snapshot: Snapshot
    known: RunState | None
    progress: RunProgress


class RunReader:
    """Reads the runs of a record store. One thread at a time."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._readers: dict[tuple[str, str], StateReader] = {}
        self._frozen = lru_cache(maxsize=MOST_FROZEN)(lambda plan, digest: frozen_plan(records, plan, digest))
        self._over: dict[str, RunSeen] = {}
        self._progress: dict[tuple[str, str | None], _Known] = {}

    def read(self, since: datetime, in_time: Callable[[], bool] = lambda: True) -> RunsSeen:
        """Return the runs under way, and those that have ended since then; one that is read never waits.

        `in_time` tells whether there is time to read one more that was not read before.
        """
        unread, active = 0, []
        pointers = self._records.active_plans()
        self._readers = {key: each for key, each in self._readers.items() if pointers.get(key[0], "?")[0] == key[1]}
        for plan, (run_id, digest) in pointers.items():
            if (plan, run_id) not in self._readers and not in_time():
                unread += 1
                continue
            active.append(self._active(plan, run_id, digest))
        ended, left = self._ended(since, {(each.plan, each.run_id) for each in active}, in_time)
        return RunsSeen(tuple(active), tuple(ended), unread + left)

    def progress(self, snapshot: Snapshot, known: RunState | None = None, run_id: str | None = None) -> RunProgress:
        """How far a run is, or a plan without one; it is computed when its evidence or its file has changed."""
        key = (snapshot.plan.name, run_id)
        kept = self._progress.get(key)
        if kept is None or kept.snapshot is not snapshot or kept.known is not known:
            if len(self._progress) >= MOST_FROZEN * 4:
                self._progress.clear()
            kept = self._progress[key] = _Known(snapshot, known, progress_of(snapshot, known))
        return kept.progress

    def _active(self, plan: str, run_id: str, digest: str) -> RunSeen:
        reader = self._readers.setdefault((plan, run_id), StateReader(self._records.run(plan, run_id).ledger()))
        return self._seen(RunSeen(plan, run_id, digest), reader)

    def _seen(self, run: RunSeen, reader: StateReader) -> RunSeen:
        """Read a run. What cannot be read is told in its own place and hides no other: any error, as files can be
        anything.
        """
        try:
            run = replace(run, snapshot=self._frozen(run.plan, run.digest))
            return replace(run, known=reader.read())
        except Exception as error:
            return replace(run, problem=str(error) or type(error).__name__)

    def _ended(
        self, since: datetime, but: set[tuple[str, str]], in_time: Callable[[], bool]
    ) -> tuple[list[RunSeen], int]:
        unread, found, kept = 0, [], {}
        for end, run in reversed(ended_since(self._records, since)):
            if (run.plan, run.run_id) in but:
                continue
            seen = self._over.get(end.name)
            if seen is None and not in_time():
                unread += 1
                continue
            if seen is None:
                seen = self._over_run(end, run)
            kept[end.name] = seen
            found.append(seen)
        self._over = kept
        return found, unread

    def _over_run(self, end: End, run: PastRun) -> RunSeen:
        """Read a run that is over. A note of its end that its record does not bear out is a problem, as what cannot be
        read is.
        """
        seen = RunSeen(run.plan, run.run_id, run.digest, None, None, None, run, end.environment, end.product)
        try:
            seen = replace(seen, snapshot=self._frozen(run.plan, run.digest))
            entries = self._records.run(run.plan, run.run_id).ledger().entries()
            if (problem := why_not_believed(run.outcome, end.entries, end.head, entries)) is not None:
                return replace(seen, problem=problem)
            return replace(seen, known=fold_all(entries))
        except Exception as error:
            return replace(seen, problem=str(error) or type(error).__name__)
