"""A plan's own window lies inside a window of the environment, where the environment has any.

PASS
    schedule:
      window: {opens: 2026-11-28 23:00, closes: 2026-11-29 02:00}
    # include/infrastructure/production.yaml
    windows: [{name: saturday night, opens: 2026-11-28 22:00, closes: 2026-11-29 04:00}]

FAIL
    schedule:
      window: {opens: 2026-11-28 12:00, closes: 2026-11-28 18:00}
    # include/infrastructure/production.yaml
    windows: [{name: saturday night, opens: 2026-11-28 22:00, closes: 2026-11-29 04:00}]
"""

from collections.abc import Iterator
from typing import Final

from deployplan.lint.times import interval_of
from deployplan.plan.draft import Draft
from deployplan.plan.problem import Problem

ID: Final = "window-of-environment"
SEVERITY: Final = "warning"


def check(draft: Draft) -> Iterator[Problem]:
    allowed = draft.environment.model.windows if draft.environment else ()
    for path, window in draft.plan.schedule.places() if allowed else ():
        own = interval_of(window)
        if not any(outer.start <= own.start and own.end <= outer.end for outer in map(interval_of, allowed)):
            listed = "; ".join(f"{outer.name} {outer.spoken()}" for outer in allowed)
            message = f"the window lies in no window of the environment; there are {listed}"
            yield Problem.at(draft.tree.place("schedule", *path, "opens"), ID, message, None, SEVERITY)
