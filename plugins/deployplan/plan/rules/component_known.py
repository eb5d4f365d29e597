"""A component comes after components of the same plan.

PASS
    components:
      database: {nodes: [db-1], deploy: ./up.sh, undo: ./down.sh}
      web: {after: [database]}

FAIL
    components:
      web: {after: [datebase]}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.text.keys import did_you_mean
from deployplan.plan.text.problem import Problem

ID: Final = "component-known"
SEVERITY: Final = "error"


def check(draft: Draft) -> Iterator[Problem]:
    names = tuple(draft.plan.components)
    for name, component in draft.plan.components.items():
        for number, other in enumerate(component.after):
            if other not in names:
                message = f"component {name!r} comes after {other!r}; components are {', '.join(names)}"
                place = draft.tree.place("components", name, "after", number)
                yield Problem.at(place, ID, message, did_you_mean(other, names))
