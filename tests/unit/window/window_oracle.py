"""The slow truth: clocks read minute by minute. Shares nothing with the code under test but the zone database."""

import random
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

from deployplan.window import Freeze, ReleaseWindow

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
ZONES = (
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "America/Santiago",
    "Europe/Paris",
    "America/New_York",
    "UTC",
    "Asia/Tehran",
    "Pacific/Apia",
)


@dataclass(frozen=True)
class Once:
    """One stretch between two wall times; end None = no known end."""

    start: datetime
    end: datetime | None
    zone: str


@dataclass(frozen=True)
class Weekly:
    """The same wall time on some weekdays (0 = Monday), for whole days, for minutes that pass, or `until` a wall time.

    `plus` puts each that many days later.
    """

    weekdays: tuple[int, ...]
    at: time
    minutes: int
    first: date
    zone: str
    until: time | None = None
    plus: int = 0


Spec = Once | Weekly


class Clock:
    """What a clock shows at each minute of [begin, begin + minutes)."""

    def __init__(self, zone: str, begin: datetime, minutes: int) -> None:
        tz = ZoneInfo(zone)
        self.readings = [(begin + number * MINUTE).astimezone(tz).replace(tzinfo=None) for number in range(minutes)]
        self._highest_so_far = list(accumulate(self.readings, max))
        self._lowest_from_here = list(accumulate(reversed(self.readings), min))[::-1]

    def first_minute_showing(self, wall: datetime) -> int:
        """The first minute at which the clock shows `wall` or later."""
        return bisect_left(self._highest_so_far, wall)

    def last_minute_showing(self, wall: datetime) -> int:
        """The last minute at which the clock shows `wall`, or the one at which it jumps past it for good."""
        later = bisect_right(self._lowest_from_here, wall)
        return later - 1 if later and self.readings[later - 1] == wall else later


@lru_cache(maxsize=8)
def clock(zone: str, begin: datetime, minutes: int) -> Clock:
    return Clock(zone, begin, minutes)


@dataclass
class Truth:
    """For each minute: is it free, where does that free stretch end, and when may work of `need` minutes start?"""

    begin: datetime
    minutes: int
    windows: Sequence[Spec]
    freezes: Sequence[Spec]
    need: int

    def __post_init__(self) -> None:
        inside = [not self.windows] * self.minutes
        for window in self.windows:
            self._mark(inside, window, freeze=False, value=True)
        for freeze in self.freezes:
            self._mark(inside, freeze, freeze=True, value=False)
        self.free = inside
        self.end: list[int] = [0] * self.minutes
        self.next_open: list[int | None] = [None] * self.minutes
        end, upcoming = self.minutes, None
        for minute in range(self.minutes - 1, -1, -1):
            if not inside[minute]:
                end = minute
            self.end[minute] = end
            if inside[minute] and minute + self.need <= end:
                upcoming = minute
            self.next_open[minute] = upcoming

    def may_start(self, minute: int, seconds: int = 0) -> bool:
        return self.free[minute] and (minute + self.need) * 60 + seconds <= self.end[minute] * 60

    def at(self, minute: int) -> datetime:
        return self.begin + minute * MINUTE

    def _mark(self, inside: list[bool], spec: Spec, *, freeze: bool, value: bool) -> None:
        shown = clock(spec.zone, self.begin, self.minutes)
        ending = shown.last_minute_showing if freeze else shown.first_minute_showing
        stretches = []
        if isinstance(spec, Once):
            start = shown.first_minute_showing(spec.start)
            stretches.append((start, self.minutes if spec.end is None else ending(spec.end)))
        else:
            day = shown.readings[0].date() - 20 * DAY
            while day <= shown.readings[-1].date():
                if day >= spec.first and day.weekday() in spec.weekdays:
                    wall = datetime.combine(day + spec.plus * DAY, spec.at)
                    start = shown.first_minute_showing(wall)
                    if spec.until is not None:
                        later = DAY if spec.until <= spec.at else timedelta()
                        end = ending(datetime.combine(wall.date() + later, spec.until))
                        stretches.append((start, end))
                        day += DAY
                        continue
                    days, rest = divmod(spec.minutes, 1440)
                    stretches.append((start, (ending(wall + days * DAY) if days else start) + rest))
                day += DAY
        for start, end in stretches:
            stop = max(start, min(end, self.minutes))
            inside[start:stop] = [value] * (stop - start)


def as_window(spec: Spec, name: str) -> ReleaseWindow:
    if isinstance(spec, Once):
        assert spec.end is not None
        return ReleaseWindow.once(name, spec.start, spec.end, spec.zone)
    return ReleaseWindow.recurring(name, _rule(spec), *_first(spec), until=spec.until, plus=spec.plus * DAY)


def as_freeze(spec: Spec, name: str) -> Freeze:
    if isinstance(spec, Once):
        return Freeze.once(name, spec.start, spec.end, spec.zone)
    return Freeze.recurring(name, _rule(spec), *_first(spec), until=spec.until, plus=spec.plus * DAY)


def _rule(spec: Weekly) -> str:
    return "FREQ=WEEKLY;BYDAY=" + ",".join(WEEKDAYS[day] for day in spec.weekdays)


def _first(spec: Weekly) -> tuple[datetime, timedelta | None, str]:
    return datetime.combine(spec.first, spec.at), None if spec.until else timedelta(minutes=spec.minutes), spec.zone


def changes(zone: str, year: int) -> list[datetime]:
    """The instants of a year, to the hour before, at which clocks in `zone` change."""
    tz, hour = ZoneInfo(zone), timedelta(hours=1)

    def offset(instant: datetime) -> timedelta | None:
        return instant.astimezone(tz).utcoffset()

    days = [datetime(year, 1, 1, tzinfo=UTC) + number * DAY for number in range(365)]
    eventful = [day for day in days if offset(day) != offset(day + DAY)]
    hours = [day + number * hour for day in eventful for number in range(24)]
    return [before for before in hours if offset(before) != offset(before + hour)]


def random_specs(rng: random.Random, middle: datetime, zone: str) -> tuple[list[Spec], list[Spec]]:
    """Some windows and freezes around the UTC instant `middle`, on quarter hours, mostly in `zone`."""
    near = middle.astimezone(ZoneInfo(zone)).replace(tzinfo=None, minute=0, second=0)

    def some(*, freeze: bool) -> Spec:
        where = zone if rng.random() < 0.8 else rng.choice(ZONES)
        start = near + timedelta(minutes=15 * rng.randint(-96, 96))
        length = 15 * rng.randint(1, 40)
        if rng.random() < 0.6:
            endless = freeze and rng.random() < 0.1
            return Once(start, None if endless else start + timedelta(minutes=length), where)
        weekdays = tuple(sorted(rng.sample(range(7), rng.randint(1, 7))))
        if rng.random() < 0.3:
            length = 1440 * rng.randint(1, 2) + rng.choice((0, 0, 90))
            # What never lets go is followed for two years at every question: right, but slow, so it is rare here.
            weekdays = weekdays if rng.random() < 0.1 else weekdays[:2]
        first = start.date() - timedelta(days=rng.randint(0, 30))
        until = time(rng.randint(0, 23), 15 * rng.randint(0, 3)) if rng.random() < 0.4 else None
        return Weekly(weekdays, start.time(), length, first, where, until, rng.choice((0, 0, 1, 6)))

    windows = [some(freeze=False) for _ in range(rng.randint(0, 4))]
    return windows, [some(freeze=True) for _ in range(rng.randint(0, 4))]
