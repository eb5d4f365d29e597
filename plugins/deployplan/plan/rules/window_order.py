"""A window closes after it opens, and a freeze ends after it begins.

PASS
    schedule:
      window: {opens: 2026-11-28 22:00, closes: 2026-11-29 02:00}

FAIL
    schedule:
      window: {opens: 2026-11-28 22:00, closes: 2026-11-28 02:00}
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from deployplan.plan.draft import Draft, Environment
from deployplan.plan.problem import Position, Problem
from deployplan.plan.timing import FreezePeriod, Window, is_instant
from deployplan.window.error import WindowError

ID: Final = "window-order"
SEVERITY: Final = "error"


def check(draft: Draft) -> Iterator[Problem]:
    for path, window in draft.plan.schedule.places():
        yield from _window(window, draft.tree.place("schedule", *path, "closes"))


def check_environment(environment: Environment) -> Iterator[Problem]:
    for number, window in enumerate(environment.model.windows):
        yield from _window(window, environment.tree.place("windows", number, "closes"))
    for number, freeze in enumerate(environment.model.freezes):
        yield from _freeze(freeze, environment.tree.place("freezes", number, "to"))


def _window(window: Window, place: Position) -> Iterator[Problem]:
    if _is_complete(window.timezone, window.opens, window.closes):
        try:
            window.release_window()
        except WindowError as error:
            yield Problem.at(place, ID, str(error))


def _freeze(freeze: FreezePeriod, place: Position) -> Iterator[Problem]:
    if _is_complete(freeze.timezone, freeze.starts, *([freeze.ends] if freeze.ends else [])):
        try:
            freeze.freeze()
        except WindowError as error:
            yield Problem.at(place, ID, str(error))


def _is_complete(zone: str | None, *moments: datetime) -> bool:
    """Whether it can be told when it is; what cannot is reported by naive-time."""
    return zone is not None or all(map(is_instant, moments))
