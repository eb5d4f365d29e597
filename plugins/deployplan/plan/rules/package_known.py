"""A component installs a package that the plan names.

PASS
    package:
      web: {file: shop-2.tar, sha256: f26980f79b903a9f67ca475a36a62613c5ecab8bbbb775de28cddd8a6f854288}
    components:
      web: {package: web, deploy: ./install.sh, undo: ./install.sh --back}

FAIL
    components:
      web: {package: wep}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.text.keys import did_you_mean
from deployplan.plan.text.problem import Problem

ID: Final = "package-known"
SEVERITY: Final = "error"


def check(draft: Draft) -> Iterator[Problem]:
    known = tuple(draft.plan.package)
    for name, component in draft.plan.components.items():
        if component.package is not None and component.package not in known:
            listed = f"packages are {', '.join(known)}" if known else "the plan has no packages"
            message = f"component {name!r} installs package {component.package!r}; {listed}"
            place = draft.tree.place("components", name, "package")
            yield Problem.at(place, ID, message, did_you_mean(component.package, known))
