"""A neighbour that breaks has its own line in `backout.when`, so that the decision is a stated one.

PASS
    success:
      billing: {http: "http://bill-1/health", neighbour: true}
    backout: {when: {billing: ask}}

FAIL
    success:
      billing: {http: "http://bill-1/health", neighbour: true}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.text.problem import Problem

ID: Final = "neighbour-backout"
SEVERITY: Final = "warning"


def check(draft: Draft) -> Iterator[Problem]:
    for criterion in draft.plan.machine_criteria():
        name = criterion.name
        if criterion.neighbour and name not in draft.plan.backout.when:
            default = draft.plan.backout.decision(name)
            message = f"backout.when does not say who decides when neighbour {name!r} is disturbed; it is {default!r}"
            hint = f"add {name}: automatic or {name}: ask to backout.when"
            yield Problem.at(draft.tree.key_place("success", name), ID, message, hint, SEVERITY)
