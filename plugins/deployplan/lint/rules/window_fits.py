"""The window is long enough for the work, by its own timeouts, and for a backout.

PASS
    schedule:
      window: {opens: 2026-11-28 22:00, closes: 2026-11-29 02:00}

FAIL
    schedule:
      window: {opens: 2026-11-28 22:00, closes: 2026-11-28 22:35}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.lint.times import interval_of
from deployplan.plan.draft import Draft
from deployplan.plan.order import declared_work
from deployplan.plan.problem import Problem
from deployplan.plan.scalars import spell_duration

ID: Final = "window-fits"
SEVERITY: Final = "error"


def check(draft: Draft) -> Iterator[Problem]:
    snapshot = draft.snapshot()
    if snapshot is None:
        return
    work, reserve = declared_work(snapshot), draft.plan.schedule.backout_reserve
    for path, window in draft.plan.schedule.places():
        interval = interval_of(window)
        length = interval.end - interval.start
        if length < work + reserve:
            message = f"the window is {spell_duration(length)} long; the work may take {spell_duration(work)}"
            hint = "shorten timeouts to what the scripts really need, or lengthen the window"
            place = draft.tree.place("schedule", *path, "closes")
            yield Problem.at(
                place, ID, f"{message} and {spell_duration(reserve)} are kept for a backout", hint, SEVERITY
            )
