"""At which wall times does an RFC 5545 recurrence rule fire?"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, tzinfo
from itertools import islice
from math import prod

from deployplan.window.error import WindowError
from deployplan.window.wall_time import YEARS

FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY")
DAY_PARTS = {"BYMONTHDAY", "BYDAY"}
EXAMPLE = "FREQ=WEEKLY;BYDAY=SA"
MOST_A_DAY = 96
_UNTIL = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?", re.IGNORECASE)


def starts(rule: str, first: datetime, zone: tzinfo, *, within: int = len(YEARS)) -> Iterator[datetime]:
    """The wall times at which `rule` fires in the `within` years from `first` on, in order.

    `first` itself fires only when the rule says so too. An UNTIL that is a date includes that whole day. Raises
    WindowError for a rule that cannot be read.
    """
    from dateutil.rrule import rrule, rrulestr  # here, so that DAG files without rules are spared it

    parts = _parts(rule)
    # COUNT and UNTIL are kept from the library: with the first alone it would search until the year 9999, and the
    # second it takes, when it is a date, for the midnight at which that day begins.
    last = _last(parts.pop("UNTIL", None), zone, first.replace(year=min(first.year + within, YEARS.stop), day=1))
    count = _number(parts, "COUNT", range(1, 100_001))
    interval = _number(parts, "INTERVAL", range(1, 1001))
    parts.pop("COUNT", None)
    if parts["FREQ"] == "DAILY" and interval in (None, 1) and parts.keys() & DAY_PARTS and "BYSETPOS" not in parts:
        parts["FREQ"] = "YEARLY"  # the same days; the library walks through a year at once, 300 times faster
    text = ";".join(f"{key}={value}" for key, value in parts.items())
    try:
        fires = rrulestr(text, dtstart=first)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as problem:
        raise WindowError(f"rule {rule!r} cannot be read: {problem}; a rule looks like {EXAMPLE}") from problem
    if not isinstance(fires, rrule):
        raise WindowError(f"rule {rule!r} is more than one rule; it looks like {EXAMPLE}")
    yield from islice(fires.replace(until=last), count)


def _parts(rule: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in rule.strip().removeprefix("RRULE:").split(";") if part]
    parts = {key.strip().upper(): value.strip().upper() for key, _, value in pairs}
    if parts.get("FREQ") not in FREQUENCIES:
        raise WindowError(f"rule {rule!r} needs one FREQ of {', '.join(FREQUENCIES)}, as in {EXAMPLE}")
    if len(parts) != len(pairs) or not all(parts.values()):
        raise WindowError(f"rule {rule!r} is not a list of different KEY=VALUE parts, as in {EXAMPLE}")
    if {"COUNT", "UNTIL"} <= parts.keys():
        raise WindowError(f"rule {rule!r} has both COUNT and UNTIL; RFC 5545 allows one of them")
    # The library ignores the number, so that "the first Saturday" would silently be every Saturday.
    if parts["FREQ"] in ("DAILY", "WEEKLY") and any(char.isdigit() for char in parts.get("BYDAY", "")):
        raise WindowError(f"rule {rule!r} counts weekdays; that needs FREQ=MONTHLY or YEARLY")
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


def _last(until: str | None, zone: tzinfo, most: datetime) -> datetime:
    """The last wall time the rule may fire at, not after `most`."""
    if until is None:
        return most
    found = _UNTIL.fullmatch(until)
    if found is None:
        raise WindowError(f"UNTIL={until} is no date; it looks like 20261231 or 20261231T220000Z")
    try:
        if found[2] is None:
            return min(most, datetime.combine(date.fromisoformat(found[1]), time.max))
        last = datetime.fromisoformat(f"{found[1]}T{found[2]}")
    except ValueError as problem:
        raise WindowError(f"UNTIL={until} is no date: {problem}") from problem
    return min(most, last.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None) if found[3] else last)
