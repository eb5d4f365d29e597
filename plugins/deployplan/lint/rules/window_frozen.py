"""No freeze of the environment covers a whole window, or all that a window that comes back has in a year.

The windows of the environment itself may be frozen, but not all of them.

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

from deployplan.lint.times import openings_of
from deployplan.plan.draft import Draft
from deployplan.plan.model.schedule import OneOffWindow
from deployplan.plan.snapshot import freezes_for
from deployplan.plan.text.problem import Problem
from deployplan.window.interval import Interval
from deployplan.window.release_window import Freeze

ID: Final = "window-frozen"
SEVERITY: Final = "warning"
_HINT: Final = "choose another window"


def check(draft: Draft) -> Iterator[Problem]:
    snapshot = draft.snapshot()
    if snapshot is None:
        return
    freezes = freezes_for(snapshot.infrastructure, snapshot)
    found = []
    for path, window in draft.plan.schedule.places():
        openings = openings_of(window)
        names = [freeze.name for freeze in freezes if all(_covers(freeze, opening) for opening in openings)]
        what = "the whole window" if isinstance(window, OneOffWindow) else "every opening of the window"
        place = draft.tree.place("schedule", *path, "opens" if isinstance(window, OneOffWindow) else "rule")
        found.append([Problem.at(place, ID, f"freeze {n!r} covers {what}", _HINT, SEVERITY) for n in names])
    if all(found) or not draft.has_environments_windows:
        yield from (problem for problems in found for problem in problems)


def _covers(freeze: Freeze, opening: Interval) -> bool:
    periods = freeze.occurrences(opening.start, opening.end)
    return any(period.start <= opening.start and opening.end <= period.end for period in periods)
