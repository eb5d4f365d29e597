"""No freeze of the environment covers a whole window.

PASS
    schedule:
      window: {opens: 2026-11-28 22:00, closes: 2026-11-29 02:00}

FAIL
    schedule:
      window: {opens: 2026-11-28 22:00, closes: 2026-11-29 02:00}
    # include/infrastructure/production.yaml
    freezes: [{name: sales week, from: 2026-11-27 00:00, to: 2026-12-01 00:00}]
"""

from collections.abc import Iterator
from typing import Final

from deployplan.lint.times import interval_of
from deployplan.plan.draft import Draft
from deployplan.plan.problem import Problem

ID: Final = "window-frozen"
SEVERITY: Final = "warning"


def check(draft: Draft) -> Iterator[Problem]:
    if draft.environment is None:
        return
    for path, window in draft.plan.schedule.places():
        interval = interval_of(window)
        for freeze in draft.environment.model.freezes_for(draft.plan):
            periods = freeze.occurrences(interval.start, interval.end)
            if any(period.start <= interval.start and interval.end <= period.end for period in periods):
                message = f"freeze {freeze.name!r} covers the whole window"
                place = draft.tree.place("schedule", *path, "opens")
                yield Problem.at(place, ID, message, "choose another window", SEVERITY)
