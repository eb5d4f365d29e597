"""A plan is called as its file.

The name is also that of its DAG and of its record, so it must be found where it is looked for.

PASS
    plan: shop-2

FAIL
    plan: shop-3
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.text.problem import Problem

ID: Final = "plan-name"
SEVERITY: Final = "error"


def check(draft: Draft) -> Iterator[Problem]:
    stem = Path(draft.path).stem
    if draft.plan.name != stem and draft.tree.get("plan"):
        message = f"the plan is called {draft.plan.name!r} and its file {stem!r}; the two are the same"
        yield Problem.at(draft.tree.place("plan"), ID, message, f"write plan: {stem}, or rename the file")
