"""A window closes after it opens, and a freeze ends after it begins.

PASS
    schedule:
      window: {opens: 2026-11-28 22:00, closes: 2026-11-29 02:00}

FAIL
    schedule:
      window: {opens: 2026-11-28 22:00, closes: 2026-11-28 02:00}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft, Environment
from deployplan.plan.model.freezes import FreezePeriod, OneOffFreeze
from deployplan.plan.model.schedule import OneOffWindow, Window, is_instant
from deployplan.plan.text.problem import Position, Problem
from deployplan.window.error import WindowError

ID: Final = "window-order"
SEVERITY: Final = "error"


def check(draft: Draft) -> Iterator[Problem]:
    for path, window in draft.plan.schedule.places():
        yield from _ordered(window, draft.tree.place("schedule", *path, "closes"))


def check_environment(environment: Environment) -> Iterator[Problem]:
    for number, window in enumerate(environment.model.windows):
        yield from _ordered(window, environment.tree.place("windows", number, "closes"))
    for number, freeze in enumerate(environment.model.freezes):
        yield from _ordered(freeze, environment.tree.place("freezes", number, "to"))


def _ordered(written: Window | FreezePeriod, place: Position) -> Iterator[Problem]:
    # Without a zone it cannot be told when it is; that is reported by naive-time.
    if written.timezone is None and not all(map(is_instant, written.moments().values())):
        return
    try:
        if isinstance(written, OneOffWindow):
            written.release_window()
        elif isinstance(written, OneOffFreeze):
            written.freeze()
    except WindowError as error:
        yield Problem.at(place, ID, str(error))
