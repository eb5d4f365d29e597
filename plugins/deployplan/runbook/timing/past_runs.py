"""How did the releases of a product go: which run ended how and when, and how long did its waves take?"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from deployplan.evidence.end import End
from deployplan.evidence.entry import plain
from deployplan.evidence.error import LedgerDamaged, RecordError
from deployplan.evidence.ledger import Ledger
from deployplan.evidence.record import Records
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.run.fold import fold_all
from deployplan.runbook.run.frozen_plan import frozen_plan
from deployplan.runbook.run.outcome_kinds import RELEASED
from deployplan.runbook.run.state import ReviewState, RunState

MOST_RUNS = 500
"""Runs of a product that are looked at, the latest; the store keeps them all."""


@dataclass(frozen=True, slots=True)
class WaveTime:
    """How long a wave that was done as a whole took, without its `bake`; `nodes` is how many it worked on."""

    component: str
    number: int
    of: int
    nodes: int
    seconds: float


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run that has an outcome, and the times of its waves when it released.

    `began` is when it took its nodes, or when its review began if it never did; `at` is when it got its outcome.
    """

    plan: str
    run_id: str
    digest: str
    outcome: str
    began: datetime
    at: datetime
    waves: tuple[WaveTime, ...] = ()

    @property
    def released(self) -> bool:
        """Whether the new release was in production at its end."""
        return self.outcome in RELEASED


def history_of(records: Records | None, environment: str, product: str) -> tuple[PastRun, ...]:
    """Return the runs of a product in an environment that have an outcome, the latest last; none without records.

    Costs one listing, and one small read for each end that this process has not read before.
    """
    if records is None:
        return ()
    earlier = _earlier(records, environment, product)
    if not earlier and not records.ends.are_built:
        _build(records)
    ends = records.ends.of_product(environment, product, MOST_RUNS)
    by_run = {(run.plan, run.run_id): run for run in (*earlier, *_runs(end.facts for end in ends))}
    return tuple(sorted(by_run.values(), key=lambda run: run.at)[-MOST_RUNS:])


def ended_since(records: Records, at: datetime) -> tuple[tuple[End, PastRun], ...]:
    """Return the runs of all products that have had an outcome since `at`, each once, the latest last."""
    found = [(end, run) for end in records.ends.since(at) for run in _runs([end.facts])]
    return tuple({(run.plan, run.run_id): (end, run) for end, run in found}.values())


def ended_latest(records: Records, most: int) -> tuple[tuple[tuple[End, PastRun], ...], int]:
    """Return the runs of the latest ends, each once, the latest last, and how many earlier ends there are."""
    ends, earlier = records.ends.latest(most)
    found = {(run.plan, run.run_id): (end, run) for end in ends for run in _runs([end.facts])}
    return tuple(sorted(found.values(), key=lambda each: each[0].at)), earlier


def released_plans(records: Records) -> frozenset[str]:
    """Return the names of the plans of which a run ended with the new release in production."""
    return frozenset(run.plan for run in _runs(end.facts for end in records.ends.all()) if run.released)


def releases_of(records: Records, plan: str) -> tuple[PastRun, ...]:
    """Return every end of the plan's runs at which the new release was in production, the latest last."""
    ends = [end.facts for each in records.runs(plan) for end in records.ends.of_run(plan, each.run_id)]
    return tuple(sorted((run for run in _runs(ends) if run.released), key=lambda run: run.at))


def remember(records: Records, snapshot: Snapshot, run_id: str, ledger: Ledger) -> None:
    """Keep the end of a run that has just got its outcome, or got another one by a rerun; the ledger's key signs it."""
    _keep(records, snapshot, run_id, ledger)
    if not records.ends.are_built:
        _build(records)


def _keep(records: Records, snapshot: Snapshot, run_id: str, ledger: Ledger) -> None:
    entries = ledger.entries()
    run = past_run(snapshot, run_id, fold_all(entries))
    if run is None:
        return
    plan, facts = snapshot.plan, plain(asdict(run))
    assert isinstance(facts, dict)
    where = {"environment": plan.environment, "product": plan.scope.release.product}
    end = End(run.plan, run_id, **where, at=run.at, head=entries[-1].hash, entries=len(entries), facts=facts)
    records.ends.put(end, ledger.mac)


def past_run(snapshot: Snapshot, run_id: str, state: RunState) -> PastRun | None:
    """Return what a run's evidence says of its end; None when it has no outcome."""
    if state.outcome is None:
        return None
    outcome, review = state.outcome.event.outcome, state.review
    times = tuple(_wave_times(snapshot, review)) if outcome in RELEASED else ()
    began = review.armed_first or review.began or state.outcome.at
    return PastRun(snapshot.plan.name, run_id, snapshot.digest, outcome, began, state.outcome.at, times)


def _wave_times(snapshot: Snapshot, review: ReviewState) -> Iterator[WaveTime]:
    """The waves that were done as a whole in one go: from the first look at a node to the end of the criteria."""
    for wave in snapshot.waves:
        found = review.runs.get((wave.component, wave.number))
        if found is not None:
            bake = snapshot.plan.components[wave.component].bake
            took = max(timedelta(), found.ended.at - found.began - bake).total_seconds()
            yield WaveTime(wave.component, wave.number, wave.of, len(wave.nodes), took)


def _earlier(records: Records, environment: str, product: str) -> tuple[PastRun, ...]:
    """The runs in the index that the first format kept; one that is not ours, or not there, is empty."""
    try:
        stored = json.loads(records.first_index(environment, product))
        return tuple(_runs(stored["runs"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ()


def _build(records: Records) -> None:
    """Keep the end of every run that has one by its ledger; a run whose record cannot be read is left out."""
    begun = records.runs()
    if not begun:  # asking leaves no trace where nothing ever ran
        return
    with contextlib.suppress(PermissionError):
        is_all = True
        for record in begun:
            with contextlib.suppress(LedgerDamaged, RecordError, ValueError, KeyError):
                ledger = record.ledger()
                if _needs_key(ledger):
                    is_all = False
                    continue
                frozen = fold_all(ledger.entries()).frozen
                if frozen is not None:
                    _keep(records, frozen_plan(records, record.plan, frozen.digest), record.run_id, ledger)
        if is_all:
            records.ends.built()


def _needs_key(ledger: Ledger) -> bool:
    """Whether an end of this run would count for nothing: its entries are signed, and there is no key here."""
    return ledger.mac(b"") is None and any(entry.mac is not None for entry in ledger.entries())


def _runs(stored: Iterable[object]) -> Iterator[PastRun]:
    """What cannot be understood is left out: the declared limits hold then, which are longer."""
    for each in stored:
        with contextlib.suppress(ValueError, KeyError, TypeError):
            yield _run(each)


def _run(stored: Any) -> PastRun:
    times = stored["waves"]
    if not isinstance(times, list):
        raise TypeError("waves is no list")
    known = {key: str(stored[key]) for key in ("plan", "run_id", "digest", "outcome")}
    began, at = (datetime.fromisoformat(str(stored[key])) for key in ("began", "at"))
    return PastRun(**known, began=began, at=at, waves=tuple(WaveTime(**each) for each in times))
