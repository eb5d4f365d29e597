"""A plan that can be backed out names the release it goes back to.

PASS
    scope: {release: {product: shop, version: "2", previous: "1"}}

FAIL
    scope: {release: {product: shop, version: "2", previous: null}}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.text.problem import Problem

ID: Final = "previous-stated"
SEVERITY: Final = "warning"


def check(draft: Draft) -> Iterator[Problem]:
    release = draft.plan.scope.release
    place = draft.tree.key_place("scope", "release")
    undone = any(component.undo for component in draft.plan.components.values())
    if release.previous is None and undone:
        message = "the plan does not name the release that a backout brings back"
        yield Problem.at(place, ID, message, "add scope.release.previous", SEVERITY)
    elif release.previous == release.version:
        message = f"the release replaces {release.previous} by itself"
        yield Problem.at(draft.tree.place("scope", "release", "previous"), ID, message, None, SEVERITY)
