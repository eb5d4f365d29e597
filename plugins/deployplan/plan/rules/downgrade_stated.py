"""A release that is older than the one that it replaces says that this is meant.

PASS
    scope: {release: {product: shop, version: "1.9", previous: "1.10", downgrade: true}}

FAIL
    scope: {release: {product: shop, version: "1.9", previous: "1.10"}}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.model.version_order import is_older
from deployplan.plan.text.problem import Problem

ID: Final = "downgrade-stated"
SEVERITY: Final = "error"


def check(draft: Draft) -> Iterator[Problem]:
    release = draft.plan.scope.release
    if release.previous is None or release.downgrade or not is_older(release.version, release.previous):
        return
    message = f"version {release.version!r} is older than {release.previous!r}, which it replaces"
    place = draft.tree.place("scope", "release", "version")
    yield Problem.at(place, ID, message, "state downgrade: true if it is meant")
