"""A week or a month of an environment as people look at it: its days on their clock, and what stands in them."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from deployplan.evidence.record import Records
from deployplan.plan.model.infrastructure import Infrastructure
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.calendar.calendar import Calendar, calendar_of
from deployplan.ui.calendar_rows import KINDS, CalendarEntry, calendar_entries
from deployplan.window.interval import Interval
from deployplan.window.wall_time import find_zone, first_instant, wall_time

FARTHEST = timedelta(days=400)
"""So far from today one may look; plans are for weeks, and a look must not take long."""
MOST = 200
"""Entries of a kind that are shown; the others are counted."""
WEEK = 7


class CalendarScale(StrEnum):
    """How much is looked at."""

    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class CalendarPeriod:
    """Whole weeks, from Monday on, of which `first` to `last` are those asked for; days are those of `zone`."""

    scale: CalendarScale
    first: date
    last: date
    zone: str

    @classmethod
    def around(cls, day: date, scale: CalendarScale, zone: str) -> "CalendarPeriod":
        """The week, or the month, in which `day` lies. Raises WindowError when there is no such zone."""
        find_zone(zone)
        if scale is CalendarScale.WEEK:
            monday = day - timedelta(days=day.weekday())
            return cls(scale, monday, monday + timedelta(days=WEEK - 1), zone)
        first = day.replace(day=1)
        return cls(scale, first, _next_month(first) - timedelta(days=1), zone)

    @property
    def days(self) -> tuple[date, ...]:
        """Every day that is shown."""
        begin = self.first - timedelta(days=self.first.weekday())
        end = self.last + timedelta(days=WEEK - 1 - self.last.weekday())
        return tuple(begin + timedelta(days=number) for number in range((end - begin).days + 1))

    @property
    def span(self) -> Interval:
        """From the midnight at which it begins to that at which it ends."""
        return Interval(self.begin_of(self.days[0]), self.begin_of(self.days[-1] + timedelta(days=1)))

    def begin_of(self, day: date) -> datetime:
        """The first instant of a day, also where its midnight is skipped."""
        return first_instant(wall_time(day.year, day.month, day.day), find_zone(self.zone))

    @property
    def before(self) -> date:
        """A day of the period before this one."""
        return self.first - timedelta(days=1)

    @property
    def after(self) -> date:
        """A day of the period after this one."""
        return self.last + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CalendarView:
    """A period of an environment as somebody may see it; `left_out` are how many entries of a kind are not shown."""

    calendar: Calendar
    period: CalendarPeriod
    entries: tuple[CalendarEntry, ...]
    left_out: Mapping[str, int]


def look_at(
    environment: str,
    today: Infrastructure,
    snapshots: Mapping[str, Snapshot],
    period: CalendarPeriod,
    *,
    at: datetime,
    records: Records | None,
) -> Calendar:
    """The calendar of a period as it is known at `at`, on the clock of the period. Raises as `calendar_of` does."""
    found = calendar_of(environment, today, snapshots, period.span, at=at, records=records)
    return replace(found, timezone=period.zone)


def calendar_view_of(
    calendar: Calendar, period: CalendarPeriod, readable: Collection[str] | None = None
) -> CalendarView:
    """What of it people see who may read these plans (None: all), no more of each kind than fits a page."""
    kept, seen = [], Counter[str]()
    for entry in calendar_entries(calendar, readable):
        seen[entry.kind] += 1
        if seen[entry.kind] <= MOST:
            kept.append(entry)
    left_out = {kind: seen[kind] - MOST for kind in KINDS if seen[kind] > MOST}
    return CalendarView(calendar, period, tuple(kept), left_out)


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)
