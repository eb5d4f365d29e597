"""A command is read on nodes, so its criterion says which.

PASS
    success:
      locks: {command: ./locks.sh, "on": db-1}

FAIL
    success:
      locks: {command: ./locks.sh}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.model.criterion_shapes import CommandCriterion
from deployplan.plan.text.problem import Problem

ID: Final = "criterion-place"
SEVERITY: Final = "error"


def check(draft: Draft) -> Iterator[Problem]:
    for name, criterion in draft.plan.success.items():
        stated = draft.tree.get("success", name, "on")
        if isinstance(criterion, CommandCriterion) and stated is None:
            place = draft.tree.key_place("success", name)
            yield Problem.at(place, ID, f"criterion {name!r} runs a command and does not say where", 'add "on": NODE')
