"""Its windows are long enough for the work, by its own timeouts, and for a backout.

Each window that a plan states is; of the windows of its environment, one. Windows that overlap or touch count as one.

PASS
    schedule:
      window: {opens: 2026-11-28 22:00, closes: 2026-11-29 02:00}

FAIL
    schedule:
      window: {opens: 2026-11-28 22:00, closes: 2026-11-28 22:35}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.lint.times import joined_lengths
from deployplan.plan.draft import Draft
from deployplan.plan.model.schedule import OneOffWindow, Window
from deployplan.plan.text.problem import Position, Problem
from deployplan.plan.text.scalars import spell_duration
from deployplan.plan.worst_case import declared_work

ID: Final = "window-fits"
SEVERITY: Final = "error"


def check(draft: Draft) -> Iterator[Problem]:
    snapshot, schedule = draft.snapshot(), draft.plan.schedule
    if snapshot is None:
        return
    work, reserve = declared_work(snapshot), schedule.backout_reserve
    lengths = [
        (_place(draft, path, window), max(joined_lengths(window, schedule.stated(), around=work + reserve)))
        for path, window in schedule.places()
    ]
    short = [(place, length) for place, length in lengths if length < work + reserve]
    if lengths and draft.has_environments_windows:
        short = [max(short, key=lambda each: each[1])] if len(short) == len(lengths) else []
    for place, length in short:
        what = "longest window" if draft.has_environments_windows else "window"
        message = f"the {what} is {spell_duration(length)} long; the work may take {spell_duration(work)}"
        hint = "shorten timeouts to what the scripts really need, or lengthen the window"
        yield Problem.at(place, ID, f"{message} and {spell_duration(reserve)} are kept for a backout", hint, SEVERITY)


def _place(draft: Draft, path: tuple[str | int, ...], window: Window) -> Position:
    if draft.has_environments_windows:
        return draft.tree.key_place("environment")
    return draft.tree.place("schedule", *path, "closes" if isinstance(window, OneOffWindow) else "duration")
