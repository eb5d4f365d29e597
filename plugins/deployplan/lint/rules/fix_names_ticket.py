"""A fix or an emergency names what it fixes: a change ticket, or `scope.fixes`.

PASS
    scope: {reason: fix, fixes: [BUG-7]}

FAIL
    scope: {reason: fix}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.text.problem import Problem

ID: Final = "fix-names-ticket"
SEVERITY: Final = "warning"


def check(draft: Draft) -> Iterator[Problem]:
    scope = draft.plan.scope
    if scope.reason != "feature" and not scope.fixes and draft.plan.change is None:
        message = f"the release is made for reason {scope.reason!r} and names no ticket"
        yield Problem.at(draft.tree.place("scope", "reason"), ID, message, "add scope.fixes or change", SEVERITY)
