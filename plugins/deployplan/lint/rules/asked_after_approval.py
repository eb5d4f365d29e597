"""What a plan asks production runs after the last approval; what approvers must know, operations ask under `requires`.

Earlier versions asked `current` and `baseline: true` in preflight, before anybody had approved. Now `review.baseline`
asks them after the last yes, as nothing that a plan wrote runs before. An environment that states `requires` has said
what is looked at before people are asked, and nothing is told.

PASS
    components:
      web: {current: cat VERSION}
    # include/infrastructure/production.yaml
    requires: [{program: tar}]

FAIL
    components:
      web: {current: cat VERSION}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.text.located import Step
from deployplan.plan.text.problem import Problem

ID: Final = "asked-after-approval"
SEVERITY: Final = "warning"


def check(draft: Draft) -> Iterator[Problem]:
    if draft.environment is None or draft.environment.model.requires:
        return
    where = draft.environment.tree.at.path
    for path in _asked(draft):
        message = f"`{path[-1]}` is asked after the last approval, not before: who approves does not know the answer"
        hint = f"what must be known before people are asked, have operations write under `requires` of {where}"
        yield Problem.at(draft.tree.key_place(*path), ID, message, hint, SEVERITY)


def _asked(draft: Draft) -> Iterator[tuple[Step, ...]]:
    for name, component in draft.plan.components.items():
        if component.current is not None:
            yield "components", name, "current"
    for criterion in draft.plan.machine_criteria():
        if criterion.baseline:
            yield "success", criterion.name, "baseline"
