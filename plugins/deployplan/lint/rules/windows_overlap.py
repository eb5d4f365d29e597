"""Windows of one plan, or of one environment, do not overlap: together they are one, and one name would be lost.

PASS
    schedule:
      windows:
        - {name: first, opens: 2026-11-28 22:00, closes: 2026-11-29 02:00}
        - {name: second, opens: 2026-12-05 22:00, closes: 2026-12-06 02:00}

FAIL
    schedule:
      windows:
        - {name: first, opens: 2026-11-28 22:00, closes: 2026-11-29 02:00}
        - {name: second, opens: 2026-11-29 01:00, closes: 2026-11-29 05:00}
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

from deployplan.lint.times import first_opening, openings_of
from deployplan.plan.draft import Draft
from deployplan.plan.model.schedule import Window
from deployplan.plan.text.problem import Position, Problem
from deployplan.window.interval import Interval
from deployplan.window.wall_time import local

ID: Final = "windows-overlap"
SEVERITY: Final = "warning"


def check(draft: Draft) -> Iterator[Problem]:
    if not draft.has_environments_windows:
        places = draft.plan.schedule.places()
        yield from _overlapping([(window, draft.tree.place("schedule", *path)) for path, window in places])
    if draft.environment is not None:
        theirs = enumerate(draft.environment.model.windows)
        yield from _overlapping([(window, draft.environment.tree.place("windows", at)) for at, window in theirs])


def _overlapping(windows: Sequence[tuple[Window, Position]]) -> Iterator[Problem]:
    for (one, place), (other, at) in combinations(windows, 2):
        if shared := _first_shared(one, other):
            since = local(shared.start, other.timezone or "UTC")
            message = f"window {other.name!r} overlaps window {one.name!r} at {place} from {since} on"
            yield Problem.at(
                at, ID, message, "together they are one window; let one end before the other begins", SEVERITY
            )


def _first_shared(one: Window, other: Window) -> Interval | None:
    since = max(first_opening(one), first_opening(other))
    theirs = other.release_window()
    for opening in openings_of(one, since):
        for another in theirs.occurrences(opening.start, opening.end):
            return opening.intersect(another)
    return None
