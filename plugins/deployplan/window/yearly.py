"""Occurrences that are computed a calendar year at a time, from any year on."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from deployplan.window.interval import FOREVER, Interval

MOST_YEARS = 300
LAST_YEAR = FOREVER.year - 2
"""The neighbours of a year are looked at as well."""


class Titled(NamedTuple):
    """An occurrence and what people call it."""

    interval: Interval
    title: str


Year = Callable[[int], tuple[Titled, ...]]
"""All occurrences that share an instant with a UTC year, in order of their start."""


def between(year: Year, start: datetime, end: datetime) -> Iterator[Interval]:
    """The occurrences that share an instant with [start, end), in order."""
    last = min(end.year, start.year + MOST_YEARS, LAST_YEAR)
    for number in range(start.year, last + 1):
        begin = datetime(number, 1, 1, tzinfo=UTC)
        for interval, _ in year(number):
            if interval.start >= end:
                return
            # What began in an earlier year was yielded with that year, unless that year was never asked.
            if interval.end > start and (number == start.year or interval.start >= begin):
                yield interval


def title_at(year: Year, instant: datetime) -> str:
    """What holds at `instant`, all of it, or nothing."""
    return ", ".join(titles_at(year, instant))


def titles_at(year: Year, instant: datetime) -> tuple[str, ...]:
    """What holds at `instant`, each title once, in order of the start."""
    return tuple(dict.fromkeys(title for interval, title in year(instant.year) if instant in interval and title))
