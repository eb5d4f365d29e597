"""Which instant is meant by a time on a wall clock, also on the nights when clocks change?"""

import difflib
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache, lru_cache
from math import ceil
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from deployplan.window.error import WindowError
from deployplan.window.interval import as_utc

YEARS: Final = range(1970, 2200)
"""The years a window or freeze may be stated in; any other is a slip of the pen, and would make look-ups endless."""


def wall_time(year: int, month: int = 1, day: int = 1, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """A wall time, which has no zone until one is named for it. Raises ValueError when there is no such time."""
    return datetime.combine(date(year, month, day), time(hour, minute, second))


@lru_cache(maxsize=256)
def find_zone(name: str) -> ZoneInfo:
    """Return the IANA zone `name`. Raises WindowError, with the nearest names, when there is none."""
    try:
        return ZoneInfo(name)
    # A name may also be a folder ("Europe"), a path that leaves the database, or not text at all.
    except (KeyError, ValueError, OSError, TypeError) as problem:
        raise WindowError(f"there is no time zone {name!r}; {_nearest(str(name))}") from problem


@cache
def zone_names() -> tuple[str, ...]:
    """All IANA zones of this machine, sorted. To find them, hundreds of files are looked at."""
    return tuple(sorted(available_timezones()))


def _nearest(name: str) -> str:
    by_folded = {zone.casefold(): zone for zone in zone_names()}
    folded = name.casefold().replace(" ", "_")
    cities = [zone for key, zone in by_folded.items() if folded and key.rsplit("/", 1)[-1] == folded]
    close = [by_folded[key] for key in difflib.get_close_matches(folded, by_folded, n=3)]
    found = list(dict.fromkeys(cities + close))[:3]
    return f"nearest: {', '.join(found)}" if found else "IANA names look like Europe/Paris or UTC"


def check_year(moment: datetime, what: str) -> datetime:
    """Return `moment` when its year can be meant."""
    if moment.year not in YEARS:
        raise WindowError(f"{what} lies in year {moment.year}; years are {YEARS.start} to {YEARS.stop - 1}")
    return moment


def first_instant(wall: datetime, zone: tzinfo) -> datetime:
    """The first instant, in UTC, at which a clock in `zone` shows `wall`, or the second when its `fold` says so.

    A wall time that is skipped means the first instant after the gap. An aware datetime is the instant it is.
    """
    if wall.tzinfo is not None:
        return as_utc(wall)
    return _skipped_to(wall, zone) or wall.replace(tzinfo=zone).astimezone(UTC)


def last_instant(wall: datetime, zone: tzinfo) -> datetime:
    """The last instant, in UTC, at which a clock in `zone` shows `wall`.

    A wall time that is skipped means the first instant after the gap. An aware datetime is the instant it is.
    """
    if wall.tzinfo is not None:
        return as_utc(wall)
    return _skipped_to(wall, zone) or wall.replace(tzinfo=zone, fold=1).astimezone(UTC)


def _skipped_to(wall: datetime, zone: tzinfo) -> datetime | None:
    """The first instant after the gap in which `wall` lies, or None when the clock does show it."""
    before, after = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (1, 0))
    # Outside a gap fold=0 is never later than fold=1 (PEP 495); inside it, the two lie on either side of the change.
    if before >= after:
        return None
    offset = _offset(after, zone)
    low, high = int(before.timestamp()) - 1, int(after.timestamp()) + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _offset(datetime.fromtimestamp(middle, UTC), zone) == offset else (middle, high)
    return datetime.fromtimestamp(high, UTC)


def _offset(instant: datetime, zone: tzinfo) -> timedelta | None:
    return instant.astimezone(zone).utcoffset()


def local(instant: datetime, zone: str) -> str:
    """`instant` as a clock in `zone` shows it, with the zone's abbreviation: 2026-11-29 02:00 CET."""
    shown = instant.astimezone(find_zone(zone))
    precision = "seconds" if shown.second or shown.microsecond else "minutes"
    return f"{shown.replace(tzinfo=None).isoformat(' ', precision)} {shown:%Z}"


def on_the_clock(instant: datetime | None, otherwise: str = "") -> str:
    """An instant as its own zone's clock shows it, to the minute: 2026-11-28 22:00 CET."""
    return f"{instant:%Y-%m-%d %H:%M %Z}" if instant else otherwise


def spoken(length: timedelta) -> str:
    """A length as people write it, up to the next second: 2d, 1h30m, 45s."""
    seconds = ceil(length.total_seconds())
    parts = []
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m"), (1, "s")):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0m"
