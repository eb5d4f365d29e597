"""At least one criterion that decides can be read by a program, unless the controls ask for none.

PASS
    success:
      health: {http: "http://{node}/health"}

FAIL
    success:
      health: {http: null, manual: Look whether the shop answers}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.model.criterion import MachineCriterion, shapes
from deployplan.plan.text.problem import Problem

ID: Final = "machine-criterion"
SEVERITY: Final = "error"


def check(draft: Draft) -> Iterator[Problem]:
    if draft.controls.components.machine_criteria != "none" and not draft.plan.deciding_criteria():
        place = draft.tree.key_place("success") if draft.tree.get("success") else draft.tree.at
        *others, last = [shape.telling[0] for shape in shapes() if issubclass(shape, MachineCriterion)]
        listed = f"{', '.join(others)} or {last}"
        message = f"no criterion of success can be read by a program; one with {listed} is wanted"
        yield Problem.at(place, ID, message)
