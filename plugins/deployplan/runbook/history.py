"""How did the releases of a product go: which run ended how and when, and how long did its waves take?"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from deployplan.evidence import folder as files
from deployplan.evidence.entry import Entry, canonical, plain
from deployplan.evidence.error import LedgerDamaged, RecordError
from deployplan.evidence.folder import Folder, one_writer
from deployplan.evidence.naming import quoted
from deployplan.evidence.record import Records, RunRecord
from deployplan.plan.order import waves
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.facts import by_node, text, wave_of
from deployplan.runbook.frozen import frozen_plan
from deployplan.runbook.run import last, since

MOST_RUNS = 500
"""Runs that the index of a product keeps, the latest; the ledgers keep them all."""
BUILT = "built"
"""There once the index was built; from then on each outcome adds its run."""
RELEASED = ("success", "success_with_issues")


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

    Costs one small read: the runs are kept in an index, which is built from the ledgers when there is none.
    """
    if records is None:
        return ()
    if _is_missing(_root(records)):
        return tuple(_build(records).get((environment, product), ()))
    return _read(*_place(records, environment, product))


def remember(records: Records, snapshot: Snapshot, run_id: str, entries: Iterable[Entry]) -> None:
    """Add a run that has just got its outcome, or got another one by a rerun, to the index."""
    run = past_run(snapshot, run_id, tuple(entries))
    if run is None:
        return
    if _is_missing(_root(records)):
        _build(records)
    folder, name = _place(records, snapshot.plan.environment, snapshot.plan.scope.release.product)
    with one_writer(_root(records)):
        _write(folder, name, [*_read(folder, name), run])


def past_run(snapshot: Snapshot, run_id: str, entries: tuple[Entry, ...]) -> PastRun | None:
    """Return what a run's evidence says of its end; None when it has no outcome."""
    ended = last(entries, "outcome")
    if ended is None:
        return None
    outcome = text(ended, "outcome")
    times = tuple(_wave_times(snapshot, entries)) if outcome in RELEASED else ()
    this_review = since(entries, "plan_frozen")
    began = next((entry for entry in this_review if entry.kind == "armed"), this_review[0])
    return PastRun(snapshot.plan.name, run_id, snapshot.digest, outcome, began.at, ended.at, times)


def _wave_times(snapshot: Snapshot, entries: tuple[Entry, ...]) -> Iterator[WaveTime]:
    """The waves that were done as a whole in one go: from the first look at a node to the end of the criteria."""
    sizes = {(wave.component, wave.number): wave for wave in waves(snapshot)}
    began: dict[tuple[str, int, object], datetime] = {}
    found: dict[tuple[str, int], WaveTime] = {}
    for entry in since(entries, "plan_frozen"):
        if entry.kind == "wave_started":
            began.setdefault((*wave_of(entry), entry.facts.get("generation")), entry.at)
        elif entry.kind == "wave_ended" and entry.facts["ok"] and (wave := sizes.get(wave_of(entry))):
            start = began.get((*wave_of(entry), entry.facts.get("generation")))
            results = by_node(entry).values()
            if start and all(each["state"] == "done" and not each["already"] for each in results):
                bake = snapshot.plan.components[wave.component].bake
                took = max(timedelta(), entry.at - start - bake).total_seconds()
                found[wave_of(entry)] = WaveTime(wave.component, wave.number, wave.of, len(wave.nodes), took)
    yield from found.values()


def _root(records: Records) -> Folder:
    return records.root / "history"


def _place(records: Records, environment: str, product: str) -> tuple[Folder, str]:
    return _root(records) / quoted(environment), f"{quoted(product)}.json"


def _is_missing(root: Folder) -> bool:
    return BUILT not in files.names(root)


def _build(records: Records) -> dict[tuple[str, str], list[PastRun]]:
    """Write the index of every product from the ledgers; a run whose record cannot be read is left out.

    Returns the runs by environment and product, also when this process may not write.
    """
    found: dict[tuple[str, str], list[PastRun]] = {}
    begun = records.runs()
    for record in begun:
        for snapshot, run in _from_ledger(records, record):
            key = (snapshot.plan.environment, snapshot.plan.scope.release.product)
            found.setdefault(key, []).append(run)
    if not begun:  # asking leaves no trace where nothing ever ran
        return {}
    with contextlib.suppress(PermissionError), one_writer(_root(records)):
        for (environment, product), runs in found.items():
            folder, name = _place(records, environment, product)
            _write(folder, name, [*_read(folder, name), *runs])
        files.replace(_root(records), BUILT, b"from the ledgers\n")
    return {key: sorted(runs, key=lambda run: run.at) for key, runs in found.items()}


def _from_ledger(records: Records, record: RunRecord) -> Iterator[tuple[Snapshot, PastRun]]:
    try:
        entries = record.ledger().entries()
        frozen = last(entries, "plan_frozen")
        if frozen is None:
            return
        snapshot = frozen_plan(records, record.plan, text(frozen, "digest"))
        run = past_run(snapshot, record.run_id, entries)
    except (LedgerDamaged, RecordError, ValueError, KeyError):
        return
    if run is not None:
        yield snapshot, run


def _read(folder: Folder, name: str) -> tuple[PastRun, ...]:
    """An index that is not ours, or not there, is empty: the declared limits hold then, which are longer."""
    try:
        stored = json.loads(files.read(folder, name))
        return tuple(_run(each) for each in stored["runs"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ()


def _run(stored: dict[str, object]) -> PastRun:
    times = stored["waves"]
    if not isinstance(times, list):
        raise TypeError("waves is no list")
    known = {key: str(stored[key]) for key in ("plan", "run_id", "digest", "outcome")}
    began, at = (datetime.fromisoformat(str(stored[key])) for key in ("began", "at"))
    return PastRun(**known, began=began, at=at, waves=tuple(WaveTime(**each) for each in times))


def _write(folder: Folder, name: str, runs: Iterable[PastRun]) -> None:
    """Keep the latest outcome of each run, and the latest runs."""
    by_run = {(run.plan, run.run_id): run for run in sorted(runs, key=lambda run: run.at)}
    kept = sorted(by_run.values(), key=lambda run: run.at)[-MOST_RUNS:]
    files.replace(folder, name, canonical({"runs": [plain(asdict(run)) for run in kept]}) + b"\n")
