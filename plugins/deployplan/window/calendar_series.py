"""When an event of a calendar takes place: once or again and again, with its exceptions."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Final

from deployplan.window.calendar_value import DAY, CalendarTime, Length
from deployplan.window.interval import FOREVER, Interval
from deployplan.window.rule import Rule
from deployplan.window.rule_days import fires, most_a_year
from deployplan.window.wall_time import YEARS, last_instant, wall_time
from deployplan.window.yearly import Titled

FIRST: Final = wall_time(YEARS.start)
LAST: Final = wall_time(YEARS.stop - 1, 12, 31, 23, 59, 59)
"""The wall times between which anything is looked for."""


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of an instance and all that follow: they move by `shift` and last `length`, or are cancelled."""

    original: CalendarTime
    cancelled: bool
    shift: timedelta
    length: Length
    title: str


@dataclass(slots=True)
class Exceptions:
    """The instances that do not take place: by their instant, or by their day."""

    instants: set[datetime] = field(default_factory=set)
    days: set[date] = field(default_factory=set)

    def add(self, moment: CalendarTime, *, of_days: bool) -> None:
        """Except the instance at `moment`; `of_days` says whether its series is one of whole days."""
        if moment.whole:
            self.days.add(moment.wall.date())
        else:
            self.instants.add(moment.instant)
            # Midnight stands for the day, on whichever clock it was written.
            if of_days and moment.wall.time() == datetime.min.time():
                self.days.add(moment.wall.date())

    def hold(self, instance: CalendarTime) -> bool:
        return bool(self.days or self.instants) and (
            instance.wall.date() in self.days or instance.instant in self.instants
        )


@dataclass(slots=True)
class Occurrence:
    """One time at which an event takes place."""

    start: CalendarTime
    length: Length
    title: str

    @property
    def end(self) -> datetime:
        """The instant at which it ends, FOREVER where that lies beyond all years."""
        return end_of(self.start, self.length)


def end_of(start: CalendarTime, length: Length) -> datetime:
    """The last instant at which the clock shows the end, so that a freeze is never shorter than the clock says."""
    try:
        wall = start.wall + length.wall
        if wall > LAST:
            return FOREVER
        return (last_instant(wall, start.zone) if length.wall else start.instant) + length.passing
    except OverflowError:
        return FOREVER


@dataclass(slots=True)
class Series:
    """An event with all its instances. `rules` come with the last wall time at which each may fire."""

    line: int
    title: str
    start: CalendarTime
    length: Length
    rules: tuple[tuple[Rule, datetime], ...] = ()
    extra: tuple[tuple[CalendarTime, Length], ...] = ()
    exceptions: Exceptions = field(default_factory=Exceptions)
    changes: list[Change] = field(default_factory=list)
    """Those that go for all that follow, in order of the instance with which they begin."""

    def titled(self, begin: datetime, end: datetime) -> Iterator[Titled]:
        """The same as stretches of time; what has no length is none."""
        for each in self.occurrences(begin, end):
            starts, ends = each.start.instant, each.end
            if starts < ends:
                yield Titled(Interval(starts, ends), each.title)

    def occurrences(self, begin: datetime, end: datetime) -> Iterator[Occurrence]:
        """Those that may share an instant with the wall times from `begin` to `end`, and perhaps a few more."""
        reach = self.reach
        seen: set[datetime] = set()
        early = begin - reach if begin - FIRST > reach else FIRST
        for moment, length in self._instances(early, min(end + self._back, LAST)):
            # The same time twice, as by two rules, is one instance.
            if moment.wall in seen and length == self.length:
                continue
            seen.add(moment.wall)
            found = self._changed(moment, length)
            if found is not None:
                yield found

    @property
    def reach(self) -> timedelta:
        """How long before a time an instance may begin, or have been planned, that holds then."""
        longest = max([self.length.most, *(each.length.most for each in self.changes)])
        return longest + max([timedelta(), *(each.shift for each in self.changes)]) + 2 * DAY

    @property
    def _back(self) -> timedelta:
        return max([timedelta(), *(-each.shift for each in self.changes)]) + 2 * DAY

    @property
    def years(self) -> range:
        """The years in which it may take place."""
        lasts = [last.year for _, last in self.rules]
        years = [self.start.wall.year, *(moment.wall.year for moment, _ in self.extra)]
        ends = [end_of(self.start, self.length).year, *(end_of(*each).year for each in self.extra), *lasts]
        extra = (self.reach + self._back).days // 365 + 1 if self.rules else 1
        return range(min(years) - extra, min(max([*years, *ends]) + extra, YEARS.stop) + 1)

    @property
    def most_a_year(self) -> int:
        """A bound on the instances that are looked at for a year."""
        lookback = 1 + (self.reach + self._back) // timedelta(days=365)
        return lookback * sum(most_a_year(rule) for rule, _ in self.rules)

    def _instances(self, begin: datetime, end: datetime) -> Iterator[tuple[CalendarTime, Length]]:
        # The event's own start is its first instance, whatever its rules say.
        yield self.start, self.length
        yield from self.extra
        for rule, last in self.rules:
            for wall in fires(rule, self.start.wall, begin, min(end, last)):
                yield CalendarTime(wall, self.start.zone, self.start.whole), self.length

    def _changed(self, moment: CalendarTime, length: Length) -> Occurrence | None:
        """The instance as it takes place, or None when it does not."""
        if self.exceptions.hold(moment):
            return None
        change = None
        for each in self.changes:
            if moment.instant >= each.original.instant:
                change = each
        if change is None:
            return Occurrence(moment, length, self.title)
        if change.cancelled:
            return None
        moved = CalendarTime(moment.wall + change.shift, moment.zone, moment.whole)
        return Occurrence(moved, change.length, change.title)


def last_fire(rule: Rule, start: CalendarTime, most: datetime) -> datetime:
    """The last wall time at which a rule may fire, by its UNTIL and COUNT, not after `most`."""
    last = rule.last(start.zone)
    if last is None:
        last = most
    elif start.whole and rule.until and len(rule.until) > 8:
        # Of a whole day UNTIL means the day, whether on the clock on which it was written or on the freeze's.
        last = max(last, datetime.fromisoformat(rule.until[:8])).replace(hour=0, minute=0, second=0)
    last = min(last, most)
    if rule.count is None:
        return last
    fired = list(islice(fires(rule, start.wall, start.wall, last), rule.count))
    return fired[-1] if fired else start.wall
