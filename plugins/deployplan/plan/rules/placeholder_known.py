"""A placeholder in a URL, address or query is {node}, {host}, {name} or a variable of every node it is read on.

In the query of a metric {group} is one, too, on nodes that are in one group, or are named by it.

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
from deployplan.plan.text.keys import did_you_mean
from deployplan.plan.text.problem import Problem

ID: Final = "placeholder-known"
SEVERITY: Final = "error"


def check(draft: Draft) -> Iterator[Problem]:
    for criterion in draft.plan.machine_criteria():
        if not criterion.per_node:
            continue
        name, nodes = criterion.name, draft.nodes_read_by(criterion)
        known = {node.name: draft.values_on(node, criterion) for node in nodes}
        for placeholder in criterion.placeholders:
            lacking = {node: values for node, values in known.items() if placeholder not in values}
            if lacking:
                listed, first = ", ".join([*lacking][:3]), next(iter(lacking.values()))
                message = f"criterion {name!r} asks for {{{placeholder}}}, which {listed} has no value for"
                hint = did_you_mean(placeholder, first) or f"add it to the node's vars: {placeholder}"
                yield Problem.at(draft.tree.place("success", name, criterion.kind), ID, message, hint)
