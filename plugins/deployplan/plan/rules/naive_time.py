"""A wall time has a time zone: its own `timezone`, or the environment's.

PASS
    schedule:
      window: {opens: 2026-11-28 22:00, closes: 2026-11-29 02:00, timezone: Europe/Paris}

FAIL
    schedule:
      window: {opens: 2026-11-28 22:00, closes: 2026-11-29 02:00}
    # include/infrastructure/production.yaml
    timezone: null
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft, Environment
from deployplan.plan.model.freezes import FreezePeriod
from deployplan.plan.model.schedule import Window, is_instant
from deployplan.plan.text.located import Located, Step
from deployplan.plan.text.problem import Problem

ID: Final = "naive-time"
SEVERITY: Final = "error"
_HINT: Final = "add timezone: Europe/Paris here or in the environment, or write an offset"


def check(draft: Draft) -> Iterator[Problem]:
    for path, window in draft.plan.schedule.places():
        yield from _naive(draft.tree, ("schedule", *path), window)


def check_environment(environment: Environment) -> Iterator[Problem]:
    for number, window in enumerate(environment.model.windows):
        yield from _naive(environment.tree, ("windows", number), window)
    for number, freeze in enumerate(environment.model.freezes):
        yield from _naive(environment.tree, ("freezes", number), freeze)


def _naive(tree: Located, path: tuple[Step, ...], written: Window | FreezePeriod) -> Iterator[Problem]:
    # A zone that is there and is none is told by itself.
    stated = tree.get(*path, "timezone")
    if written.timezone is not None or (stated is not None and stated.value is not None):
        return
    moments = written.moments()
    for key, moment in moments.items():
        if not is_instant(moment):
            message = f"{moment:%Y-%m-%d %H:%M} is a naive time without zone"
            yield Problem.at(tree.place(*path, key), ID, message, _HINT)
    if not moments:
        message = f"freeze {written.name!r} is made of whole days and has no zone in which they begin"
        yield Problem.at(tree.place(*path), ID, message, "add timezone: Europe/Paris here or in the environment")
