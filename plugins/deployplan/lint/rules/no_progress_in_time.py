"""`no_progress` is shorter than the timeout; else it never has its say.

PASS
    components:
      web: {timeout: 10m, no_progress: 3m}

FAIL
    components:
      web: {timeout: 10m, no_progress: 10m}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.text.problem import Problem
from deployplan.plan.text.scalars import spell_duration

ID: Final = "no-progress-in-time"
SEVERITY: Final = "warning"


def check(draft: Draft) -> Iterator[Problem]:
    for name, component in draft.plan.components.items():
        if component.no_progress is not None and component.no_progress >= component.timeout:
            message = f"no_progress {spell_duration(component.no_progress)} is not shorter than the timeout"
            place = draft.tree.place("components", name, "no_progress")
            yield Problem.at(place, ID, f"{message} {spell_duration(component.timeout)}", None, SEVERITY)
