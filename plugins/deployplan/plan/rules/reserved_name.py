"""Some names are taken by the steps that every run has.

A component cannot be called arm, decide or verify: these are tasks beside the components' own. A criterion cannot be
called deploy: in `backout.when` that word stands for a script that failed.

PASS
    components:
      verifier: {nodes: [web-1], deploy: ./up.sh, undo: ./down.sh}

FAIL
    components:
      verify: {nodes: [web-1], deploy: ./up.sh, undo: ./down.sh}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.text.problem import Problem

ID: Final = "reserved-name"
SEVERITY: Final = "error"
COMPONENTS = ("arm", "decide", "verify")
CRITERIA = ("deploy",)


def check(draft: Draft) -> Iterator[Problem]:
    for section, names, taken in (
        ("components", draft.plan.components, COMPONENTS),
        ("success", draft.plan.success, CRITERIA),
    ):
        for name in names:
            if name in taken:
                message = f"{name!r} is taken by a step of every run; choose another name"
                yield Problem.at(draft.tree.key_place(section, name), ID, message)
