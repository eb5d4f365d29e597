"""What an RFC 5545 recurrence rule says, with every part in its range."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, tzinfo
from math import prod
from typing import Final

from deployplan.window.error import WindowError

FREQUENCIES: Final = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY")
WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
EXAMPLE: Final = "FREQ=WEEKLY;BYDAY=SA"
MOST_A_DAY: Final = 96
_NUMBERS: Final = {
    "BYSECOND": ("seconds", 0, 60, False),
    "BYMINUTE": ("minutes", 0, 59, False),
    "BYHOUR": ("hours", 0, 23, False),
    "BYMONTH": ("months", 1, 12, False),
    "BYMONTHDAY": ("month_days", 1, 31, True),
    "BYYEARDAY": ("year_days", 1, 366, True),
    "BYWEEKNO": ("week_numbers", 1, 53, True),
    "BYSETPOS": ("positions", 1, 366, True),
}
"""Each part that lists numbers: its field, smallest and largest number, and whether it also counts from the end."""
_PARTS: Final = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", *_NUMBERS)
_MISPLACED: Final = {
    "BYWEEKNO": ("YEARLY",),
    "BYYEARDAY": ("YEARLY",),
    "BYMONTHDAY": ("YEARLY", "MONTHLY", "DAILY"),
}
"""The frequencies beside which RFC 5545 allows a part, where not all of them."""
_UNTIL = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?")
_DAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_NUMBER = re.compile(r"([+-]?)(\d{1,3})")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as written; what it leaves out is empty. Weekdays count from 0, Monday; negative numbers from the end."""

    text: str
    freq: str
    interval: int = 1
    count: int | None = None
    until: str | None = None
    week_start: int = 0
    weekdays: frozenset[int] = frozenset()
    """Every one of these weekdays."""
    numbered: frozenset[tuple[int, int]] = frozenset()
    """The n-th such weekday of the month or year: together with `weekdays` a union."""
    months: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    year_days: tuple[int, ...] = ()
    week_numbers: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    seconds: tuple[int, ...] = ()

    def last(self, zone: tzinfo) -> datetime | None:
        """The last wall time in `zone` at which it may fire, by its UNTIL; a date includes that whole day."""
        found = _UNTIL.fullmatch(self.until) if self.until else None
        if found is None:
            return None
        if found[2] is None:
            return datetime.combine(date.fromisoformat(found[1]), time.max)
        last = datetime.fromisoformat(f"{found[1]}T{found[2]}")
        if not found[3]:
            return last
        # The years at either end of the calendar have no neighbour into which a zone could move them.
        if not 1 < last.year < date.max.year:
            return last
        return last.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)

    def on_days(self) -> "Rule":
        """The same rule for whole days, which have no time of day: RFC 5545 has such parts ignored."""
        return replace(self, hours=(), minutes=(), seconds=())


def rule_of(text: str) -> Rule:
    """Return what a rule says. Raises WindowError for what is not RFC 5545, out of its range or oftener than daily."""
    parts = _parts(text)
    if parts.get("FREQ") not in FREQUENCIES:
        raise WindowError(f"rule {text!r} needs one FREQ of {', '.join(FREQUENCIES)}, as in {EXAMPLE}")
    for key in parts:
        if key not in _PARTS:
            raise WindowError(f"rule {text!r} has a part {key!r}; parts are {', '.join(_PARTS)}")
    if {"COUNT", "UNTIL"} <= parts.keys():
        raise WindowError(f"rule {text!r} has both COUNT and UNTIL; RFC 5545 allows one of them")
    for key, allowed in _MISPLACED.items():
        if key in parts and parts["FREQ"] not in allowed:
            raise WindowError(f"rule {text!r} has {key}, which needs FREQ={' or '.join(allowed)}")
    weekdays, numbered = _days(text, parts)
    rule = Rule(
        text=text,
        freq=parts["FREQ"],
        interval=_number(parts, "INTERVAL", range(1, 1001)) or 1,
        count=_number(parts, "COUNT", range(1, 100_001)),
        until=_until(parts.get("UNTIL")),
        week_start=_weekday(parts.get("WKST", "MO")),
        weekdays=weekdays,
        numbered=numbered,
        **{field: _numbers(parts, key) for key, (field, *_) in _NUMBERS.items()},
    )
    a_day = prod(len(each) or 1 for each in (rule.hours, rule.minutes, rule.seconds))
    if a_day > MOST_A_DAY:
        raise WindowError(f"rule {text!r} fires {a_day} times a day; {MOST_A_DAY} times are allowed")
    return rule


