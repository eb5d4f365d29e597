"""Plan files to snapshots, or all their problems."""

from dataclasses import dataclass
from pathlib import Path

from deployplan.plan.examine import Examined, examine
from deployplan.plan.include import Include
from deployplan.plan.infrastructure import Infrastructure
from deployplan.plan.library import Library
from deployplan.plan.problem import PlanRejected, Position, Problem, in_order
from deployplan.plan.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class LoadResult:
    """The plans that can be used, by name, and what is wrong with the others."""

    snapshots: dict[str, Snapshot]
    problems: tuple[Problem, ...]


def load(path: Path, include: Include) -> Snapshot:
    """Return the plan with its environment; raises PlanRejected with all problems of the plan and the files it uses."""
    return accepted(examine(path, Library(include)))


def load_all(include: Include) -> LoadResult:
    """Return every plan of the include folder; a bad one hurts nobody else, and two of the same name both are out."""
    library = Library(include)
    examined = [examine(path, library) for path in include.plan_paths()]
    problems = [problem for each in examined for problem in each.problems]
    twice = tuple(same_names(examined))
    refused = {problem.path for problem in twice}
    snapshots: dict[str, Snapshot] = {}
    for each in examined:
        snapshot = each.draft.snapshot() if each.draft and not each.problems and each.path not in refused else None
        if snapshot:
            snapshots[snapshot.plan.name] = snapshot
    return LoadResult(snapshots, in_order([*problems, *twice]))


def load_infrastructure(environment: str, include: Include) -> Infrastructure:
    """Return an environment as its file says now; raises PlanRejected when the file is missing or wrong."""
    asked_at = Position(str(include.infrastructure))
    found, problems = Library(include).environment(environment, asked_at)
    if found is None or problems:
        raise PlanRejected(problems)
    return found.model


def accepted(examined: Examined) -> Snapshot:
    """Return the snapshot of a plan without problems; raises PlanRejected for one with problems."""
    snapshot = examined.draft.snapshot() if examined.draft else None
    if examined.problems or snapshot is None:
        raise PlanRejected(examined.problems)
    return snapshot


def same_names(examined: list[Examined]) -> list[Problem]:
    """Return a problem at every plan whose name another file has too."""
    places: dict[str, list[Position]] = {}
    for each in examined:
        if each.draft:
            places.setdefault(each.draft.plan.name, []).append(each.draft.tree.place("plan"))
    return [
        Problem.at(place, "plan-twice", f"plan {name!r} is also at {', '.join(str(o) for o in same if o != place)}")
        for name, same in places.items()
        for place in same
        if len(same) > 1
    ]
