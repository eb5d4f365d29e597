"""Once: one stretch of time between two wall times."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from deployplan.window.error import WindowError
from deployplan.window.interval import FOREVER, Interval
from deployplan.window.wall_time import check_year, find_zone, first_instant

Edge = Callable[[datetime, tzinfo], datetime]


@dataclass(frozen=True, slots=True)
class Once:
    """A single interval; its end may be FOREVER."""

    interval: Interval
    zone: str

    def between(self, start: datetime, end: datetime) -> Iterator[Interval]:
        if self.interval.start < end and start < self.interval.end:
            yield self.interval

    def last_before(self, instant: datetime) -> datetime | None:
        """When this last ended at or before `instant`."""
        return self.interval.end if self.interval.end <= instant else None

    def label(self, instant: datetime) -> str:
        return ""

    @property
    def settled(self) -> datetime | None:
        """The instant after which this changes nothing any more: its end, or its start when no end is known."""
        return self.interval.start if self.interval.end == FOREVER else self.interval.end


def between_walls(start: datetime, end: datetime | None, zone: str, *, words: tuple[str, str], ending: Edge) -> Once:
    """The interval between two wall times in `zone`, or aware datetimes, which are the instants they are.

    `words` name the two in errors; `ending` says which instant the end is. Raises WindowError when the zone is unknown
    or nothing lies between the two.
    """
    tz = find_zone(zone)
    begins = first_instant(check_year(start, words[0]), tz)
    if end is None:
        return Once(Interval(begins, FOREVER), zone)
    finishes = ending(check_year(end, words[1]), tz)
    if finishes > begins and (start.tzinfo or end.tzinfo or end > start):
        return Once(Interval(begins, finishes), zone)
    if start.tzinfo is None and end.tzinfo is None and end > start:
        raise WindowError(f"nothing lies between {words[0]} {start} and {words[1]} {end}: clocks in {zone} skip both")
    raise WindowError(f"{words[1]} {end} is not after {words[0]} {start}; it must come later")
