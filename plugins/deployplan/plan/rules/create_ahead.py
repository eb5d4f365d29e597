"""A run that Airflow creates ahead of its window has a window to be ahead of: the plan's or the environment's.

PASS
    schedule:
      window: {opens: 2026-11-28 22:00, closes: 2026-11-29 02:00}
      create: 24h before

FAIL
    schedule:
      create: 24h before
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.text.problem import Problem

ID: Final = "create-ahead"
SEVERITY: Final = "error"


def check(draft: Draft) -> Iterator[Problem]:
    schedule = draft.plan.schedule
    if schedule.create is None or schedule.stated() or schedule.follows_environment or draft.environment is None:
        return
    message = (
        f"the run is to be created ahead of its window, and neither the plan nor {draft.plan.environment!r} has one"
    )
    hint = "state schedule.window, or leave create out: a person triggers the run then"
    yield Problem.at(draft.tree.place("schedule", "create"), ID, message, hint)
