"""A script `./x` or `sh x` of a component lies in the archive that the component installs.

Only archives that can be listed fast are looked into: zip, and tar up to 64 MiB that unpacks to at most 512 MiB,
each with at most 50,000 entries. Loading does not look into archives, so this mistake fails
`deployplan lint` and not the load.

PASS
    package:
      web: {file: shop-2.tar, sha256: f26980f79b903a9f67ca475a36a62613c5ecab8bbbb775de28cddd8a6f854288}
    components:
      web: {package: web, deploy: ./install.sh, undo: ./install.sh --back}

FAIL
    package:
      web: {file: shop-2.tar, sha256: f26980f79b903a9f67ca475a36a62613c5ecab8bbbb775de28cddd8a6f854288}
    components:
      web: {package: web, deploy: ./instal.sh, undo: ./install.sh --back}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.lint.archive import names_in
from deployplan.plan.draft import Draft
from deployplan.plan.interpreter import named_script
from deployplan.plan.model.component import Component
from deployplan.plan.text.keys import did_you_mean
from deployplan.plan.text.problem import Problem

ID: Final = "script-in-package"
SEVERITY: Final = "error"


def check(draft: Draft) -> Iterator[Problem]:
    for name, component in draft.plan.components.items():
        package = draft.plan.package.get(component.package or "")
        names = names_in(draft.include.packages / package.file, draft.include.root) if package else None
        if package is None or names is None:
            continue
        for key, script in _scripts(component):
            if script not in names:
                message = f"script './{script}' is not in {package.file}"
                hint = did_you_mean(script, sorted(names))
                yield Problem.at(draft.tree.place("components", name, key), ID, message, hint, SEVERITY)


def _scripts(component: Component) -> Iterator[tuple[str, str]]:
    for key in ("deploy", "undo"):
        script = named_script(getattr(component, key) or "")
        if script is not None:
            yield key, script
