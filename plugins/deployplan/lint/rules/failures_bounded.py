"""A component does not tolerate the failure of all its nodes.

PASS
    components:
      web: {nodes: ["group:web"], max_failures: 1}

FAIL
    components:
      web: {nodes: ["group:web"], max_failures: 2}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.text.problem import Problem

ID: Final = "failures-bounded"
SEVERITY: Final = "warning"


def check(draft: Draft) -> Iterator[Problem]:
    for name, component in draft.plan.components.items():
        count = len(draft.nodes_of(name))
        if count and component.max_failures >= count:
            message = f"component {name!r} tolerates {component.max_failures} failed nodes and has {count}"
            yield Problem.at(draft.tree.place("components", name, "max_failures"), ID, message, None, SEVERITY)
