"""Plan files to snapshots, or all their problems."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deployplan.plan.include import Include
from deployplan.plan.load.examine import Examined, examine
from deployplan.plan.load.library import Library
from deployplan.plan.model.infrastructure import Infrastructure
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.text.file_trace import Reads, trace_reads
from deployplan.plan.text.problem import PlanRejected, Position, Problem, in_order


@dataclass(frozen=True, slots=True)
class LoadResult:
    """The plans that can be used, by name, and what is wrong with the others.

    `reads` is what each plan's load has looked at, by the plan's file; `stated` are the names that the files state,
    also those that cannot be used.
    """

    snapshots: dict[str, Snapshot]
    problems: tuple[Problem, ...]
    reads: Mapping[Path, Reads] = field(default_factory=dict)
    stated: frozenset[str] = frozenset()


def load(path: Path, include: Include) -> Snapshot:
    """Return the plan with its environment; raises PlanRejected with all problems of the plan and the files it uses."""
    return accept(examine(path, Library(include)))


def load_all(include: Include, *, but: Collection[Path] = ()) -> LoadResult:
    """Return every plan of the include folder; a bad one hurts nobody else, and two of the same name both are out.

    `but` are files that need no loading: the caller knows what they hold, and compares their names with `stated`.
    """
    library = Library(include)
    problems: list[Problem] = []
    places: dict[str, list[Position]] = {}
    reads: dict[Path, Reads] = {}
    found: dict[Path, Snapshot] = {}
    for path in include.plan_paths():
        if path in but:
            continue
        with trace_reads() as reads[path]:
            examined = examine(path, library)
        problems += examined.problems
        if examined.draft is None:
            continue
        # Only the snapshot is kept: a thousand located trees would cost more to keep than to read.
        places.setdefault(examined.draft.plan.name, []).append(examined.draft.tree.place("plan"))
        snapshot = None if examined.problems else examined.draft.snapshot()
        if snapshot is not None:
            found[path] = snapshot
    twice = _same_names(places)
    refused = {problem.path for problem in twice}
    snapshots = {snapshot.plan.name: snapshot for path, snapshot in found.items() if str(path) not in refused}
    return LoadResult(snapshots, in_order([*problems, *twice]), reads, frozenset(places))


def load_infrastructure(environment: str, include: Include) -> Infrastructure:
    """Return an environment as its file says now; raises PlanRejected when the file is missing or wrong."""
    asked_at = Position(str(include.infrastructure))
    found, problems = Library(include).environment(environment, asked_at)
    if found is None or problems:
        raise PlanRejected(problems)
    return found.model


def accept(examined: Examined) -> Snapshot:
    """Return the snapshot of a plan without problems; raises PlanRejected for one with problems."""
    snapshot = examined.draft.snapshot() if examined.draft else None
    if examined.problems or snapshot is None:
        raise PlanRejected(examined.problems)
    return snapshot


def same_names(examined: Iterable[Examined]) -> list[Problem]:
    """Return a problem at every plan whose name another file has too."""
    places: dict[str, list[Position]] = {}
    for each in examined:
        if each.draft:
            places.setdefault(each.draft.plan.name, []).append(each.draft.tree.place("plan"))
    return _same_names(places)


def _same_names(places: Mapping[str, list[Position]]) -> list[Problem]:
    return [
        Problem.at(place, "plan-twice", f"plan {name!r} is also at {', '.join(str(o) for o in same if o != place)}")
        for name, same in places.items()
        for place in same
        if len(same) > 1
    ]
