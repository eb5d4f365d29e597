"""When windows, as they are written, are open."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile

from deployplan.plan.model.schedule import OneOffWindow, Window
from deployplan.window.interval import FOREVER, Interval
from deployplan.window.openings import free
from deployplan.window.wall_time import YEARS, find_zone

_BEFORE_ALL = datetime(YEARS.start - 1, 1, 1, tzinfo=UTC)
_A_YEAR = timedelta(days=366)


def openings_of(window: Window, since: datetime = _BEFORE_ALL) -> tuple[Interval, ...]:
    """Return the openings of a window of an accepted plan: its one, or the first year's of a rule, from `since` on."""
    found = window.release_window().occurrences(since, FOREVER)
    first = next(found, None)
    if first is None:
        return ()
    return (first, *takewhile(lambda opening: opening.start < first.start + _A_YEAR, found))


def first_opening(window: Window) -> datetime:
    """Return the instant at which a window of an accepted plan opens first."""
    return next(window.release_window().occurrences(_BEFORE_ALL, FOREVER)).start


def joined_lengths(window: Window, windows: Sequence[Window], *, around: timedelta) -> Iterator[timedelta]:
    """Yield how long work could go on in each opening of `window`, with those of `windows` that it overlaps or touches.

    What lies farther than `around` from the opening is not counted.
    """
    together = tuple(each.release_window() for each in windows)
    for opening in openings_of(window):
        slots = free(together, (), after=opening.start - around, before=opening.end + around)
        yield max(slot.end - slot.start for slot in slots if slot.intersects(opening))


def opening_day(window: Window, at: datetime | None) -> date | None:
    """Return the day on which a window opens, by its own clock; of one that comes back, the next day from `at` on.

    None when that is not known: `at` is missing, or it does not open again.
    """
    if isinstance(window, OneOffWindow):
        return window.opens.date()
    following = next(window.release_window().occurrences(at, FOREVER), None) if at else None
    return following.start.astimezone(find_zone(window.timezone or "UTC")).date() if following else None
