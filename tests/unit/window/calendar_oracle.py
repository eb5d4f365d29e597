"""Calendars that nobody would keep, with the minutes that they freeze, worked out without the code under test."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from rule_oracle import by_dateutil
from window_oracle import ZONES, clock

BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
Stretch = tuple[datetime, datetime]
RULES = (
    "FREQ=DAILY",
    "FREQ=DAILY;INTERVAL=3",
    "FREQ=WEEKLY",
    "FREQ=WEEKLY;BYDAY=MO,FR;INTERVAL=2;WKST=SU",
    "FREQ=WEEKLY;BYDAY=SU,SA",
    "FREQ=MONTHLY",
    "FREQ=MONTHLY;BYDAY=FR,1MO",
    "FREQ=MONTHLY;BYDAY=2TU,-1SU,WE",
    "FREQ=MONTHLY;BYMONTHDAY=-1,15",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    "FREQ=YEARLY",
    "FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU",
    "FREQ=YEARLY;BYDAY=20MO,SA",
    "FREQ=YEARLY;BYWEEKNO=1,43;BYDAY=MO,TH",
    "FREQ=YEARLY;BYYEARDAY=1,-1,298",
)


@dataclass(frozen=True)
class When:
    """A wall time as a file states it: `zone` is a name, `Z`, or nothing; a whole day has no time."""

    wall: datetime
    zone: str = ""
    whole: bool = False

    def written(self, name: str) -> str:
        if self.whole:
            return f"{name};VALUE=DATE:{self.wall:%Y%m%d}"
        zone = f";TZID={self.zone}" if self.zone not in ("", "Z") else ""
        return f"{name}{zone}:{self.wall:%Y%m%dT%H%M%S}{'Z' if self.zone == 'Z' else ''}"

    def clock(self, default: str) -> str:
        return {"": default, "Z": "UTC"}.get(self.zone, self.zone)


@dataclass
class Event:
    """What one VEVENT says, and the instances that others move (to a start, for minutes) or cancel (None)."""

    uid: str
    start: When
    end: tuple[str, timedelta]
    rule: str = ""
    until: str = ""
    count: int = 0
    extra: list[datetime] = field(default_factory=list)
    dropped: list[datetime] = field(default_factory=list)
    moved: dict[datetime, tuple[datetime, int] | None] = field(default_factory=dict)
    cancelled: bool = False

    def lines(self) -> Iterable[str]:
        yield from ("BEGIN:VEVENT", f"UID:{self.uid}", self.start.written("DTSTART"))
        kind, length = self.end
        if kind == "DTEND":
            yield When(self.start.wall + length, self.start.zone, self.start.whole).written("DTEND")
        elif kind == "without zone":
            yield When(self.start.wall + length).written("DTEND")
        elif kind == "DURATION":
            days, rest = length // DAY, length % DAY // timedelta(minutes=1)
            yield "DURATION:P" + (f"{days}D" if days else "") + (f"T{rest}M" if rest else "")
        if self.rule:
            ends = (f";UNTIL={self.until}" if self.until else "") + (f";COUNT={self.count}" if self.count else "")
            yield f"RRULE:{self.rule}{ends}"
        yield from (self._at(wall).written("RDATE") for wall in self.extra)
        yield from (self._at(wall).written("EXDATE") for wall in self.dropped)
        yield from (["STATUS:CANCELLED"] if self.cancelled else [])
        yield "END:VEVENT"
        for original, new in self.moved.items():
            yield from ("BEGIN:VEVENT", f"UID:{self.uid}", self._at(original).written("RECURRENCE-ID"))
            at, minutes = new or (original, 30)
            yield self._at(at).written("DTSTART")
            yield f"DURATION:P{minutes // 1440}D" if self.start.whole else f"DURATION:PT{minutes}M"
            yield from ("END:VEVENT",) if new else ("STATUS:CANCELLED", "END:VEVENT")

    def _at(self, wall: datetime) -> When:
        return When(wall, self.start.zone, self.start.whole)

    def frozen(self, zone: str) -> Iterable[Stretch]:
        """Every stretch of this event, moved instances included."""
        here = self.start.clock(zone)
        kind, length = self.end
        if self.start.whole and not length:
            length = DAY
        walls = {self.start.wall, *self.extra, *self._fired(here)} - {*self.dropped, *self.moved}
        for wall in [] if self.cancelled else sorted(walls):
            start = instant(wall, here, last=False)
            days, rest = (length // DAY * DAY, length % DAY) if kind == "DURATION" else (length, timedelta())
            yield start, (instant(wall + days, here, last=True) if days else start) + rest
        for new in filter(None, self.moved.values()):
            start = instant(new[0], here, last=False)
            if self.start.whole:
                yield start, instant(new[0] + timedelta(minutes=new[1]), here, last=True)
            else:
                yield start, start + timedelta(minutes=new[1])

    def _fired(self, here: str) -> list[datetime]:
        if not self.rule:
            return []
        fired = by_dateutil(self.rule, self.start.wall, END.replace(tzinfo=None) + DAY)
        if self.count:
            return fired[: self.count]
        if not self.until:
            return fired
        if len(self.until) == 8:
            last = datetime.combine(datetime.fromisoformat(self.until).date(), time.max)
        elif self.until.endswith("Z"):
            last = datetime.fromisoformat(self.until).astimezone(ZoneInfo(here)).replace(tzinfo=None)
        else:
            last = datetime.fromisoformat(self.until)
        return [wall for wall in fired if wall <= last]


@lru_cache(maxsize=100_000)
def instant(wall: datetime, zone: str, *, last: bool) -> datetime:
    """The first, or last, minute at which a clock shows a time, read from the clock where its offset changes."""
    tz = ZoneInfo(zone)
    before, after = ((wall.replace(tzinfo=UTC) + side).astimezone(tz).utcoffset() for side in (-2 * DAY, 2 * DAY))
    assert before is not None
    if before == after:
        return (wall - before).replace(tzinfo=UTC)
    begin = datetime.combine(wall.date(), time(), UTC) - 2 * DAY
    read = clock(zone, begin, 5 * 1440)
    return begin + timedelta(minutes=(read.last_minute_showing if last else read.first_minute_showing)(wall))


def joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """The same time without overlaps, between BEGIN and END."""
    found: list[Stretch] = []
    for start, end in sorted(stretches):
        start, end = max(start, BEGIN), min(end, END)
        if start >= end:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def a_calendar(rng: random.Random) -> tuple[str, str, list[Stretch]]:
    """A calendar file, the zone of its freeze and when it freezes."""
    zone = rng.choice(ZONES)
    events = [_event(rng, number) for number in range(rng.randint(1, 5))]
    if len(events) > 1 and not any(event.moved for event in events) and rng.random() < 0.3:
        for event in events:
            event.uid = rng.choice(("", "same"))
    blocks = ["\r\n".join(event.lines()) for event in events]
    rng.shuffle(blocks)
    stated = rng.choice(ZONES) if rng.random() < 0.2 else ""
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", *([f"X-WR-TIMEZONE:{stated}"] if stated else [])]
    text = "\r\n".join([*head, *blocks, "END:VCALENDAR", ""])
    floats = stated or zone
    frozen = [
        stretch
        for event in events
        for stretch in event.frozen(zone if event.start.whole else floats)
        if stretch[0] < stretch[1]
    ]
    return text, zone, joined(frozen)


def _event(rng: random.Random, number: int) -> Event:
    day = date(2025, 11, 1) + rng.randint(0, 450) * DAY
    whole = rng.random() < 0.4
    at = time() if whole else time(rng.randint(0, 23), rng.choice((0, 15, 30, 45)))
    start = When(datetime.combine(day, at), "" if whole else rng.choice(("", "Z", *ZONES)), whole)
    if whole:
        end = rng.choice(
            (("none", timedelta()), ("DTEND", rng.randint(0, 9) * DAY), ("DURATION", rng.randint(1, 9) * DAY))
        )
    else:
        length = timedelta(minutes=15 * rng.randint(1, 60)) + rng.choice((0, 0, 0, 1, 5)) * DAY
        end = (rng.choice(("DTEND", "DURATION", "without zone")), length)
    event = Event(f"{number}@test", start, end, cancelled=rng.random() < 0.05)
    if rng.random() < 0.65:
        _recurring(rng, event)
    return event


def _recurring(rng: random.Random, event: Event) -> None:
    event.rule = rng.choice(RULES)
    start = event.start
    until = start.wall + timedelta(minutes=15 * rng.randint(0, 500 * 96))
    # For whole days a time is only written as midnight on the day's own clock, which is a date in other words.
    ends = rng.choice(
        ("never", "count", "date", "date") if start.whole else ("never", "count", "date", "wall", "instant")
    )
    if ends == "count":
        event.count = rng.randint(1, 40)
    elif ends != "never":
        event.until = f"{until:%Y%m%d}" + {"date": "", "wall": f"T{until:%H%M%S}", "instant": f"T{until:%H%M%S}Z"}[ends]
    event.extra = [start.wall + rng.randint(1, 300) * DAY for _ in range(rng.randint(0, 2))]
    fired = by_dateutil(event.rule, start.wall, start.wall + 200 * DAY)[: event.count or None]
    if not fired or event.until:
        return
    event.dropped = rng.sample(fired, min(len(fired), rng.randint(0, 3)))
    for wall in rng.sample(fired, min(len(fired), rng.randint(0, 2))):
        shift = rng.randint(-5, 5) * DAY + (
            timedelta() if start.whole else timedelta(minutes=15 * rng.randint(-20, 20))
        )
        minutes = 1440 * rng.randint(1, 3) if start.whole else 15 * rng.randint(1, 20)
        event.moved[wall] = None if rng.random() < 0.3 else (wall + shift, minutes)
