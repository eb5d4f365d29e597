"""Which clock does a calendar file mean? IANA and Windows names, and zones that the file defines itself."""

import re
from bisect import bisect_right
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from itertools import islice
from typing import Final

from deployplan.window.calendar_text import CalendarComponent
from deployplan.window.error import WindowError
from deployplan.window.rule import rule_of
from deployplan.window.rule_days import fires
from deployplan.window.wall_time import YEARS, find_zone, wall_time

_OFFSET = re.compile(r"([+-])(\d\d)(\d\d)(\d\d)?", re.ASCII)
_DISPLAYED = re.compile(r"\((UTC|GMT)[^)]{0,8}\)", re.IGNORECASE)
_MOST_SHOWN: Final = 80
_MOST_CHANGES: Final = 2000
"""The changes of clocks in 230 years, twice a year and then some."""


class Zones:
    """The zones of one calendar; `of_days` is where its whole days begin."""

    def __init__(self, calendar: CalendarComponent, zone: str) -> None:
        self.of_days: tzinfo = find_zone(zone)
        self._defined = {_name(each): each for each in calendar.walk("VTIMEZONE")}
        self._known: dict[str, tzinfo] = {}
        self._stated = next((each for each in calendar.all("X-WR-TIMEZONE") if each.value.strip()), None)

    @property
    def floating(self) -> tzinfo:
        """Where times without a zone are meant: the calendar's X-WR-TIMEZONE, else where its days begin."""
        stated = self._stated
        return self.named(stated.value.strip().strip('"'), stated.line) if stated else self.of_days

    def named(self, name: str, line: int) -> tzinfo:
        """Return the zone of a TZID. Raises WindowError with the line when nobody knows it."""
        found = self._known.get(name)
        if found is None:
            try:
                found = self._known[name] = self._found(name)
            except WindowError as error:
                raise WindowError(f"line {line}: {error}") from error
        return found

    def _found(self, name: str) -> tzinfo:
        known = _iana(name) or _of_windows(name)
        if known is not None:
            return known
        defined = self._defined.get(name)
        if defined is None:
            raise WindowError(_unknown(name))
        return _iana(defined.text("X-LIC-LOCATION")) or DefinedZone(defined)


def _unknown(name: str) -> str:
    """What is wrong with a name that no table has, and what would be right."""
    shown = name if len(name) <= _MOST_SHOWN else f"{name[:_MOST_SHOWN]}…"
    if _DISPLAYED.match(name):
        return (
            f"there is no time zone {shown!r}: that is what Windows shows of one, and the file has no VTIMEZONE of "
            "this name; export it with its time zones, or write its name, as W. Europe Standard Time or Europe/Paris"
        )
    try:
        find_zone(name)
    except WindowError as error:
        if len(name) <= _MOST_SHOWN:
            return f"{error}; the file has no VTIMEZONE of this name either"
    return f"there is no time zone {shown!r}; IANA names look like Europe/Paris or UTC"


def _name(zone: CalendarComponent) -> str:
    found = zone.first("TZID")
    return found.value.strip().strip('"') if found else ""


def _iana(name: str) -> tzinfo | None:
    """A zone of the IANA database, also by the end of a path: `/freeassociation.sourceforge.net/Europe/Paris`."""
    parts = name.strip("/").split("/")
    # One word may be a city, a country or a program's own name; a path is looked up by its last three or two parts.
    tails = [name, *("/".join(parts[-many:]) for many in (3, 2) if len(parts) > many)]
    for tail in filter(None, tails):
        if tail.upper() in ("UTC", "Z", "GMT"):
            return UTC
        try:
            return find_zone(tail)
        except WindowError:
            continue
    return None


def _of_windows(name: str) -> tzinfo | None:
    """The zone that the Unicode project (CLDR) gives for a Windows name: `W. Europe Standard Time`."""
    found = _windows_names().get(" ".join(name.split()).casefold())
    return find_zone(found) if found else None


@cache
def _windows_names() -> dict[str, str]:
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    return {name.casefold(): zone for name, zone in WINDOWS_TO_OLSON.items()}


