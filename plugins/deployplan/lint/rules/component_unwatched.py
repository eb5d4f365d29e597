"""Every component has a criterion that a program can read on its nodes.

Without one, its waves are judged by the exit code of their scripts alone, and a canary proves nothing.

PASS
    success:
      health: {http: "http://{node}/health"}

FAIL
    success:
      health: {http: "http://shop.example/health"}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.text.problem import Problem

ID: Final = "component-unwatched"
SEVERITY: Final = "warning"


def check(draft: Draft) -> Iterator[Problem]:
    read = {node.name for c in draft.plan.deciding_criteria() if not c.neighbour for node in draft.nodes_read_by(c)}
    for name in draft.plan.components:
        if read.isdisjoint(node.name for node in draft.nodes_of(name)):
            message = f"no criterion is read on the nodes of component {name!r}"
            hint = "add a criterion with {node} in its URL, or a command `on` its nodes"
            yield Problem.at(draft.tree.key_place("components", name), ID, message, hint, SEVERITY)
