"""Dates, times, lengths and periods as iCalendar files write them (RFC 5545, 3.3)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final

from deployplan.window.calendar_text import Property
from deployplan.window.calendar_zone import Zones
from deployplan.window.error import WindowError
from deployplan.window.wall_time import YEARS, first_instant, wall_time

EARLIEST: Final = 1601
"""The first year of an event; some programs put what has no year into the first years of the calendar they know."""
DAY: Final = timedelta(days=1)
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?", re.IGNORECASE | re.ASCII)
_LENGTH = re.compile(
    r"([+-]?)P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,7})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?", re.I | re.A
)


@dataclass(frozen=True, slots=True)
class CalendarTime:
    """A day (`whole`) or a time on a wall clock; without a zone of its own `zone` is the one that was named for it."""

    wall: datetime
    zone: tzinfo
    whole: bool = False
    floating: bool = False

    @property
    def instant(self) -> datetime:
        """The first instant at which its clock shows it, in UTC."""
        return first_instant(self.wall, self.zone)

    def on(self, zone: tzinfo) -> datetime:
        """What a clock in `zone` shows at it; a time without a zone is one of that clock."""
        if self.floating or self.whole or self.zone is zone:
            return self.wall
        return self.instant.astimezone(zone).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class Length:
    """How long something lasts: by the clock on the wall, and then in time that passes."""

    wall: timedelta = timedelta()
    passing: timedelta = timedelta()

    def __bool__(self) -> bool:
        return self.wall > timedelta() or self.passing > timedelta()

    @property
    def most(self) -> timedelta:
        return self.wall + self.passing


def calendar_time(written: Property, zones: Zones, value: str | None = None) -> CalendarTime:
    """Return the day or time of a property, or of one `value` in its list. Raises WindowError with the line."""
    text = (written.value if value is None else value).strip()
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise WindowError(
            f"line {written.line}: {written.name}:{text[:40]} is no date or time; "
            "it looks like 20261224, 20261224T220000 or 20261224T220000Z"
        )
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    try:
        # The second that is added now and then is the one before it to clocks that do not know it (RFC 5545, 3.3.12).
        wall = wall_time(year, month, day, hour, minute, 59 if second == 60 else second)
    except ValueError:
        raise WindowError(f"line {written.line}: {written.name}:{text} does not exist in the calendar") from None
    if year < EARLIEST:
        raise WindowError(
            f"line {written.line}: {written.name}:{text} lies in year {year}; years are {EARLIEST} to {YEARS.stop - 1}"
        )
    if match[4] is None or (written.parameter("VALUE") or "").upper() == "DATE":
        return CalendarTime(datetime.combine(wall.date(), time()), zones.of_days, whole=True)
    if match[7]:
        return CalendarTime(wall, UTC)
    named = written.parameter("TZID")
    if named:
        return CalendarTime(wall, zones.named(named, written.line))
    return CalendarTime(wall, zones.floating, floating=True)


def length_of(line: int, text: str) -> Length:
    """Return the length of `P1DT2H`: days by the calendar, the rest in time that passes. Raises WindowError."""
    match = _LENGTH.fullmatch(text.strip())
    if match is None or not any(match.groups()[1:]):
        raise WindowError(f"line {line}: DURATION:{text[:40]} is no length; it looks like P2D, PT4H or P1DT12H")
    if match[1] == "-":
        raise WindowError(f"line {line}: DURATION:{text} is negative; an event ends after it starts")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    return Length(timedelta(days=7 * weeks + days), timedelta(hours=hours, minutes=minutes, seconds=seconds))


def length_until(start: CalendarTime, end: CalendarTime) -> Length:
    """Return how long it is from `start` to `end`, which is negative when `end` comes before it.

    Between times of one zone, one of which may leave its zone out, it is the difference on the wall clock. An end that
    is a day means the midnight at which it begins, but the day on which the event starts is part of it.
    """
    if end.whole:
        return Length((end.wall + DAY if end.wall.date() == start.wall.date() else end.wall) - start.wall)
    if end.floating or start.floating or end.zone is start.zone:
        return Length(end.wall - start.wall)
    return Length(passing=end.instant - start.instant)


def period_of(written: Property, zones: Zones, value: str) -> tuple[CalendarTime, Length]:
    """Return start and length of `20261224T080000Z/20261226T080000Z` or `…/PT2H`. Raises WindowError with the line."""
    begins, _, ends = value.partition("/")
    start = calendar_time(written, zones, begins)
    if ends.strip()[:1].upper() in ("P", "+", "-"):
        return start, length_of(written.line, ends)
    length = length_until(start, calendar_time(written, zones, ends))
    if length.most < timedelta():
        raise WindowError(
            f"line {written.line}: {written.name} ends {ends}, before it starts {begins}; it must end later"
        )
    return start, length
