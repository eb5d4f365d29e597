"""Who decides when a wave has failed is said by its component: `on_failure`, not `backout.when.deploy`.

PASS
    components:
      web: {nodes: [web-1], deploy: "true", undo: "true", on_failure: ask}

FAIL
    backout: {when: {deploy: ask}}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.text.problem import Problem

ID: Final = "failure-decided"
SEVERITY: Final = "warning"


def check(draft: Draft) -> Iterator[Problem]:
    decision = draft.plan.backout.when.get("deploy")
    if decision is not None:
        message = "backout.when.deploy speaks of all components at once; each says who decides when it has failed"
        hint = f"remove it, and write on_failure: {decision} at the components"
        yield Problem.at(draft.tree.key_place("backout", "when", "deploy"), ID, message, hint, SEVERITY)
