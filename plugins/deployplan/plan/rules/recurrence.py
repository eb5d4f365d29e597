"""A window or freeze that comes back has a rule (RFC 5545) that fires, and a length that can be.

PASS
    schedule:
      windows:
        - {rule: FREQ=MONTHLY;BYDAY=3SA, first: 2026-01-17 22:00, duration: 4h}
        - {name: after the fourth monday, rule: FREQ=MONTHLY;BYDAY=4MO, plus: 6d, first: 2026-01-01 22:00, until: 06:00}

FAIL
    schedule:
      window: {rule: FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30, first: 2026-01-17 22:00, duration: 4h}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft, Environment
from deployplan.plan.model.freezes import FreezePeriod, RecurringFreeze
from deployplan.plan.model.schedule import RecurringWindow, Window
from deployplan.plan.text.located import Located, Step
from deployplan.plan.text.problem import Problem
from deployplan.window.error import WindowError

ID: Final = "recurrence"
SEVERITY: Final = "error"


def check(draft: Draft) -> Iterator[Problem]:
    for path, window in draft.plan.schedule.places():
        yield from _recurring(draft.tree, ("schedule", *path), window)


def check_environment(environment: Environment) -> Iterator[Problem]:
    for number, window in enumerate(environment.model.windows):
        yield from _recurring(environment.tree, ("windows", number), window)
    for number, freeze in enumerate(environment.model.freezes):
        yield from _recurring(environment.tree, ("freezes", number), freeze)


def _recurring(tree: Located, path: tuple[Step, ...], written: Window | FreezePeriod) -> Iterator[Problem]:
    try:
        if isinstance(written, RecurringWindow):
            written.release_window()
        elif isinstance(written, RecurringFreeze):
            written.freeze()
    except WindowError as error:
        if str(error).startswith("duration is missing") and any(tree.get(*path, key) for key in ("duration", "until")):
            return  # it is there, and what is wrong with it is told elsewhere
        key = next((key for key in ("first", "duration", "until", "plus") if str(error).startswith(key)), "rule")
        yield Problem.at(tree.place(*path, key), ID, str(error))
