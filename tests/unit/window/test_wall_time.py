"""One meaning for every time on a wall clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from window_oracle import MINUTE, ZONES

from deployplan.window import WindowError
from deployplan.window.wall_time import find_zone, first_instant, last_instant, local, spoken


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


SKIPPED = [
    ("Europe/Paris", "2026-03-29 02:00", "2026-03-29 01:00"),
    ("Europe/Paris", "2026-03-29 02:30", "2026-03-29 01:00"),
    ("Europe/Paris", "2026-03-29 02:59", "2026-03-29 01:00"),
    ("America/New_York", "2026-03-08 02:30", "2026-03-08 07:00"),
    ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03 15:30"),  # half an hour only
    ("Pacific/Chatham", "2026-09-27 03:00", "2026-09-26 14:00"),
    ("America/Santiago", "2026-09-06 00:00", "2026-09-06 04:00"),  # midnight itself does not exist
    ("America/Santiago", "2026-09-06 00:59", "2026-09-06 04:00"),
    ("Africa/Casablanca", "2026-03-22 02:30", "2026-03-22 02:00"),  # the end of Ramadan
    ("Asia/Tehran", "2022-03-22 00:30", "2022-03-21 20:30"),
    ("Pacific/Apia", "2011-12-30 12:00", "2011-12-30 10:00"),  # a whole day does not exist
]

TWICE = [
    ("Europe/Paris", "2026-10-25 02:00", "2026-10-25 00:00", "2026-10-25 01:00"),
    ("Europe/Paris", "2026-10-25 02:59", "2026-10-25 00:59", "2026-10-25 01:59"),
    ("America/New_York", "2026-11-01 01:30", "2026-11-01 05:30", "2026-11-01 06:30"),
    ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04 14:45", "2026-04-04 15:15"),
    ("Pacific/Chatham", "2026-04-05 03:00", "2026-04-04 13:15", "2026-04-04 14:15"),
    ("America/Santiago", "2026-04-04 23:30", "2026-04-05 02:30", "2026-04-05 03:30"),
    ("Africa/Casablanca", "2026-02-15 02:30", "2026-02-15 01:30", "2026-02-15 02:30"),
    ("Asia/Tehran", "2022-09-21 23:30", "2022-09-21 19:00", "2022-09-21 20:00"),
]

ONCE = [
    ("Europe/Paris", "2026-10-25 03:00", "2026-10-25 02:00"),
    ("Europe/Paris", "2026-03-29 03:00", "2026-03-29 01:00"),
    ("Asia/Kathmandu", "2026-06-01 12:00", "2026-06-01 06:15"),
    ("UTC", "2028-02-29 23:59", "2028-02-29 23:59"),
]


@pytest.mark.parametrize(("zone", "time", "instant"), SKIPPED)
def test_a_wall_time_that_does_not_exist_means_the_first_instant_after_the_gap(
    zone: str, time: str, instant: str
) -> None:
    assert first_instant(wall(time), ZoneInfo(zone)) == last_instant(wall(time), ZoneInfo(zone)) == utc(instant)


@pytest.mark.parametrize(("zone", "time", "first", "last"), TWICE)
def test_a_wall_time_that_exists_twice_is_first_shown_before_and_last_shown_after_the_change(
    zone: str, time: str, first: str, last: str
) -> None:
    assert first_instant(wall(time), ZoneInfo(zone)) == utc(first)
    assert last_instant(wall(time), ZoneInfo(zone)) == utc(last)


@pytest.mark.parametrize(("zone", "time", "instant"), ONCE)
def test_a_wall_time_that_exists_once_means_one_instant(zone: str, time: str, instant: str) -> None:
    assert first_instant(wall(time), ZoneInfo(zone)) == last_instant(wall(time), ZoneInfo(zone)) == utc(instant)


def test_a_wall_time_that_says_which_of_the_two_it_means_is_believed() -> None:
    second = wall("2026-10-25 02:30").replace(fold=1)
    assert first_instant(second, ZoneInfo("Europe/Paris")) == utc("2026-10-25 01:30")


def test_an_instant_is_left_as_it_is() -> None:
    instant = utc("2026-10-25 00:30")
    assert (
        first_instant(instant, ZoneInfo("Europe/Paris")) == last_instant(instant, ZoneInfo("Europe/Paris")) == instant
    )


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(ZONES),
    st.datetimes(datetime(2009, 1, 1), datetime(2037, 12, 31)).map(lambda some: some.replace(second=0, microsecond=0)),
)
def test_no_earlier_minute_shows_the_time_first_and_no_later_minute_shows_it_last(zone: str, time: datetime) -> None:
    tz = ZoneInfo(zone)
    first, last = first_instant(time, tz), last_instant(time, tz)
    around = range(1, 26 * 60)
    before = [(first - number * MINUTE).astimezone(tz).replace(tzinfo=None) for number in around]
    after = [(last + number * MINUTE).astimezone(tz).replace(tzinfo=None) for number in around]
    assert max(before) < time <= first.astimezone(tz).replace(tzinfo=None)
    assert min(after) > time


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Europe/Pariss", "nearest: Europe/Paris, "),
        ("paris", "nearest: Europe/Paris"),
        ("new york", "nearest: America/New_York"),
        ("Europe", "nearest: Europe/"),
        ("../../etc/passwd", "IANA names look like Europe/Paris or UTC"),
        ("", "IANA names look like Europe/Paris or UTC"),
    ],
)
def test_an_unknown_zone_is_refused_with_the_nearest_names(name: str, hint: str) -> None:
    with pytest.raises(WindowError) as refused:
        find_zone(name)
    assert str(refused.value).startswith(f"there is no time zone {name!r}; {hint}")


def test_a_local_time_carries_the_abbreviation_of_its_season() -> None:
    assert local(utc("2026-11-29 01:00"), "Europe/Paris") == "2026-11-29 02:00 CET"
    assert local(utc("2026-07-01 00:00:30"), "Europe/Paris") == "2026-07-01 02:00:30 CEST"
    assert local(utc("2026-07-01 00:00"), "Asia/Kathmandu") == "2026-07-01 05:45 +0545"


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(), "0m"),
        (timedelta(minutes=90), "1h30m"),
        (timedelta(days=2, seconds=5), "2d5s"),
        (timedelta(microseconds=1), "1s"),
    ],
)
def test_a_length_reads_as_people_write_it(length: timedelta, text: str) -> None:
    assert spoken(length) == text
