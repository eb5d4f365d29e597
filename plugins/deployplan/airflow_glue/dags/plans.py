"""Which plans there are: those in the folder, and those that a run under way has frozen."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from deployplan.airflow_glue.dags.dag_spec import Outline, outline_of
from deployplan.airflow_glue.dags.plan_cache import PlanCache, open_cache
from deployplan.airflow_glue.plan_source import PlanSource
from deployplan.airflow_glue.settings import NotConfigured, settings
from deployplan.clock import SystemClock
from deployplan.plan.load.fingerprints import Looks
from deployplan.plan.text.problem import PlanRejected, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from deployplan.plan.load.loading import LoadResult
    from deployplan.plan.snapshot import Snapshot

FROZEN = "frozen-plan"


@dataclass(frozen=True)
class Catalogue:
    """The outline of every plan that has a DAG, by name, and what is wrong with the others."""

    outlines: dict[str, Outline]
    problems: tuple[Problem, ...]


def catalogue() -> Catalogue:
    """Return all plans; those whose files are as they were are taken from the cache.

    A plan with a run under way is the one that the run froze, whatever became of its file.
    """
    cache = _cache()
    outlines, problems = _in_the_folder(cache)
    for name, (run_id, digest) in settings().record_store().active_plans().items():
        try:
            frozen = _frozen(name, digest, cache)
            # Who sees and starts it is not what a run froze: operations may take that away at any time.
            outlines[name] = replace(frozen, access=_access_now(frozen.environment, outlines.get(name)))
        except ValueError as error:
            # It is built from its file, whose tasks then refuse; it must not take the other plans' DAGs away.
            cure = f"restore it in the record store, or end the run's record with `deployplan close {name}`"
            why = f"run {run_id} froze a plan that cannot be read: {error}; {cure}"
            problems.append(Problem(str(settings().documents().plan_path(name)), 1, 1, FROZEN, why))
    return Catalogue(outlines, tuple(problems))


def plan_of_task(name: str) -> Snapshot | None:
    """Return the one plan whose task this process runs; its own files are read and no others'. None when it is gone.

    Raises SnapshotDamaged when its run froze another plan than the record store now holds.
    """
    from deployplan.runbook.run.frozen_plan import frozen_plan

    records = settings().record_store()
    active = records.active(name)
    if active is not None:
        return frozen_plan(records, name, active[1])
    return plan_in_the_folder(name)


def plan_in_the_folder(name: str) -> Snapshot | None:
    """Return the plan as its files say; None when they say nothing that can be used."""
    from deployplan.plan.load.loading import load

    documents = settings().documents()
    try:
        return load(documents.plan_path(name), documents)
    except PlanRejected:
        return None


def source_of(outline: Outline) -> PlanSource:
    """Return where the DAG's tasks get the whole plan from, should one be asked to work in this process."""

    def load() -> Snapshot:
        found = plan_of_task(outline.name)
        if found is None:
            raise LookupError(f"plan {outline.name} cannot be used any more")
        return found

    return PlanSource(outline.name, outline.digest, load)


def _access_now(environment: str, now: Outline | None) -> Mapping[str, str] | None:
    """What the environment's file grants now, also where the plan's own file says nothing that can be used.

    None, which leaves the grants as they are, where it cannot be read: an old grant is never given anew.
    """
    if now is not None and now.environment == environment:
        return now.access
    from deployplan.plan.load.loading import load_infrastructure

    try:
        return load_infrastructure(environment, settings().documents()).access
    except PlanRejected:
        return None


def _in_the_folder(cache: PlanCache | None) -> tuple[dict[str, Outline], list[Problem]]:
    paths = tuple(settings().documents().plan_paths())
    known: dict[Path, Outline] = {}
    if cache is not None:
        looks = Looks(settings().include)
        twice = len({path.stem for path in paths}) < len(paths)  # x.yaml and x.yml: loading says so
        found = {} if twice else {path: cache.get(path.stem, looks) for path in paths}
        now = SystemClock().now()
        known = {path: each for path, each in found.items() if each is not None and not each.offer.is_used_up(now)}
    if len(known) == len(paths):
        return {outline.name: outline for outline in known.values()}, []
    outlines = {outline.name: outline for outline in known.values()}
    result = _loaded(known)
    if not result.stated.isdisjoint(outlines):  # another file claims the name of a known plan: then both are out
        outlines, result = {}, _loaded({})
    by_name = {path.stem: path for path in paths}
    for name, snapshot in result.snapshots.items():
        outlines[name] = outline_of(snapshot, SystemClock().now())
        if cache is not None:
            cache.put(name, outlines[name], result.reads[by_name[name]])
    if cache is not None:
        cache.keep_only(by_name.keys() | {f"{name}@run" for name in by_name})
    return {path.stem: outlines[path.stem] for path in paths if path.stem in outlines}, list(result.problems)


def _loaded(known: dict[Path, Outline]) -> LoadResult:
    from deployplan.plan.load.loading import load_all  # the plan's models: not while every plan is known

    return load_all(settings().documents(), but=known.keys())


def _frozen(name: str, digest: str, cache: PlanCache | None) -> Outline:
    """The outline of what a run froze. Raises ValueError when its record cannot be read."""
    from deployplan.evidence.error import RecordError

    try:
        text = settings().record_store().snapshot(name, digest)
    except RecordError as error:
        raise ValueError(str(error)) from error
    reads = {f"text:{digest}": hashlib.sha256(text.encode()).hexdigest()}
    known = None if cache is None else cache.get(f"{name}@run", _Text(reads))
    now = SystemClock().now()
    if known is not None and not known.offer.is_used_up(now):
        return known
    from deployplan.runbook.run.frozen_plan import snapshot_of

    outline = outline_of(snapshot_of(text, name, digest), now)
    if cache is not None:
        cache.put(f"{name}@run", outline, reads)
    return outline


class _Text(Looks):
    """Looks at a text that was read already."""

    def __init__(self, reads: dict[str, str]) -> None:
        super().__init__()
        self._found.update(reads)


def _cache() -> PlanCache | None:
    folder = settings().cache
    if folder is None:
        return None
    try:
        return open_cache(folder, settings().include, settings().signing_key())
    except NotConfigured:
        return None
