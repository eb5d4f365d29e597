"""A group that a plan uses has at least one node.

PASS
    components:
      web: {nodes: ["group:web"]}

FAIL
    components:
      web: {nodes: ["group:empty"]}
    # include/infrastructure/production.yaml
    groups: {empty: []}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.model.infrastructure import GROUP
from deployplan.plan.text.problem import Problem

ID: Final = "group-empty"
SEVERITY: Final = "error"


def check(draft: Draft) -> Iterator[Problem]:
    if draft.environment is None:
        return
    for written, path in draft.places_of_nodes():
        group = written.removeprefix(GROUP)
        if written.startswith(GROUP) and draft.environment.model.groups.get(group) == ():
            declared = draft.environment.tree.key_place("groups", group)
            message = f"group {group!r} has no nodes; it is declared at {declared}"
            yield Problem.at(draft.tree.place(*path), ID, message)
