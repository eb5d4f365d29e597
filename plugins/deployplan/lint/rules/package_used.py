"""Every package of the plan is installed by a component.

PASS
    package:
      web: {file: shop-2.tar, sha256: f26980f79b903a9f67ca475a36a62613c5ecab8bbbb775de28cddd8a6f854288}
    components:
      web: {package: web, deploy: ./install.sh, undo: ./install.sh --back}

FAIL
    package:
      web: {file: shop-2.tar, sha256: f26980f79b903a9f67ca475a36a62613c5ecab8bbbb775de28cddd8a6f854288}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.text.problem import Problem

ID: Final = "package-used"
SEVERITY: Final = "warning"


def check(draft: Draft) -> Iterator[Problem]:
    used = {component.package for component in draft.plan.components.values()}
    for name in draft.plan.package:
        if name not in used:
            message = f"no component installs package {name!r}"
            yield Problem.at(draft.tree.key_place("package", name), ID, message, None, SEVERITY)
