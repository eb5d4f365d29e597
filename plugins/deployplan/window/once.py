"""Once: one stretch of time between two wall times."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from deployplan.window.error import WindowError
from deployplan.window.interval import FOREVER, Interval
from deployplan.window.wall_time import check_wall, first_shown, zone_named


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


def between_walls(
    start: datetime,
    end: datetime | None,
    zone: str,
    *,
    words: tuple[str, str],
    ending: Callable[[datetime, tzinfo], datetime],
) -> Once:
    """The interval between two wall times in `zone`; `words` name the two in errors, `ending` says which instant the end is.

    Raises WindowError when the zone is unknown or nothing lies between the two.
    """
    tz = zone_named(zone)
    opens = first_shown(check_wall(start, words[0]), tz)
    if end is None:
        return Once(Interval(opens, FOREVER), zone)
    closes = ending(check_wall(end, words[1]), tz)
    if end <= start:
        raise WindowError(f"{words[1]} {end} is not after {words[0]} {start}; the end comes after the start")
    if closes <= opens:
        raise WindowError(f"nothing lies between {words[0]} {start} and {words[1]} {end}: clocks in {zone} skip both")
    return Once(Interval(opens, closes), zone)
