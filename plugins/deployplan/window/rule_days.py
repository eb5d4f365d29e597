"""At which wall times does a recurrence rule fire? Worked out for any stretch of years, without walking there."""

from calendar import isleap, monthrange
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import islice

from deployplan.window.rule import Rule, rule_of
from deployplan.window.wall_time import YEARS, wall_time

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


def starts(text: str, first: datetime, zone: tzinfo, *, within: int = len(YEARS)) -> Iterator[datetime]:
    """The wall times at which a rule fires in the `within` years from `first` on, in order.

    `first` itself fires only when the rule says so too. An UNTIL that is a date includes that whole day. Raises
    WindowError for a rule that cannot be read.
    """
    rule = rule_of(text)
    most = wall_time(min(first.year + within, YEARS.stop), first.month) - timedelta(microseconds=1)
    last = min(most, rule.last(zone) or most)
    yield from islice(fires(rule, first, first, last), rule.count)


def fires(rule: Rule, first: datetime, begin: datetime, last: datetime) -> Iterator[datetime]:
    """The wall times from `begin` to `last`, both included, at which `rule` fires, COUNT and UNTIL aside, in order."""
    filled = _filled(rule, first)
    begin = max(first, begin)
    times = _times(filled, first)
    for days in _periods(filled, first.date(), begin.date(), last.date()):
        wanted = [day for day in days if _names(filled, day)]
        moments: Sequence[datetime] = [datetime.combine(day, at) for day in wanted for at in times]
        if filled.positions:
            moments = _at_positions(moments, filled.positions)
        for moment in moments:
            if moment > last:
                return
            if moment >= begin:
                yield moment


def most_a_year(rule: Rule) -> int:
    """A bound on how often a rule fires in a year, and on the effort to find out (within a factor of 31)."""
    if rule.freq == "DAILY":
        days = 366 // rule.interval + 1
    elif rule.freq == "WEEKLY":
        days = (53 // rule.interval + 1) * (len(rule.weekdays) or 1)
    else:
        months = 12 // rule.interval + 1 if rule.freq == "MONTHLY" else len(rule.months) or 12
        named = len(rule.month_days) or len(rule.numbered) + 5 * len(rule.weekdays)
        if rule.freq == "YEARLY" and not (named or rule.year_days or rule.week_numbers):
            months = len(rule.months) or 1
        days = min(366, months * (31 if rule.year_days or rule.week_numbers else min(31, named or 1)))
    return days * max(1, len(rule.hours)) * max(1, len(rule.minutes)) * max(1, len(rule.seconds))


def _filled(rule: Rule, first: datetime) -> Rule:
    """The rule with the days that it leaves out, which are those of its first time."""
    if rule.weekdays or rule.numbered or rule.month_days or rule.year_days:
        return rule
    if rule.freq == "WEEKLY" or rule.week_numbers:
        return replace(rule, weekdays=frozenset({first.weekday()}))
    if rule.freq == "MONTHLY":
        return replace(rule, month_days=(first.day,))
    if rule.freq == "YEARLY":
        return replace(rule, months=rule.months or (first.month,), month_days=(first.day,))
    return rule


def _times(rule: Rule, first: datetime) -> tuple[time, ...]:
    hours, minutes, seconds = rule.hours or (first.hour,), rule.minutes or (first.minute,), rule.seconds
    return tuple(
        time(hour, minute, second) for hour in hours for minute in minutes for second in seconds or (first.second,)
    )


def _periods(rule: Rule, first: date, begin: date, last: date) -> Iterator[list[date]]:
    """The days that may count of each period of the rule, from the period that holds `begin` to the one of `last`."""
    if rule.freq in ("DAILY", "WEEKLY"):
        yield from _short_periods(rule, first, begin, last)
        return
    months = 12 if rule.freq == "YEARLY" else 1
    step = rule.interval * months
    start = first.year * 12 + (0 if months == 12 else first.month - 1)
    number = start + max(0, begin.year * 12 + begin.month - 1 - start) // step * step
    while number <= last.year * 12 + last.month - 1:
        yield [
            day
            for month in range(number, number + months)
            if not rule.months or month % 12 + 1 in rule.months
            for day in _days_of(rule, month // 12, month % 12 + 1)
        ]
        number += step


def _short_periods(rule: Rule, first: date, begin: date, last: date) -> Iterator[list[date]]:
    weekly = rule.freq == "WEEKLY"
    start = first - ((first.weekday() - rule.week_start) % 7) * DAY if weekly else first
    step = rule.interval * (WEEK if weekly else DAY)
    offsets = sorted((day - rule.week_start) % 7 for day in rule.weekdays) if weekly else [0]
    start += (max(begin, start) - start) // step * step
    while start <= last:
        yield [start + offset * DAY for offset in offsets]
        start += step


def _days_of(rule: Rule, year: int, month: int) -> Iterator[date]:
    """The days of a month that its month days leave, all when the rule names none."""
    length = monthrange(year, month)[1]
    if not rule.month_days:
        return (date(year, month, day) for day in range(1, length + 1))
    days = {day if day > 0 else length + 1 + day for day in rule.month_days}
    return (date(year, month, day) for day in sorted(days) if 1 <= day <= length)


def _names(rule: Rule, day: date) -> bool:
    """Whether every part of the rule holds for this day."""
    if rule.months and day.month not in rule.months:
        return False
    if (rule.weekdays or rule.numbered) and not _is_weekday(rule, day):
        return False
    if rule.freq == "DAILY" and rule.month_days:
        length = monthrange(day.year, day.month)[1]
        if day.day not in rule.month_days and day.day - length - 1 not in rule.month_days:
            return False
    if rule.year_days and not {_of_year(day), _of_year(day) - _length(day.year) - 1}.intersection(rule.year_days):
        return False
    return not rule.week_numbers or not _weeks(day, rule.week_start).isdisjoint(rule.week_numbers)


def _is_weekday(rule: Rule, day: date) -> bool:
    """Whether BYDAY names the day, plain or by its number in the month or the year."""
    weekday = day.weekday()
    if weekday in rule.weekdays:
        return True
    places = [place for place, named in rule.numbered if named == weekday]
    if not places:
        return False
    if rule.freq == "MONTHLY" or rule.months:
        number, length = day.day, monthrange(day.year, day.month)[1]
    else:
        number, length = _of_year(day), _length(day.year)
    return (number - 1) // 7 + 1 in places or -((length - number) // 7 + 1) in places


def _weeks(day: date, week_start: int) -> set[int]:
    """The number of the day's week in the year that holds most of the week, from its start and from its end."""
    middle = day + (3 - (day.weekday() - week_start) % 7) * DAY
    number = (_of_year(middle) - 1) // 7 + 1
    total = number + (_length(middle.year) - _of_year(middle)) // 7
    return {number, number - total - 1}


def _of_year(day: date) -> int:
    return day.toordinal() - date(day.year, 1, 1).toordinal() + 1


def _length(year: int) -> int:
    return 366 if isleap(year) else 365


def _at_positions(moments: Sequence[datetime], positions: Sequence[int]) -> list[datetime]:
    count = len(moments)
    indexes = {place - 1 if place > 0 else count + place for place in positions}
    return [moments[index] for index in sorted(indexes) if 0 <= index < count]
