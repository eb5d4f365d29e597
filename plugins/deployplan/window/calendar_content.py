"""The events of an iCalendar text as series and single times, within bounds of number and effort."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Final

from deployplan.window.calendar_series import FIRST, LAST, Change, Series, last_fire
from deployplan.window.calendar_text import CalendarComponent, Property, read_components
from deployplan.window.calendar_value import (
    DAY,
    CalendarTime,
    Length,
    calendar_time,
    length_of,
    length_until,
    period_of,
)
from deployplan.window.calendar_zone import Zones
from deployplan.window.error import WindowError
from deployplan.window.recurring import LONGEST, PATIENCE
from deployplan.window.rule import Rule, rule_of
from deployplan.window.rule_days import fires, most_a_year
from deployplan.window.wall_time import YEARS, wall_time
from deployplan.window.yearly import Titled

MOST_A_YEAR: Final = 100_000
"""How often all that recurs in a calendar may take place in a year: more than people keep, followed in seconds."""
MOST_EFFORT: Final = 1_000_000
"""The days that may be looked at to find where counted series end, and whether endless ones begin."""
_FREEZING: Final = ("VEVENT", "VFREEBUSY")


@dataclass(frozen=True, slots=True)
class Content:
    """What freezes: single times in order, and what recurs. `years` are those in which anything does."""

    singles: tuple[Titled, ...]
    series: tuple[Series, ...]
    years: range


def content_of(ics_text: str, zone: str) -> Content:
    """Raises WindowError with the line."""
    calendars = read_components(ics_text)
    found = [series for calendar in calendars for series in _series_of(calendar, Zones(calendar, zone))]
    if not any(True for calendar in calendars for kind in _FREEZING for _ in calendar.walk(kind)):
        _check_empty(calendars)
    _check_effort(found)
    recurring = tuple(each for each in found if each.rules or each.extra)
    singles = [title for each in found if not (each.rules or each.extra) for title in each.titled(FIRST, LAST)]
    spans = [each.years for each in found]
    years = [year for span in spans for year in (span.start, span.stop)]
    return Content(tuple(sorted(singles)), recurring, range(min(years, default=0), max(years, default=0)))


def _check_empty(calendars: Sequence[CalendarComponent]) -> None:
    """A calendar without any component freezes nothing; one with others only was not written for this."""
    others = [part for calendar in calendars for part in calendar.parts if part.kind != "VTIMEZONE"]
    if others:
        raise WindowError(
            f"line {others[0].line}: it holds {others[0].kind} and no event; what freezes is VEVENT and VFREEBUSY"
        )


def _series_of(calendar: CalendarComponent, zones: Zones) -> list[Series]:
    events = [_Event(each, zones) for each in calendar.walk("VEVENT")]
    alone: dict[str, list[_Event]] = {}
    for event in events:
        if event.uid and event.replaces is None:
            alone.setdefault(event.uid, []).append(event)
    found = []
    for event in events:
        # Where several events share an identity nobody knows which of them is meant: then all of them freeze.
        masters = alone.get(event.uid, []) if event.uid and event.replaces is not None else []
        if len(masters) == 1 and event.change(masters[0].series):
            continue
        if not event.cancelled and (event.series.length or event.series.extra):
            found.append(event.series)
    return [*found, *_busy(calendar, zones)]


class _Event:
    """One VEVENT. Raises WindowError with the line for what cannot be."""

    def __init__(self, event: CalendarComponent, zones: Zones) -> None:
        self._event, self._zones = event, zones
        self.uid = event.text("UID")
        self.title = event.text("SUMMARY")
        self.cancelled = event.text("STATUS").upper() == "CANCELLED"
        self.replaces = event.first("RECURRENCE-ID")
        start, length = self._times()
        self.series = Series(event.line, self.title, start, length)
        self.series.rules = tuple(self._rules(start))
        self.series.extra = tuple(self._extra(start, length))
        for value, written in _values(event.all("EXDATE")):
            self.series.exceptions.add(self._beside(start, written, value), of_days=start.whole)
        if self.series.rules and length.most > LONGEST:
            raise WindowError(f"{self._told()} lasts {length.most.days} days each time; at most {LONGEST.days} can be")

    def change(self, series: Series) -> bool:
        """Have this instance of `series` not take place as planned; False when the event still stands for itself."""
        assert self.replaces is not None
        original = self._beside(series.start, self.replaces, self.replaces.value)
        following = (self.replaces.parameter("RANGE") or "").upper() == "THISANDFUTURE"
        if not following:
            series.exceptions.add(original, of_days=series.start.whole)
            return False
        shift = self.series.start.on(original.zone) - original.wall
        if abs(shift) > LONGEST:
            raise WindowError(
                f"{self._told()} moves all that follow by {shift.days} days; at most {LONGEST.days} can be"
            )
        series.changes.append(Change(original, self.cancelled, shift, self.series.length, self.title))
        series.changes.sort(key=lambda change: change.original.instant)
        return True

    def _told(self, line: int | None = None) -> str:
        return f"line {line or self._event.line}: event {self.title or 'without a name'!r}"

    def _one(self, name: str) -> Property | None:
        found = self._event.all(name)
        if len(found) > 1:
            raise WindowError(f"{self._told(found[1].line)} has two {name}; it has one")
        return found[0] if found else None

    def _times(self) -> tuple[CalendarTime, Length]:
        written = self._one("DTSTART")
        if written is None:
            raise WindowError(f"{self._told()} has no DTSTART; without it nobody knows when it begins")
        start = calendar_time(written, self._zones)
        self._check_year(start, written)
        named = written.parameter("TZID")
        if named and start.zone is UTC and self._event.first("RRULE") and self._zones.named(named, written.line) != UTC:
            raise WindowError(
                f"{self._told(written.line)} recurs in time zone {named!r} and in UTC (Z) at once; it has one of them"
            )
        ends, lasts = self._one("DTEND"), self._one("DURATION")
        lengths = [length_of(lasts.line, lasts.value)] if lasts else []
        if ends:
            end = calendar_time(ends, self._zones)
            if start.floating and not (end.floating or end.whole):
                start = CalendarTime(start.wall, end.zone)  # one zone for both
            length = length_until(start, end)
            if length.most < timedelta():
                raise WindowError(
                    f"{self._told(ends.line)} ends {ends.value}, before it starts {written.value}; it must end later"
                )
            lengths.append(length)
        length = max(lengths, key=lambda each: each.most, default=Length())
        return start, length if length or not start.whole else Length(DAY)

    def _check_year(self, moment: CalendarTime, written: Property) -> None:
        if moment.wall > LAST:
            raise WindowError(
                f"{self._told(written.line)} starts in year {moment.wall.year}; years end with {LAST.year}"
            )

    def _rules(self, start: CalendarTime) -> Iterator[tuple[Rule, datetime]]:
        for each in self._event.all("RRULE"):
            try:
                rule = rule_of(each.value)
                yield (rule.on_days() if start.whole else rule), LAST
            except WindowError as error:
                raise WindowError(f"{self._told(each.line)}: {error}") from error

    def _extra(self, start: CalendarTime, length: Length) -> Iterator[tuple[CalendarTime, Length]]:
        for value, written in _values(self._event.all("RDATE")):
            if "/" in value:
                yield period_of(written, self._zones, value)
                continue
            moment = self._beside(start, written, value)
            self._check_year(moment, written)
            if moment.whole and not start.whole:
                yield moment, Length(DAY)
            elif start.whole and not moment.whole:
                # A time for what is a whole day: its day, on its own clock and on the freeze's.
                for wall in {moment.wall, moment.on(start.zone)}:
                    yield CalendarTime(wall.replace(hour=0, minute=0, second=0), start.zone, whole=True), length
            else:
                yield moment, length

    def _beside(self, start: CalendarTime, written: Property, value: str) -> CalendarTime:
        """A day or time that belongs to the series from `start`: without a zone it is one of the same clock."""
        moment = calendar_time(written, self._zones, value)
        if moment.floating or moment.whole:
            return CalendarTime(moment.wall, start.zone, moment.whole)
        return moment


def _values(properties: Iterable[Property]) -> Iterator[tuple[str, Property]]:
    for written in properties:
        for value in written.value.split(","):
            if value.strip():
                yield value.strip(), written


def _busy(calendar: CalendarComponent, zones: Zones) -> Iterator[Series]:
    """The busy times of VFREEBUSY; one that names none was not written to freeze anything."""
    for part in calendar.walk("VFREEBUSY"):
        times = _values(part.all("FREEBUSY"))
        busy = [each for each in times if (each[1].parameter("FBTYPE") or "").upper() != "FREE"]
        if not busy:
            raise WindowError(f"line {part.line}: VFREEBUSY names no busy time (FREEBUSY); nothing would be frozen")
        for value, written in busy:
            start, length = period_of(written, zones, value)
            yield Series(written.line, part.text("SUMMARY") or "busy", start, length)


def _check_effort(found: Sequence[Series]) -> None:
    """Find where each series ends. Raises WindowError when that, or to follow them for a year, would take too long."""
    effort = 0
    for series in found:
        rules = []
        for rule, most in series.rules:
            last = last_fire(rule, series.start, most)
            if last == LAST:
                until = min(LAST, _years_on(max(series.start.wall, FIRST), PATIENCE))
                begins = next(fires(rule, series.start.wall, max(series.start.wall, FIRST), until), None)
                if begins is None:
                    raise WindowError(
                        f"line {series.line}: event {series.title!r}: rule {rule.text!r} never fires; "
                        "see whether it does with a part left out"
                    )
                years = begins.year - max(series.start.wall, FIRST).year
            else:
                years = last.year - series.start.wall.year if rule.count else 0
            effort += (years + 1) * (12 + most_a_year(rule))
            rules.append((rule, last))
        series.rules = tuple(rules)
        if effort > MOST_EFFORT:
            raise WindowError(f"line {series.line}: the rules up to here take too long to follow; state an UNTIL")
    _check_number(found)


def _years_on(wall: datetime, years: int) -> datetime:
    return wall_time(wall.year + years, 12, 31)


def _check_number(found: Sequence[Series]) -> None:
    changes = [0] * (YEARS.stop + 2)
    for series in found:
        years, number = series.years, series.most_a_year
        changes[min(max(0, years.start), YEARS.stop)] += number
        changes[min(max(0, years.stop), YEARS.stop + 1)] -= number
    most = max(accumulate(changes))
    if most > MOST_A_YEAR:
        raise WindowError(f"its events take place up to {most} times in a year; {MOST_A_YEAR} times are allowed")
