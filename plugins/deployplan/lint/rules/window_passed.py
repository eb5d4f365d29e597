"""A plan that was not released has a window still to come.

A plan with a window that comes back is not judged, nor one that was released, as the record store tells.

PASS
    schedule:
      window: {opens: 2030-11-30 22:00, closes: 2030-12-01 02:00}

FAIL
    schedule:
      window: {opens: 2025-11-29 22:00, closes: 2025-11-30 02:00}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.lint.known import Known
from deployplan.lint.times import openings_of
from deployplan.plan.draft import Draft
from deployplan.plan.model.schedule import OneOffWindow
from deployplan.plan.text.problem import Problem

ID: Final = "window-passed"
SEVERITY: Final = "warning"
_HINT: Final = "state a window that is to come: no run could start in this one"


def check_with(draft: Draft, known: Known) -> Iterator[Problem]:
    stated = tuple(draft.plan.schedule.places())
    if known.now is None or not stated or draft.has_environments_windows:
        return
    if any(not isinstance(window, OneOffWindow) for _, window in stated):
        return
    ends = [opening.end for _, window in stated for opening in openings_of(window)]
    if max(ends, default=known.now) >= known.now or draft.plan.name in known.released():
        return
    message = "the only window has passed" if len(stated) == 1 else f"all {len(stated)} windows have passed"
    for path, _ in stated:
        yield Problem.at(draft.tree.place("schedule", *path, "closes"), ID, message, _HINT, SEVERITY)
