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
from deployplan.plan.model.component import Component
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
        for path, command in _commands(component):
            if _ASSIGNED.search(command):
                message = f"{path[-1]} of component {name!r} seems to hold a secret, and plans are no place for one"
                yield Problem.at(draft.tree.place("components", name, *path), ID, message, HINT, SEVERITY)


def _commands(component: Component) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield every shell text of a component, with the keys that lead to it."""
    for key in ("deploy", "undo", "current"):
        if (command := getattr(component, key)) is not None:
            yield (key,), command
    if component.traffic is not None:
        for path, command in component.traffic.placed_commands():
            yield ("traffic", *path), command
