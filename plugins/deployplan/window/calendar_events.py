"""CalendarEvents: the events of an iCalendar text."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, partial

from deployplan.window.calendar_content import Content, content_of
from deployplan.window.interval import Interval, as_utc
from deployplan.window.wall_time import find_zone, wall_time
from deployplan.window.yearly import Titled, between, title_at, titles_at


@dataclass(frozen=True, slots=True)
class CalendarEvents:
    """The events of `ics_text`; whole days and times without a zone are read on the wall clock of `zone`."""

    ics_text: str
    zone: str

    def between(self, start: datetime, end: datetime) -> Iterator[Interval]:
        last = _content(self.ics_text, self.zone).years.stop
        return between(partial(_year, self), start, min(end, datetime(max(last, start.year + 1), 1, 1, tzinfo=UTC)))

    def label(self, instant: datetime) -> str:
        return title_at(partial(_year, self), instant)

    def titles_at(self, instant: datetime) -> tuple[str, ...]:
        """The titles of the events that take place at `instant`, in order of their start."""
        return titles_at(partial(_year, self), as_utc(instant, "instant"))

    @property
    def settled(self) -> datetime | None:
        return None

    @property
    def empty(self) -> bool:
        """Whether it freezes nothing at all, ever."""
        content = _content(self.ics_text, self.zone)
        return not content.singles and not content.series


def calendar_events(ics_text: str, zone: str) -> CalendarEvents:
    """Raises WindowError, with the line, for what is not iCalendar, not all of it, or cannot be followed."""
    find_zone(zone)
    _content(ics_text, zone)
    return CalendarEvents(ics_text, zone)


@lru_cache(maxsize=64)
def _content(ics_text: str, zone: str) -> Content:
    return content_of(ics_text, zone)


@lru_cache(maxsize=4096)
def _year(times: CalendarEvents, year: int) -> tuple[Titled, ...]:
    content = _content(times.ics_text, times.zone)
    begin, end = wall_time(year), wall_time(year + 1)
    whole = Interval(begin.replace(tzinfo=UTC), end.replace(tzinfo=UTC))
    found = [each for each in content.singles if each.interval.intersects(whole)]
    for series in content.series:
        if year in series.years:
            found += [each for each in series.titled(begin, end) if each.interval.intersects(whole)]
    return tuple(sorted(found))
