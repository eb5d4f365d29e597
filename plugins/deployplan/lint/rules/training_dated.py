"""Training that end users need has a date, and it comes before the window.

PASS
    impact: {end_users: {training_needed: true, training_date: 2026-11-20}}
    schedule:
      window: {opens: 2026-11-28 22:00, closes: 2026-11-29 02:00}

FAIL
    impact: {end_users: {training_needed: true}}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.model.schedule import OneOffWindow
from deployplan.plan.text.problem import Problem

ID: Final = "training-dated"
SEVERITY: Final = "warning"


def check(draft: Draft) -> Iterator[Problem]:
    users = draft.plan.impact.end_users
    if users is None or not users.training_needed:
        return
    path = ("impact", "end_users")
    if users.training_date is None:
        message = "end users need training and it has no date"
        yield Problem.at(draft.tree.key_place(*path), ID, message, "add training_date", SEVERITY)
        return
    stated = draft.plan.schedule.stated()
    opens = [window.opens.date() for window in stated if isinstance(window, OneOffWindow)]
    if opens and users.training_date >= min(opens):
        message = f"training is done on {users.training_date}, not before the window opens on {min(opens)}"
        yield Problem.at(draft.tree.place(*path, "training_date"), ID, message, None, SEVERITY)
