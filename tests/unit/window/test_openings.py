"""Openings and free slots over a period."""

from datetime import UTC, datetime, timedelta

import pytest

from deployplan.window import Freeze, Interval, Opening, ReleaseWindow, WindowError, free, next_openings, openings

HOUR = timedelta(hours=1)
NIGHTLY = ReleaseWindow.recurring("nightly", "FREQ=DAILY", datetime(2026, 11, 1, 22), 4 * HOUR, "UTC")
FREEZE = Freeze.once("audit", datetime(2026, 11, 24, 23), datetime(2026, 11, 25, 23), "UTC")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def found(after: str, before: str, *, work: timedelta = HOUR, freezes: tuple[Freeze, ...] = (FREEZE,)) -> list[Opening]:
    return list(openings([NIGHTLY], freezes, after=utc(after), before=utc(before), work=work, reserve=HOUR / 2))


def opening(start: str, closes: str, last: str) -> Opening:
    return Opening(utc(start), utc(closes), utc(last))


def test_every_opening_says_when_it_starts_and_closes_and_when_work_must_have_started() -> None:
    assert found("2026-11-22", "2026-11-24") == [
        opening("2026-11-22 00:00", "2026-11-22 02:00", "2026-11-22 00:30"),  # open already
        opening("2026-11-22 22:00", "2026-11-23 02:00", "2026-11-23 00:30"),
        opening("2026-11-23 22:00", "2026-11-24 02:00", "2026-11-24 00:30"),
    ]


def test_an_opening_in_which_the_work_does_not_fit_is_left_out() -> None:
    assert found("2026-11-24 12:00", "2026-11-26") == [
        opening("2026-11-25 23:00", "2026-11-26 02:00", "2026-11-26 00:30"),
    ]
    assert found("2026-11-24 12:00", "2026-11-26", work=HOUR / 2)[0] == opening(
        "2026-11-24 22:00", "2026-11-24 23:00", "2026-11-24 22:00"
    )


def test_work_that_fits_to_the_second_has_one_safe_start() -> None:
    (only,) = found("2026-11-22 12:00", "2026-11-23", work=3.5 * HOUR)
    assert only.start == only.last_safe_start
    assert found("2026-11-22 12:00", "2026-11-23", work=3.5 * HOUR + timedelta(seconds=1)) == []


def test_the_next_openings_are_counted() -> None:
    three = next_openings([NIGHTLY], [FREEZE], 3, after=utc("2026-11-24 12:00"), work=HOUR, reserve=HOUR)
    assert [one.start for one in three] == [utc("2026-11-25 23:00"), utc("2026-11-26 22:00"), utc("2026-11-27 22:00")]


def test_openings_that_are_years_apart_are_found() -> None:
    rule = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"
    leap = ReleaseWindow.recurring("leap", rule, datetime(2026, 1, 1, 22), HOUR, "UTC")
    found = next_openings([leap], [], 5, after=utc("2026-11-24"), work=HOUR, reserve=timedelta())
    assert [one.start.year for one in found] == [2028, 2032, 2036, 2040, 2044]


def test_there_are_no_more_openings_than_there_are() -> None:
    window = ReleaseWindow.once("release", datetime(2026, 11, 28, 22), datetime(2026, 11, 29, 2), "UTC")
    assert len(next_openings([window], [], 5, after=utc("2026-11-24"), work=HOUR, reserve=HOUR)) == 1


def test_without_windows_all_that_is_not_frozen_is_one_opening() -> None:
    first, second = next_openings([], [FREEZE], 5, after=utc("2026-11-24 12:00"), work=HOUR, reserve=HOUR)
    assert first == opening("2026-11-24 12:00", "2026-11-24 23:00", "2026-11-24 21:00")
    assert second == Opening(utc("2026-11-25 23:00"), None, None)


def test_free_slots_are_cut_to_the_period_that_is_asked() -> None:
    slots = list(free([NIGHTLY], [FREEZE], after=utc("2026-11-24 01:00"), before=utc("2026-11-25 23:30")))
    assert slots == [
        Interval(utc("2026-11-24 01:00"), utc("2026-11-24 02:00")),
        Interval(utc("2026-11-24 22:00"), utc("2026-11-24 23:00")),
        Interval(utc("2026-11-25 23:00"), utc("2026-11-25 23:30")),
    ]
    assert list(free([], [], after=utc("2026-11-24"), before=utc("2026-11-25"))) == [
        Interval(utc("2026-11-24"), utc("2026-11-25"))
    ]


def test_a_negative_length_is_refused() -> None:
    with pytest.raises(WindowError, match="work is -3600s; it is never negative"):
        found("2026-11-24", "2026-11-25", work=-HOUR)
