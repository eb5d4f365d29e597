"""The ended runs and what is known of each: ends by a listing, plan and evidence of a run when it is asked for."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from deployplan.evidence.ledger import Ledger
from deployplan.evidence.record import Records
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.run.fold import fold_all
from deployplan.runbook.run.frozen_plan import frozen_plan
from deployplan.runbook.run.state import RunState
from deployplan.runbook.timing.past_runs import ended_latest
from deployplan.ui.end_note import why_not_believed
from deployplan.ui.history import EndedRun, RunFacts, with_pace

MOST_ENDS = 5_000
"""Ended runs that can be found, the latest; `deployplan evidence` tells of all."""
MOST_KEPT = 5_000
"""Runs of which what was read is kept in memory."""


class HistoryReader:
    """Reads the ended runs of a record store. Threads may share it."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._lock = Lock()
        self._kept: OrderedDict[str, RunFacts] = OrderedDict()

    def ends(self) -> tuple[tuple[EndedRun, ...], int]:
        """Return the ended runs, the latest first, and how many earlier ends are not looked at."""
        found, older = ended_latest(self._records, MOST_ENDS)
        return with_pace(found), older

    def facts(self, ended: EndedRun, in_time: Callable[[], bool] = lambda: True) -> RunFacts | None:
        """Return what is known of an ended run; None where it was not read before and there is no time now."""
        with self._lock:
            if (kept := self._kept.get(ended.name)) is not None:
                self._kept.move_to_end(ended.name)
                return kept
        if not in_time():
            return None
        found = self._read(ended)
        with self._lock:
            self._kept[ended.name] = found
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return found

    def _read(self, ended: EndedRun) -> RunFacts:
        run = ended.run
        try:
            snapshot = frozen_plan(self._records, run.plan, run.digest)
        except Exception as error:  # a record can be anything, and hides no other
            return RunFacts(problem=str(error) or type(error).__name__)
        try:
            ledger: Ledger = self._records.run(run.plan, run.run_id).ledger()
            entries = ledger.entries()
            if not entries:
                return _facts(snapshot, RunState(), self._gone(run.plan, run.run_id))
            problem = why_not_believed(run.outcome, ended.entries, ended.head, entries)
            return _facts(snapshot, fold_all(entries), problem)
        except Exception as error:
            return _facts(snapshot, RunState(), str(error) or type(error).__name__)

    def _gone(self, plan: str, run_id: str) -> str:
        stone = self._records.tombstones.of(plan, run_id, None)
        return "its record is not there" if stone is None else f"its record was {stone}"


def _facts(snapshot: Snapshot, known: RunState, problem: str | None = None) -> RunFacts:
    plan = snapshot.plan
    scope, outcome = plan.scope, known.outcome
    return RunFacts(
        release=scope.release.version,
        previous=scope.release.previous,
        summary=scope.summary,
        reason=scope.reason,
        author=plan.author,
        triggered_by=None if known.frozen is None else known.frozen.triggered_by,
        timezone=snapshot.timezone,
        approved_by=tuple(each.event.person or "?" for each in known.review.approvals.values()),
        tickets=(*((plan.change,) if plan.change else ()), *scope.fixes),
        features=dict(scope.features),
        nodes=tuple(node.name for node in snapshot.target_nodes()),
        because=None if outcome is None else outcome.event.because,
        problem=problem,
    )
