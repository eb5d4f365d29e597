"""A plan whose window is `next` leaves its windows to the environment, which has some, and states none itself.

PASS
    schedule: {window: next}
    # include/infrastructure/production.yaml
    windows: [{name: saturday night, rule: FREQ=WEEKLY;BYDAY=SA, first: 2026-01-03 22:00, duration: 4h}]

FAIL
    schedule: {window: next}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.text.problem import Problem

ID: Final = "window-next"
SEVERITY: Final = "error"


def check(draft: Draft) -> Iterator[Problem]:
    schedule = draft.plan.schedule
    if not schedule.follows_environment or draft.environment is None:
        return
    place = draft.tree.place("schedule", "window")
    if not schedule.alternatives:
        message = f"window is next, and environment {draft.plan.environment!r} has no windows; state one here or there"
        yield Problem.at(place, ID, message)
    elif not draft.has_environments_windows:
        message = "window is next, and windows are stated too; a plan has its own windows or those of its environment"
        yield Problem.at(place, ID, message)
