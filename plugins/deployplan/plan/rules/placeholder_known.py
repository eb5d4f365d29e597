"""A placeholder in a URL or address is {node}, {host}, {name} or a variable of every node it is read on.

PASS
    success:
      health: {http: "http://{node}:8080/health"}

FAIL
    success:
      health: {http: "http://{node}:{port}/health"}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.model.placeholders import placeholders
from deployplan.plan.text.keys import did_you_mean
from deployplan.plan.text.problem import Problem

ID: Final = "placeholder-known"
SEVERITY: Final = "error"


def check(draft: Draft) -> Iterator[Problem]:
    for criterion in draft.plan.machine_criteria():
        if not criterion.per_node:
            continue
        name, nodes = criterion.name, draft.nodes_read_by(criterion)
        for placeholder in placeholders(criterion.question):
            lacking = [node for node in nodes if placeholder not in node.placeholders()]
            if lacking:
                listed = ", ".join(node.name for node in lacking[:3])
                message = f"criterion {name!r} asks for {{{placeholder}}}, which {listed} has no value for"
                hint = (
                    did_you_mean(placeholder, lacking[0].placeholders()) or f"add it to the node's vars: {placeholder}"
                )
                yield Problem.at(draft.tree.place("success", name, criterion.kind), ID, message, hint)