class DefinedZone(tzinfo):
    """A zone by its VTIMEZONE: from which instants on which offset holds. Raises WindowError with the line."""

    def __init__(self, defined: CalendarComponent) -> None:
        self._name = _name(defined)
        changes: list[tuple[datetime, timedelta, timedelta]] = []
        for observance in [*defined.walk("STANDARD"), *defined.walk("DAYLIGHT")]:
            changes += _changes(observance)
        if not changes:
            raise WindowError(f"time zone {self._name!r} of line {defined.line} has no STANDARD and no DAYLIGHT")
        changes.sort()
        self._before = changes[0][1]
        self._instants = [instant for instant, _, _ in changes]
        self._offsets = [offset for _, _, offset in changes]
        earlier = [self._before, *self._offsets]
        # By the first reading of a wall time that is shown twice or skipped, and by the second (PEP 495).
        self._walls = tuple(
            [
                instant + choose(before, after)
                for instant, before, after in zip(self._instants, earlier, self._offsets, strict=False)
            ]
            for choose in (max, min)
        )

    def utcoffset(self, moment: datetime | None) -> timedelta:
        if moment is None:
            return self._before
        index = bisect_right(self._walls[moment.fold], moment.replace(tzinfo=None, fold=0))
        return self._offsets[index - 1] if index else self._before

    def dst(self, moment: datetime | None) -> timedelta:
        return timedelta(0)

    def tzname(self, moment: datetime | None) -> str:
        return self._name

    def fromutc(self, moment: datetime) -> datetime:
        instant = moment.replace(tzinfo=None)
        shown = instant + self._at(instant)
        again = self.utcoffset(shown) != self._at(instant)
        return shown.replace(tzinfo=self, fold=int(again))

    def _at(self, instant: datetime) -> timedelta:
        """The offset that holds at an instant, given in UTC without zone."""
        index = bisect_right(self._instants, instant)
        return self._offsets[index - 1] if index else self._before


def _changes(observance: CalendarComponent) -> list[tuple[datetime, timedelta, timedelta]]:
    """The instants (UTC, without zone) at which an observance begins, with the offsets before and from then on."""
    before, after = (_offset(observance, name) for name in ("TZOFFSETFROM", "TZOFFSETTO"))
    start = observance.first("DTSTART")
    try:
        first = datetime.fromisoformat(start.value.strip().rstrip("Zz")) if start else None
    except ValueError:
        first = None
    if first is None or first.tzinfo is not None:
        raise WindowError(f"the {observance.kind} of line {observance.line} has no DTSTART like 20261025T030000")
    walls = [first]
    for each in observance.all("RRULE"):
        rule = rule_of(each.value)
        if rule.freq != "YEARLY":
            raise WindowError(f"the clocks of line {each.line} change by rule {each.value!r}; it has FREQ=YEARLY")
        begin = max(first, wall_time(YEARS.start - 1))
        last = wall_time(YEARS.stop - 1, 12, 31)
        until = rule.last(UTC)
        if until is not None:
            last = min(last, until + before if rule.until and rule.until.endswith("Z") else until)
        walls += islice(fires(rule, first, first if rule.count else begin, last), min(rule.count or _MOST_CHANGES, 500))
    for each in observance.all("RDATE"):
        for value in each.value.split(",")[:_MOST_CHANGES]:
            try:
                walls.append(datetime.fromisoformat(value.strip().partition("/")[0].rstrip("Zz")))
            except ValueError:
                raise WindowError(
                    f"line {each.line}: RDATE:{value[:40]} is no time; it looks like 20261025T030000"
                ) from None
    return [(wall - before, before, after) for wall in walls[:_MOST_CHANGES]]


def _offset(observance: CalendarComponent, name: str) -> timedelta:
    written = observance.first(name)
    match = _OFFSET.fullmatch(written.value.strip()) if written else None
    if match is None:
        raise WindowError(f"the {observance.kind} of line {observance.line} has no {name} like +0100")
    hours, minutes, seconds = int(match[2]), int(match[3]), int(match[4] or 0)
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if offset >= timedelta(hours=24):
        raise WindowError(
            f"the {observance.kind} of line {observance.line} has {name}:{match[0]}; it is less than a day"
        )
    return -offset if match[1] == "-" else offset
