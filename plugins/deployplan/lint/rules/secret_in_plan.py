"""A plan holds references to secrets, never secrets.

PASS
    components:
      web: {secrets: {DB_PASSWORD: shop_database}}

FAIL
    components:
      web: {env: {DB_PASSWORD: hunter2}}
"""

import re
from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.text.problem import Problem

ID: Final = "secret-in-plan"
SEVERITY: Final = "warning"
_NAME = re.compile(r"passw(or)?d|secret|token|api_?key|private_?key|credential", re.IGNORECASE)
_ASSIGNED = re.compile(r"(passw(or)?d|secret|token|api[_-]?key)[= ]['\"]?[^\s$'\"]", re.IGNORECASE)
HINT = "put it into an Airflow connection and name that under secrets"


def check(draft: Draft) -> Iterator[Problem]:
    for name, component in draft.plan.components.items():
        for key in component.env:
            if _NAME.search(key):
                message = f"{key} of component {name!r} looks like a secret, and plans are no place for one"
                yield Problem.at(draft.tree.place("components", name, "env", key), ID, message, HINT, SEVERITY)
        for key in ("deploy", "undo", "current"):
            if _ASSIGNED.search(getattr(component, key) or ""):
                message = f"{key} of component {name!r} seems to hold a secret, and plans are no place for one"
                yield Problem.at(draft.tree.place("components", name, key), ID, message, HINT, SEVERITY)
