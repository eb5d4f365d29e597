"""Recurring: the stretches of time that begin where an RFC 5545 rule says, on the wall clock of a zone."""

import threading
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from functools import lru_cache

from deployplan.window.error import WindowError
from deployplan.window.interval import Interval
from deployplan.window.once import Edge
from deployplan.window.rule_days import starts
from deployplan.window.wall_time import check_year, find_zone, first_instant, spoken

NOTHING = timedelta()
DAY = timedelta(days=1)
LONGEST = timedelta(days=366)
PATIENCE = 40
"""Years in which a rule must fire for the first time: a leap day on a Monday may take that long, nothing longer."""


@dataclass(frozen=True, slots=True)
class Recurring:
    """A rule evaluated in wall time, so that 22:00 stays 22:00 all year.

    Whole days of `duration` are calendar days and the rest is time that passes, as in RFC 5545: `1d` from midnight ends
    at midnight also on a day of 23 hours, `4h` are four hours in every night. Instead of a duration `until` may name
    the wall time at which each ends, when the clock shows it next. `plus` puts each that much later, by the calendar:
    the Sunday after the fourth Monday.
    """

    rule: str
    first: datetime
    duration: timedelta | None
    zone: str
    ending: Edge
    until: time | None = None
    plus: timedelta = NOTHING

    def between(self, start: datetime, end: datetime) -> Iterator[Interval]:
        return _unrolled(self).between(start, end)

    def last_before(self, instant: datetime) -> datetime | None:
        """When this last ended at or before `instant`."""
        return _unrolled(self).last_before(instant)

    def label(self, instant: datetime) -> str:
        return ""

    @property
    def settled(self) -> datetime | None:
        return None

    def intervals(self) -> Iterator[Interval]:
        """All occurrences in order; computed anew, so ask `between`."""
        zone = find_zone(self.zone)
        for fired in starts(self.rule, self.first, zone):
            wall = fired + self.plus
            opens = first_instant(wall, zone)
            closes = self._closes(wall, opens, zone)
            if opens < closes:  # a day that the zone skipped altogether is empty
                yield Interval(opens, closes)

    def _closes(self, wall: datetime, opens: datetime, zone: tzinfo) -> datetime:
        if self.until is not None:
            end = datetime.combine(wall.date(), self.until)
            return self.ending(end if end > wall else end + DAY, zone)
        assert self.duration is not None
        days, rest = self.duration // DAY, self.duration % DAY
        return (self.ending(wall + days * DAY, zone) if days else opens) + rest


def recurring(
    rule: str,
    first: datetime,
    duration: timedelta | None,
    zone: str,
    *,
    ending: Edge,
    until: time | None = None,
    plus: timedelta = NOTHING,
) -> Recurring:
    """Raises WindowError when the zone is unknown, the length cannot be, or the rule cannot be read or never fires."""
    find_zone(zone)
    if check_year(first, "first").tzinfo is not None:
        raise WindowError(f"first is a wall time and takes no offset: {first}; its zone is given by name")
    _check_length(duration, until, plus)
    times = Recurring(rule, first.replace(fold=0), duration, zone, ending, until, plus)
    if next(starts(rule, first, find_zone(zone), within=PATIENCE), None) is None:
        raise WindowError(f"rule {rule!r} never fires from {first} on; see whether it does with a part left out")
    return times


def _check_length(duration: timedelta | None, until: time | None, plus: timedelta) -> None:
    if duration is None and until is None:
        raise WindowError("duration is missing; state duration: 4h, or until: 06:00 for a time on the clock")
    if duration is not None and until is not None:
        raise WindowError(
            f"until {until:%H:%M} and duration {spoken(duration)} both say when it ends; state one of them"
        )
    if duration is not None and not timedelta(0) < duration <= LONGEST:
        written = f"-{spoken(-duration)}" if duration < timedelta(0) else spoken(duration)
        raise WindowError(f"duration {written} cannot be; it is more than 0m and at most {spoken(LONGEST)}")
    if not timedelta(0) <= plus <= LONGEST or plus % DAY:
        raise WindowError(f"plus {spoken(plus)} cannot be; it is whole days, as in 6d, and at most {spoken(LONGEST)}")


class Unrolled:
    """The occurrences of one rule, computed as far as anybody has asked. Safe to share between threads."""

    def __init__(self, source: Iterator[Interval]) -> None:
        self._source = source
        self._known: list[Interval] = []
        self._ends: list[datetime] = []
        self._growing = threading.Lock()

    def between(self, start: datetime, end: datetime) -> Iterator[Interval]:
        index = self._first_ending_after(start)
        while index < len(self._known) or self._grow(index):
            occurrence = self._known[index]
            if occurrence.start >= end:
                return
            yield occurrence
            index += 1

    def last_before(self, instant: datetime) -> datetime | None:
        index = self._first_ending_after(instant)
        return self._ends[index - 1] if index else None

    def _first_ending_after(self, instant: datetime) -> int:
        while not self._ends or self._ends[-1] <= instant:
            if not self._grow(len(self._known)):
                break
        # Starts are in order and so are ends, because both come from ordered wall times.
        return bisect_right(self._ends, instant)

    def _grow(self, index: int) -> bool:
        """Compute occurrence number `index`, unless another thread has meanwhile; False when there is none."""
        with self._growing:
            if index < len(self._known):
                return True
            occurrence = next(self._source, None)
            if occurrence is None:
                return False
            self._known.append(occurrence)
            self._ends.append(occurrence.end)
            return True


@lru_cache(maxsize=2048)
def _unrolled(times: Recurring) -> Unrolled:
    return Unrolled(times.intervals())
