"""Releases, read once for all who look at one: a further look reads what the evidence has got since."""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import lru_cache
from time import monotonic
from typing import Any, NamedTuple

from fastapi import HTTPException

from deployplan.airflow_glue.server.api.tonight_keeper import tonight_now
from deployplan.airflow_glue.settings import Settings, settings
from deployplan.errors import DeployPlanError
from deployplan.evidence.record import Records
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.run.frozen_plan import frozen_plan
from deployplan.runbook.run.state import RunState
from deployplan.runbook.timing.past_runs import PastRun, history_of
from deployplan.ui.release import release_of
from deployplan.ui.release_json import damaged_as_json, release_as_json
from deployplan.ui.release_trail import Trail, TrailReader
from deployplan.ui.tonight import TonightRow

MOST_KEPT = 32
"""Releases that are kept in memory: those that somebody has looked at last."""

DAMAGE_STANDS = 5.0
"""Seconds for which a record that cannot be read is not read again: the page asks every second or two."""


class Opened(NamedTuple):
    """A run by its evidence, with the plan that it froze."""

    run_id: str
    snapshot: Snapshot
    known: RunState
    trail: Trail


class _Kept:
    """What is known of one run. `made` is its JSON, and of how many entries and which row it was made."""

    def __init__(self, records: Records, plan: str, run_id: str) -> None:
        self._records, self._plan, self._run = records, plan, run_id
        self.reader = TrailReader(records.run(plan, run_id).ledger())
        self.snapshot: Snapshot | None = None
        self.past: tuple[PastRun, ...] = ()
        self.made: tuple[int, TonightRow | None, dict[str, Any]] | None = None

    def open(self) -> Opened:
        """Read it. Raises 404 when the run left no evidence here, DeployPlanError or ValueError when it is damaged."""
        known, trail = self.reader.read()
        if known.frozen is None:
            raise HTTPException(404, f"run {self._run} of {self._plan} left no record here, or froze no plan yet")
        if self.snapshot is None or self.snapshot.digest != known.frozen.digest:
            self.snapshot = frozen_plan(self._records, self._plan, known.frozen.digest)
            where = self.snapshot.plan.environment, self.snapshot.plan.scope.release.product
            self.past = history_of(self._records, *where)
        return Opened(self._run, self.snapshot, known, trail)

    def content(self, row: TonightRow | None) -> dict[str, Any]:
        """Its JSON, made anew when the evidence or the row has changed; not to be changed by who asks."""
        opened = self.open()
        if self.made is None or self.made[:2] != (opened.trail.entries, row):
            found = release_of(opened.snapshot, opened.run_id, opened.known, opened.trail, row, self.past)
            self.made = opened.trail.entries, row, release_as_json(found, row)
        return self.made[2]


class ReleaseKeeper:
    """Reads releases of one record store. Threads may share it."""

    def __init__(self, known: Settings) -> None:
        self._records = known.record_store()
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], _Kept] = OrderedDict()
        self._damaged: dict[tuple[str, str], tuple[float, dict[str, Any]]] = {}

    def content(self, plan: str, run_id: str) -> dict[str, Any]:
        """The JSON of a release; of one whose record cannot be read, why. Raises 404 when there is none."""
        at, told = self._damaged.get((plan, run_id), (0.0, {}))
        if told and monotonic() - at < DAMAGE_STANDS:
            return told
        try:
            return self._of(plan, run_id).content(_row(plan, run_id))
        except (DeployPlanError, ValueError) as error:
            self._forget(plan, run_id)
            told = damaged_as_json(plan, run_id, str(error) or type(error).__name__)
            self._remember_damage(plan, run_id, told)
            return told

    def open(self, plan: str, run_id: str) -> Opened:
        """A run and its plan. Raises 404 when there is none, 409 when its record cannot be read."""
        try:
            return self._of(plan, run_id).open()
        except (DeployPlanError, ValueError) as error:
            self._forget(plan, run_id)
            raise HTTPException(409, f"the record of run {run_id} of {plan} cannot be read: {error}") from None

    def _of(self, plan: str, run_id: str) -> _Kept:
        with self._lock:
            key = plan, run_id
            found = self._kept.get(key) or _Kept(self._records, plan, run_id)
            self._kept[key] = found
            self._kept.move_to_end(key)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            return found

    def _remember_damage(self, plan: str, run_id: str, told: dict[str, Any]) -> None:
        with self._lock:
            while len(self._damaged) >= MOST_KEPT:
                self._damaged.pop(next(iter(self._damaged)))
            self._damaged[plan, run_id] = monotonic(), told

    def _forget(self, plan: str, run_id: str) -> None:
        """A run that cannot be read, or is not there, takes nobody's place."""
        with self._lock:
            self._kept.pop((plan, run_id), None)


def _row(plan: str, run_id: str) -> TonightRow | None:
    """The row of tonight of this run, if it has one. A release is shown also while tonight cannot be read."""
    try:
        return next((row for row in tonight_now().rows if (row.plan, row.run) == (plan, run_id)), None)
    except OSError:
        return None


def releases() -> ReleaseKeeper:
    """The one of this process and installation."""
    return _keeper(settings())


@lru_cache(maxsize=1)
def _keeper(known: Settings) -> ReleaseKeeper:
    return ReleaseKeeper(known)
