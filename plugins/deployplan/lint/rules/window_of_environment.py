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

from collections.abc import Iterator, Sequence
from typing import Final

from deployplan.lint.times import first_opening, openings_of
from deployplan.plan.draft import Draft
from deployplan.plan.model.schedule import OneOffWindow
from deployplan.plan.text.problem import Problem
from deployplan.window.interval import Interval
from deployplan.window.openings import free
from deployplan.window.release_window import ReleaseWindow

ID: Final = "window-of-environment"
SEVERITY: Final = "warning"


def check(draft: Draft) -> Iterator[Problem]:
    written = draft.environment.model.windows if draft.environment else ()
    if not written or draft.has_environments_windows:
        return
    allowed = [window.release_window() for window in written]
    since = min(map(first_opening, written))
    listed = "; ".join(f"{window.name} {window.spoken()}" for window in written)
    for path, window in draft.plan.schedule.places():
        # A rule may be older than the windows of the environment; what it did then is nobody's concern.
        own = openings_of(window) if isinstance(window, OneOffWindow) else openings_of(window, since)
        if not all(_is_inside(opening, allowed) for opening in own):
            which = "the window lies" if isinstance(window, OneOffWindow) else "an opening of the window lies"
            message = f"{which} in no window of the environment; there are {listed}"
            key = "opens" if isinstance(window, OneOffWindow) else "rule"
            yield Problem.at(draft.tree.place("schedule", *path, key), ID, message, None, SEVERITY)


def _is_inside(opening: Interval, windows: Sequence[ReleaseWindow]) -> bool:
    return list(free(windows, (), after=opening.start, before=opening.end)) == [opening]
