"""A criterion that expects a version expects the new one, as text.

PASS
    scope: {release: {product: shop, version: "2.0", previous: "1.0"}}
    success:
      health: {http: "http://{node}/health", expect: {json: {version: "2.0"}}}

FAIL
    scope: {release: {product: shop, version: "2.0", previous: "1.0"}}
    success:
      health: {http: "http://{node}/health", expect: {json: {version: "1.0"}}}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.model.criterion_shapes import CommandCriterion, HttpCriterion
from deployplan.plan.text.problem import Problem

ID: Final = "version-expected"
SEVERITY: Final = "warning"


def check(draft: Draft) -> Iterator[Problem]:
    release = draft.plan.scope.release
    for name, criterion in draft.plan.success.items():
        stated = criterion.expect.json_ or {} if isinstance(criterion, HttpCriterion) else {}
        for key, value in stated.items():
            place = draft.tree.place("success", name, "expect", "json", key)
            if value == release.previous and value != release.version:
                message = f"criterion {name!r} expects {key} {value!r}, the release that is to be replaced"
                yield Problem.at(place, ID, message, f"write {release.version}", SEVERITY)
            elif type(value) in (int, float) and str(value) in (release.version, release.previous):
                message = f"criterion {name!r} expects the number {value}, and versions are texts"
                yield Problem.at(place, ID, message, f'write "{value}"', SEVERITY)
            elif _same_number(value, release.version):
                message = (
                    f"criterion {name!r} expects {key} {value!r}; the release is {release.version!r}, another text"
                )
                yield Problem.at(place, ID, message, f'write "{release.version}"', SEVERITY)
        if isinstance(criterion, CommandCriterion) and _same_number(criterion.expect.stdout, release.version):
            message = f"criterion {name!r} expects {criterion.expect.stdout!r}; the release is {release.version!r}"
            place = draft.tree.place("success", name, "expect", "stdout")
            yield Problem.at(place, ID, f"{message}, another text", f'write "{release.version}"', SEVERITY)


def _same_number(value: object, version: str) -> bool:
    """Whether both are one number, written differently: 2.3 and 2.30 are two releases."""
    try:
        return isinstance(value, str | int | float) and str(value) != version and float(value) == float(version)
    except ValueError:
        return False
