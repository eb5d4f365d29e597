"""CalendarEvents: the events of an iCalendar text."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache, partial
from typing import Any

import icalendar
import recurring_ical_events  # type: ignore[import-untyped]

from deployplan.window.calendar_text import event_lines
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
    """Raises WindowError, with the line, for an unknown zone or a text that is not iCalendar or not all of it."""
    zone_named(zone)
    times = CalendarEvents(ics_text, zone)
    lines = event_lines(ics_text)
    try:
        for line, event in zip(lines, _events(ics_text), strict=True):
            _check(event, line)
        _year(times, ANY_YEAR)
    except WindowError:
        raise
    except Exception as problem:  # the parsers below raise a different error for every way a text can be broken
        raise WindowError(f"{_guilty(ics_text, lines)}{problem}; it is an iCalendar file (RFC 5545)") from problem
    return times


def _check(event: Any, line: int) -> None:
    """What the parsers pass over, or mend as they think best."""
    told = _told(event, line)
    if "DTSTART" not in event:
        raise WindowError(f"{told} has no DTSTART; without it nobody knows when it begins")
    for key in ("DTSTART", "DTEND"):
        zone = event[key].params.get("TZID") if key in event else None
        if zone is not None and getattr(event[key].dt, "tzinfo", None) is None:
            try:
                zone_named(str(zone))
            except WindowError as error:
                raise WindowError(f"{told}: {error}") from error
            raise WindowError(f"{told} is in time zone {zone!r}, but its time is none of that zone's; it has no Z")
    if "DTEND" in event and type(event["DTSTART"].dt) is type(event["DTEND"].dt):
        starts, ends = event["DTSTART"].dt, event["DTEND"].dt
        if _last(ends, UTC) < _first(starts, UTC):
            raise WindowError(f"{told} ends {ends}, before it starts {starts}; it ends later")


def _told(event: Any, line: int) -> str:
    return f"line {line}: event {' '.join(str(event.get('SUMMARY', 'without a name')).split())!r}"


def _guilty(ics_text: str, lines: Sequence[int]) -> str:
    """Which event cannot be looked up, when it is one."""
    with suppress(Exception):
        for line, event in zip(lines, _events(ics_text), strict=True):
            alone = icalendar.Calendar()
            alone.add_component(event)
            try:
                recurring_ical_events.of(alone).between((ANY_YEAR, 1, 1), (ANY_YEAR + 1, 1, 1))
            except Exception:
                return f"{_told(event, line)} cannot be read: "
    return "the calendar text cannot be read: "


@lru_cache(maxsize=64)
def _calendars(ics_text: str) -> tuple[Any, ...]:
    return tuple(icalendar.Calendar.from_ical(ics_text, multiple=True))


def _events(ics_text: str) -> list[Any]:
    return [event for calendar in _calendars(ics_text) for event in calendar.walk("VEVENT")]


@lru_cache(maxsize=64)
def _queries(ics_text: str) -> tuple[Any, ...]:
    return tuple(recurring_ical_events.of(calendar) for calendar in _calendars(ics_text))


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
