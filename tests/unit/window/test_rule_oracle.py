"""Rules fire when the widely used dateutil says, for hundreds of rules that nobody would write by hand."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from rule_oracle import a_rule, by_dateutil

from deployplan.window.rule import rule_of
from deployplan.window.rule_days import fires, most_a_year, starts

YEARS = timedelta(days=4 * 366)


def agrees_with_dateutil(seed: int) -> None:
    rng = random.Random(seed)
    text = a_rule(rng)
    first = datetime(2019, 1, 1) + timedelta(minutes=rng.randint(0, 3 * 366 * 1440))
    expected = by_dateutil(text, first, first + YEARS)
    assert list(fires(rule_of(text), first, first, first + YEARS)) == expected, text
    begin = first + timedelta(minutes=rng.randint(0, 3 * 366 * 1440))
    later = [wall for wall in expected if wall >= begin]
    assert list(fires(rule_of(text), first, begin, first + YEARS)) == later, text
    if expected:
        whole_years = (wall.year for wall in expected)
        assert max(sum(wall.year == year for wall in expected) for year in set(whole_years)) <= most_a_year(
            rule_of(text)
        )
        count = rng.randint(1, len(expected))
        assert list(starts(f"{text};COUNT={count}", first, UTC, within=5)) == expected[:count]


def test_rules_fire_when_dateutil_says() -> None:
    for seed in range(80):
        agrees_with_dateutil(seed)


@pytest.mark.chaos
def test_thousands_of_rules_fire_when_dateutil_says() -> None:
    for seed in range(1000, 2000):
        agrees_with_dateutil(seed)


def test_the_positions_of_a_week_are_those_of_the_whole_week_also_of_the_first() -> None:
    friday = datetime(2026, 1, 2)
    found = fires(rule_of("FREQ=WEEKLY;BYDAY=MO,FR,SU;BYSETPOS=2,-1"), friday, friday, datetime(2026, 1, 12))
    assert [wall.day for wall in found] == [2, 4, 9, 11]


def test_weeks_are_counted_from_either_end_of_the_year_that_holds_most_of_them() -> None:
    first, last = datetime(2023, 12, 1), datetime(2024, 12, 31)
    for number in (1, -52):
        found = fires(rule_of(f"FREQ=YEARLY;BYWEEKNO={number};BYDAY=TH,SU;WKST=SU"), first, first, last)
        assert [(wall.year, wall.month, wall.day) for wall in found][:2] == [(2023, 12, 31), (2024, 1, 4)]


def test_plain_and_numbered_weekdays_are_a_union() -> None:
    found = list(
        fires(rule_of("FREQ=MONTHLY;BYDAY=SA,1SA"), datetime(2026, 1, 1), datetime(2026, 1, 1), datetime(2026, 12, 31))
    )
    assert len(found) == 52
    both = list(
        fires(rule_of("FREQ=MONTHLY;BYDAY=FR,1MO"), datetime(2026, 1, 1), datetime(2026, 1, 1), datetime(2026, 1, 31))
    )
    assert [wall.day for wall in both] == [2, 5, 9, 16, 23, 30]
