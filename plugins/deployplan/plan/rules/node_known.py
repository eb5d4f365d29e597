"""Components and criteria name nodes and groups that the environment has.

PASS
    components:
      web: {nodes: ["group:web", db-1]}

FAIL
    components:
      web: {nodes: [web-9]}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft, Environment
from deployplan.plan.model.infrastructure import GROUP
from deployplan.plan.text.keys import did_you_mean
from deployplan.plan.text.problem import Problem
from deployplan.printable import some_of

ID: Final = "node-known"
SEVERITY: Final = "error"
_KINDS: dict[str | int, str] = {"components": "component", "success": "criterion"}


def check(draft: Draft) -> Iterator[Problem]:
    if draft.environment is None:
        return
    for written, path in draft.places_of_nodes():
        names = _names(draft.environment, written)
        if written not in names:
            kind = "group" if written.startswith(GROUP) else "node"
            listed = some_of(names) or f"no {kind}s"
            message = f"{_KINDS[path[0]]} {path[1]!r} names {kind} {written!r}; there are {listed}"
            yield Problem.at(draft.tree.place(*path), ID, message, _hint(draft.environment, written, names))


def _names(environment: Environment, written: str) -> tuple[str, ...]:
    if written.startswith(GROUP):
        return tuple(GROUP + name for name in environment.model.groups)
    return tuple(environment.model.nodes)


def _hint(environment: Environment, written: str, names: tuple[str, ...]) -> str | None:
    if written in environment.model.groups:
        return f"{written!r} is a group; write {GROUP}{written}"
    return did_you_mean(written, names)
