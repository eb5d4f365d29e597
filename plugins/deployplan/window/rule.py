"""At which wall times does an RFC 5545 recurrence rule fire?"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, tzinfo
from itertools import islice
from math import prod

from deployplan.window.error import WindowError

FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY")
EXAMPLE = "FREQ=WEEKLY;BYDAY=SA"
MOST_A_DAY = 96
YEARS_AHEAD = 100
"""A rule is followed this many years from its first day: enough for a leap day on a Monday, and never endless."""

_UNTIL = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?", re.IGNORECASE)


def starts(rule: str, first: datetime, zone: tzinfo) -> Iterator[datetime]:
    """The wall times at which `rule` fires, in order, none before `first`. Raises WindowError for a rule it cannot read.

    `first` fires only when the rule says so too. An UNTIL that is a date includes that whole day.
    """
    from dateutil.rrule import rrulestr  # type: ignore[import-untyped]  # lazy: DAG files that need no rule are spared it

    parts = _parts(rule)
    # COUNT and UNTIL are kept from the library: it would loop for ever over the first when a rule never fires,
    # and it takes a date without a time for the midnight at which that day begins.
    last = _last(parts.pop("UNTIL", None), first, zone)
    count = _number(parts, "COUNT", range(1, 100_001))
    _number(parts, "INTERVAL", range(1, 1001))
    parts.pop("COUNT", None)
    text = ";".join(f"{key}={value}" for key, value in parts.items())
    try:
        fires = rrulestr(text, dtstart=first).replace(until=last)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as problem:
        raise WindowError(f"rule {rule!r} cannot be read: {problem}; a rule looks like {EXAMPLE}") from problem
    yield from islice(fires, count)


def _parts(rule: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in rule.strip().removeprefix("RRULE:").split(";") if part]
    parts = {key.strip().upper(): value.strip().upper() for key, _, value in pairs}
    if parts.get("FREQ") not in FREQUENCIES:
        raise WindowError(f"rule {rule!r} needs one FREQ of {', '.join(FREQUENCIES)}, as in {EXAMPLE}")
    if len(parts) != len(pairs) or not all(parts.values()):
        raise WindowError(f"rule {rule!r} is not a list of different KEY=VALUE parts, as in {EXAMPLE}")
    if {"COUNT", "UNTIL"} <= parts.keys():
        raise WindowError(f"rule {rule!r} has both COUNT and UNTIL; RFC 5545 allows one of them")
    a_day = prod(parts.get(key, "").count(",") + 1 for key in ("BYHOUR", "BYMINUTE", "BYSECOND"))
    if a_day > MOST_A_DAY:
        raise WindowError(f"rule {rule!r} fires {a_day} times a day; {MOST_A_DAY} times are allowed")
    return parts


def _number(parts: dict[str, str], key: str, allowed: range) -> int | None:
    value = parts.get(key)
    if value is None:
        return None
    if not value.isdecimal() or int(value) not in allowed:
        raise WindowError(f"{key}={value} is not a whole number from {allowed.start} to {allowed.stop - 1}")
    return int(value)


def _last(until: str | None, first: datetime, zone: tzinfo) -> datetime:
    """The last wall time the rule may fire at."""
    most = first.replace(year=first.year + YEARS_AHEAD, day=min(first.day, 28))
    if until is None:
        return most
    found = _UNTIL.fullmatch(until)
    if found is None:
        raise WindowError(f"UNTIL={until} is no date; it looks like 20261231 or 20261231T220000Z")
    try:
        day = datetime.strptime(found[1], "%Y%m%d")
        if found[2] is None:
            return min(most, datetime.combine(day, time.max))
        last = datetime.strptime(found[1] + found[2], "%Y%m%d%H%M%S")
    except ValueError as problem:
        raise WindowError(f"UNTIL={until} is no date: {problem}") from problem
    wall = last.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None) if found[3] else last
    return min(most, wall)
