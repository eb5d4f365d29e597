"""A criterion that must hold for a time is read more than once in it.

PASS
    success:
      health: {http: "http://{node}/health", for: 5m, every: 10s}

FAIL
    success:
      health: {http: "http://{node}/health", for: 5s, every: 10s}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.text.problem import Problem
from deployplan.plan.text.scalars import spell_duration

ID: Final = "soak-read-often"
SEVERITY: Final = "warning"


def check(draft: Draft) -> Iterator[Problem]:
    for criterion in draft.plan.machine_criteria():
        name = criterion.name
        if criterion.for_ and criterion.for_ < criterion.every:
            soak, pause = spell_duration(criterion.for_), spell_duration(criterion.every)
            message = f"criterion {name!r} must hold for {soak} and is read every {pause}"
            yield Problem.at(draft.tree.place("success", name, "for"), ID, message, None, SEVERITY)