def _parts(text: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in text.strip().removeprefix("RRULE:").split(";") if part]
    parts = {key.strip().upper(): value.strip().upper() for key, _, value in pairs}
    if "FREQ" in parts and (len(parts) != len(pairs) or not all(parts.values())):
        raise WindowError(f"rule {text!r} is not a list of different KEY=VALUE parts, as in {EXAMPLE}")
    return parts


def _number(parts: dict[str, str], key: str, allowed: range) -> int | None:
    value = parts.get(key)
    if value is None:
        return None
    if not (value.isascii() and value.isdecimal() and len(value) < 10) or int(value) not in allowed:
        raise WindowError(f"{key}={value} is not a whole number from {allowed.start} to {allowed.stop - 1}")
    return int(value)


def _numbers(parts: dict[str, str], key: str) -> tuple[int, ...]:
    """The numbers that a part lists, in order and each once."""
    if key not in parts:
        return ()
    _, lowest, highest, signed = _NUMBERS[key]
    found = set()
    for written in parts[key].split(","):
        match = _NUMBER.fullmatch(written.strip())
        if match is None or (match[1] and not signed) or not lowest <= int(match[2]) <= highest:
            also = f", or -{highest} to -{lowest} from the end" if signed else ""
            raise WindowError(f"{key}={parts[key]} holds {written!r}; its numbers are {lowest} to {highest}{also}")
        found.add(int(written))
    if key == "BYSECOND" and 60 in found:  # a leap second, which clocks here show as the second before it
        found = (found - {60}) | {59}
    return tuple(sorted(found))


def _days(text: str, parts: dict[str, str]) -> tuple[frozenset[int], frozenset[tuple[int, int]]]:
    """The plain and the numbered weekdays of BYDAY."""
    if "BYDAY" not in parts:
        return frozenset(), frozenset()
    found = [(written, _DAY.fullmatch(written.strip())) for written in parts["BYDAY"].split(",")]
    for written, match in found:
        if match is None:
            raise WindowError(
                f"BYDAY={parts['BYDAY']} holds {written!r}; days are {', '.join(WEEKDAYS)}, "
                "in a month or year also numbered as in 1SA or -1FR"
            )
    matches = [match for _, match in found if match]
    numbered = frozenset((int(match[1]), WEEKDAYS.index(match[2])) for match in matches if match[1])
    if numbered:
        _check_numbered(text, parts, numbered)
    return frozenset(WEEKDAYS.index(match[2]) for match in matches if not match[1]), numbered


def _check_numbered(text: str, parts: dict[str, str], numbered: Iterable[tuple[int, int]]) -> None:
    # To ignore the number, as some do, would make "the first Saturday" silently every Saturday.
    if parts["FREQ"] in ("DAILY", "WEEKLY") or "BYWEEKNO" in parts:
        raise WindowError(f"rule {text!r} counts weekdays; that needs FREQ=MONTHLY or YEARLY, and no BYWEEKNO")
    whole_year = parts["FREQ"] == "YEARLY" and "BYMONTH" not in parts
    most, of = (53, "year") if whole_year else (5, "month")
    for number, day in numbered:
        if not 1 <= abs(number) <= most:
            raise WindowError(
                f"BYDAY={parts['BYDAY']} holds '{number}{WEEKDAYS[day]}'; "
                f"the weekdays of a {of} are numbered 1 to {most}, or -{most} to -1 from its end"
            )


def _weekday(value: str) -> int:
    if value not in WEEKDAYS:
        raise WindowError(f"WKST={value} is no weekday; it is one of {', '.join(WEEKDAYS)}")
    return WEEKDAYS.index(value)


def _until(value: str | None) -> str | None:
    if value is None:
        return None
    found = _UNTIL.fullmatch(value)
    if found is None:
        raise WindowError(f"UNTIL={value} is no date; it looks like 20261231 or 20261231T220000Z")
    try:
        datetime.fromisoformat(f"{found[1]}T{found[2] or '000000'}")
    except ValueError as problem:
        raise WindowError(f"UNTIL={value} is no date: there is no such day or time of day") from problem
    return value
