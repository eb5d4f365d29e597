"""CalendarEvents: the events of an iCalendar text."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache, partial
from typing import Any

import icalendar
import recurring_ical_events  # type: ignore[import-untyped]

from deployplan.window.error import WindowError
from deployplan.window.interval import Interval
from deployplan.window.wall_time import first_shown, last_shown, zone_named
from deployplan.window.yearly import Titled, between, title_at

MARGIN = timedelta(days=2)
"""Times without a zone are compared as if in UTC while searching, which may be off by 14 hours."""
ANY_YEAR = 2026
"""Some mistakes, as in a recurrence rule, come to light only when events are looked up; any year will do."""


@dataclass(frozen=True, slots=True)
class CalendarEvents:
    """The events of `ics_text`; whole days and times without a zone are read on the wall clock of `zone`."""

    ics_text: str
    zone: str

    def between(self, start: datetime, end: datetime) -> Iterator[Interval]:
        return between(partial(_year, self), start, end)

    def label(self, instant: datetime) -> str:
        return title_at(partial(_year, self), instant)

    @property
    def settled(self) -> datetime | None:
        return None


def calendar_events(ics_text: str, zone: str) -> CalendarEvents:
    """Raises WindowError for an unknown zone or a text that is not iCalendar."""
    zone_named(zone)
    times = CalendarEvents(ics_text, zone)
    try:
        _queries(ics_text)
        _year(times, ANY_YEAR)
    except WindowError:
        raise
    except Exception as problem:  # the parsers below raise a different error for every way a text can be broken
        raise WindowError(
            f"the calendar text cannot be read: {problem}; it is an iCalendar file (RFC 5545)"
        ) from problem
    return times


@lru_cache(maxsize=64)
def _queries(ics_text: str) -> tuple[Any, ...]:
    calendars = icalendar.Calendar.from_ical(ics_text, multiple=True)
    if not calendars:
        raise WindowError("the calendar text holds no VCALENDAR; it is an iCalendar file (RFC 5545)")
    return tuple(recurring_ical_events.of(calendar) for calendar in calendars)


@lru_cache(maxsize=4096)
def _year(times: CalendarEvents, year: int) -> tuple[Titled, ...]:
    zone = zone_named(times.zone)
    whole = Interval(datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC))
    events = [
        event
        for query in _queries(times.ics_text)
        for event in query.between(whole.start - MARGIN, whole.end + MARGIN)
        if event.get("STATUS") != "CANCELLED"
    ]
    found = []
    for event in events:
        starts, ends = _first(event.start, zone), _last(event.end, zone)
        if starts < ends and starts < whole.end and whole.start < ends:
            found.append(Titled(Interval(starts, ends), " ".join(str(event.get("SUMMARY", "")).split())))
    return tuple(sorted(found))


def _wall(value: date, zone: tzinfo) -> tuple[datetime, tzinfo]:
    if not isinstance(value, datetime):
        return datetime.combine(value, time()), zone
    return value.replace(tzinfo=None), value.tzinfo or zone


def _first(value: date, zone: tzinfo) -> datetime:
    return first_shown(*_wall(value, zone))


def _last(value: date, zone: tzinfo) -> datetime:
    return last_shown(*_wall(value, zone))
