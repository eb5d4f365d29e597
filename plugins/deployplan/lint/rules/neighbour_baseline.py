"""A neighbour is also read before the release; else nobody can tell who disturbed it.

PASS
    success:
      billing: {http: "http://bill-1/health", neighbour: true}

FAIL
    success:
      billing: {http: "http://bill-1/health", neighbour: true, baseline: false}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.text.problem import Problem

ID: Final = "neighbour-baseline"
SEVERITY: Final = "warning"


def check(draft: Draft) -> Iterator[Problem]:
    for criterion in draft.plan.machine_criteria():
        name = criterion.name
        if criterion.neighbour and criterion.baseline is False:
            message = f"neighbour {name!r} is not read before the release"
            place = draft.tree.place("success", name, "baseline")
            yield Problem.at(place, ID, message, "leave baseline out", SEVERITY)
