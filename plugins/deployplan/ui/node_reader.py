"""What runs did on their nodes, read once a run: one that has ended is read again only where it has new entries."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import TypeAlias

from deployplan.evidence.end import End
from deployplan.evidence.record import Records, RunRecord
from deployplan.evidence.segment import list_ledger
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.run.fold import StateReader, fold_all
from deployplan.runbook.run.frozen_plan import frozen_plan
from deployplan.runbook.run.outcome_kinds import LEAVES_LOCKED, UNTOUCHED
from deployplan.runbook.timing.past_runs import PastRun, ended_latest
from deployplan.ui.node_bar import NodeStanding
from deployplan.ui.run_nodes import NOT_OVER, RunOnNodes, run_on_nodes

MOST_ENDS = 2_000
"""Ended runs that are looked at, the latest; `deployplan evidence` tells of all."""
MOST_RESULTS = 200_000
"""Results of single components on single nodes that are kept in memory; the oldest runs are the first to go."""
MOST_FROZEN = 128

_Listed: TypeAlias = tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class NodeRuns:
    """The runs that touched nodes, by their time, the latest last, and those under way behind them.

    `unread` were not read in time, `older` never are.
    """

    runs: tuple[RunOnNodes, ...]
    unread: int
    older: int


class NodeReader:
    """Reads the runs of a record store, the latest first. One thread at a time."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._frozen = lru_cache(maxsize=MOST_FROZEN)(lambda plan, digest: frozen_plan(records, plan, digest))
        self._over: dict[str, RunOnNodes] = {}
        self._locked: dict[str, _Listed] = {}
        self._at_work: dict[tuple[str, str], _AtWork] = {}

    def read(self, in_time: Callable[[], bool] = lambda: True) -> NodeRuns:
        """Return what is known; `in_time` tells whether there is time to read one more that was not read before.

        What is left of the time goes to ended runs that left nodes locked, those first that were longest not looked
        at: where there is a new entry, a lock may have been taken away.
        """
        pointers = self._records.active_plans()
        self._at_work = {key: each for key, each in self._at_work.items() if pointers.get(key[0], "?")[0] == key[1]}
        active, unread = [], 0
        for plan, (run_id, digest) in pointers.items():
            if (plan, run_id) not in self._at_work and not in_time():
                unread += 1
                continue
            if (found := self._under_way(plan, run_id, digest)) is not None:
                active.append(found)
        ended, left, older = self._ended({(each.plan, each.run_id) for each in active}, in_time)
        runs = (*sorted(ended, key=lambda each: each.at), *sorted(active, key=lambda each: each.at))
        return NodeRuns(runs, unread + left, older)

    def _under_way(self, plan: str, run_id: str, digest: str) -> RunOnNodes | None:
        known = self._at_work.setdefault((plan, run_id), _AtWork(self._records.run(plan, run_id)))
        try:
            return known.look(run_id, self._frozen(plan, digest))
        except Exception as error:  # a record can be anything, and hides no other
            return self._unreadable(plan, run_id, digest, str(error) or type(error).__name__, NOT_OVER)

    def _ended(self, but: set[tuple[str, str]], in_time: Callable[[], bool]) -> tuple[list[RunOnNodes], int, int]:
        ends, older = ended_latest(self._records, MOST_ENDS)
        kept: dict[str, RunOnNodes] = {}
        locked: dict[str, tuple[End, PastRun]] = {}
        unread, results = 0, 0
        for end, run in reversed(ends):
            if run.outcome in UNTOUCHED or (run.plan, run.run_id) in but:
                continue
            if results > MOST_RESULTS:
                older += 1
                continue
            seen = self._over.get(end.name)
            if seen is None:
                if not in_time():
                    unread += 1
                    continue
                seen = self._over_now(end, run)
            elif run.outcome in LEAVES_LOCKED:
                locked[end.name] = end, run
            results += len(seen.results)
            kept[end.name] = seen
        kept.update(self._unlocked_since(locked, in_time))
        self._over = kept
        self._locked = {name: listed for name, listed in self._locked.items() if name in kept}
        return list(kept.values()), unread, older

    def _unlocked_since(
        self, locked: Mapping[str, tuple[End, PastRun]], in_time: Callable[[], bool]
    ) -> Iterator[tuple[str, RunOnNodes]]:
        """Read those anew that have other entries than when they were read; a look costs a listing or two."""
        for name in [each for each in self._locked if each in locked]:
            if not in_time():
                return
            known, now = self._locked.pop(name), self._listed(locked[name][1])
            self._locked[name] = now  # behind all others: the next look begins with those that this one leaves
            if now is None or now != known:
                yield name, self._over_now(*locked[name])

    def _listed(self, run: PastRun) -> _Listed:
        """The last entry of a run's ledger and of what came when it was over; None where nobody can tell."""
        record = self._records.run(run.plan, run.run_id)
        try:
            return list_ledger(record.ledger().folder).last, list_ledger(record.apart().folder).last
        except Exception:  # whoever reads it says why
            return None

    def _over_now(self, end: End, run: PastRun) -> RunOnNodes:
        record = self._records.run(run.plan, run.run_id)
        if run.outcome in LEAVES_LOCKED and end.name not in self._locked:
            self._locked[end.name] = self._listed(run)  # before it is read: what comes meanwhile is read again
        try:
            entries = record.ledger().entries()
            if not entries:
                return self._gone(end, run)
            late = record.apart().entries() if run.outcome in LEAVES_LOCKED else ()
            return run_on_nodes(self._frozen(run.plan, run.digest), run.run_id, fold_all(entries), entries, late)
        except Exception as error:
            return self._unreadable(
                run.plan, run.run_id, run.digest, str(error) or type(error).__name__, run.at, end=end, over=run
            )

    def _gone(self, end: End, run: PastRun) -> RunOnNodes:
        """A run whose record was archived, or is not there."""
        stone = self._records.tombstones.of(run.plan, run.run_id, None)
        problem = "its record is not there" if stone is None else f"its record was {stone}"
        return self._unreadable(run.plan, run.run_id, run.digest, problem, run.at, end=end, over=run)

    def _unreadable(
        self,
        plan: str,
        run_id: str,
        digest: str,
        problem: str,
        at: datetime,
        *,
        end: End | None = None,
        over: PastRun | None = None,
    ) -> RunOnNodes:
        """A run of which nothing is believed: whose nodes it worked on, as far as its frozen plan tells."""
        known = RunOnNodes(
            plan,
            run_id,
            environment="" if end is None else end.environment,
            product="" if end is None else end.product,
            release=None,
            at=at,
            outcome=None if over is None else over.outcome,
            problem=problem,
        )
        try:
            snapshot = self._frozen(plan, digest)
        except Exception:
            return known
        release = snapshot.plan.scope.release
        return replace(
            known,
            environment=snapshot.plan.environment,
            product=release.product,
            release=release.version,
            nodes={node.name: NodeStanding.UNKNOWN for node in snapshot.target_nodes()},
        )


class _AtWork:
    """A run under way: what it did is worked out anew when there are new entries."""

    def __init__(self, record: RunRecord) -> None:
        self._ledger = record.ledger()
        self._reader = StateReader(self._ledger)
        self._seen: tuple[int, Snapshot, RunOnNodes] | None = None

    def look(self, run_id: str, snapshot: Snapshot) -> RunOnNodes | None:
        """Return what the run has done so far, None before its first entry. Raises as `StateReader.read` does."""
        state, entries = self._reader.read(), self._ledger.entries()
        if not entries:
            return None
        if self._seen is None or self._seen[:2] != (len(entries), snapshot):
            self._seen = len(entries), snapshot, run_on_nodes(snapshot, run_id, state, entries)
        return self._seen[2]
