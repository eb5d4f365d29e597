"""What a window is, and which windows cannot be."""

import copy
import itertools
import pickle
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from deployplan.window import FOREVER, Freeze, Interval, ReleaseWindow, WindowError
from deployplan.window.rule_days import starts

HOUR = timedelta(hours=1)
PARIS = "Europe/Paris"


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def utc(text: str) -> datetime:
    return wall(text).replace(tzinfo=UTC)


def between(start: str, end: str) -> Interval:
    return Interval(utc(start), utc(end))


def openings(window: ReleaseWindow | Freeze, start: str = "2026-01-01", end: str = "2027-01-01") -> list[Interval]:
    return list(window.occurrences(utc(start), utc(end)))


def test_a_window_across_midnight_is_one_interval() -> None:
    window = ReleaseWindow.once("release", wall("2026-11-28 22:00"), wall("2026-11-29 02:00"), PARIS)
    assert openings(window) == [between("2026-11-28 21:00", "2026-11-29 01:00")]


def test_an_end_at_midnight_is_the_start_of_the_next_day() -> None:
    evening = ReleaseWindow.once("evening", wall("2026-11-28 22:00"), wall("2026-11-29 00:00"), "UTC")
    night = ReleaseWindow.once("night", wall("2026-11-29 00:00"), wall("2026-11-29 02:00"), "UTC")
    assert openings(evening)[0].end == openings(night)[0].start == utc("2026-11-29 00:00")


def test_a_window_may_contain_a_leap_day() -> None:
    window = ReleaseWindow.once("leap", wall("2028-02-28 22:00"), wall("2028-03-01 02:00"), "UTC")
    (only,) = openings(window, "2028-01-01", "2029-01-01")
    assert only.end - only.start == 28 * HOUR


def test_a_window_opens_and_closes_when_the_clock_shows_the_time_first() -> None:
    window = ReleaseWindow.once("fold", wall("2026-10-25 02:00"), wall("2026-10-25 02:30"), PARIS)
    assert openings(window) == [between("2026-10-25 00:00", "2026-10-25 00:30")]


def test_a_freeze_starts_when_the_clock_shows_the_time_first_and_ends_when_it_shows_it_last() -> None:
    freeze = Freeze.once("fold", wall("2026-10-25 02:00"), wall("2026-10-25 02:30"), PARIS)
    assert openings(freeze) == [between("2026-10-25 00:00", "2026-10-25 01:30")]


def test_an_edge_in_the_gap_moves_to_the_end_of_the_gap() -> None:
    opening = ReleaseWindow.once("gap", wall("2026-03-29 02:30"), wall("2026-03-29 05:00"), PARIS)
    closing = ReleaseWindow.once("gap", wall("2026-03-29 00:00"), wall("2026-03-29 02:30"), PARIS)
    assert openings(opening)[0].start == openings(closing)[0].end == utc("2026-03-29 01:00")


def test_a_window_may_be_given_by_instants() -> None:
    window = ReleaseWindow.once("release", utc("2026-10-25 01:30"), utc("2026-10-25 03:00"), PARIS)
    assert openings(window) == [between("2026-10-25 01:30", "2026-10-25 03:00")]


def test_a_freeze_without_end_lasts_for_ever() -> None:
    freeze = Freeze.once("incident", wall("2026-11-29 01:00"), None, PARIS)
    assert openings(freeze) == [Interval(utc("2026-11-29 00:00"), FOREVER)]


@pytest.mark.parametrize("closes", ["2026-11-28 22:00", "2026-11-28 21:00"])
def test_a_window_that_does_not_close_after_it_opens_is_refused(closes: str) -> None:
    with pytest.raises(
        WindowError, match=f"closes {closes}:00 is not after opens 2026-11-28 22:00:00; it must come later"
    ):
        ReleaseWindow.once("release", wall("2026-11-28 22:00"), wall(closes), PARIS)


def test_a_window_that_the_clock_skips_as_a_whole_is_refused() -> None:
    with pytest.raises(WindowError, match=r"nothing lies between .* clocks in Europe/Paris skip both"):
        ReleaseWindow.once("release", wall("2026-03-29 02:10"), wall("2026-03-29 02:50"), PARIS)


@pytest.mark.parametrize("year", [1969, 2200, 9999])
def test_a_year_that_nobody_can_mean_is_refused(year: int) -> None:
    with pytest.raises(WindowError, match=f"to lies in year {year}; years are 1970 to 2199"):
        Freeze.once("for ever", wall("2026-01-01"), datetime(year, 12, 31), "UTC")


def test_a_recurring_window_keeps_its_wall_time_across_the_change() -> None:
    window = ReleaseWindow.recurring("nightly", "FREQ=DAILY", wall("2026-01-01 22:00"), 4 * HOUR, PARIS)
    found = openings(window, "2026-10-24 12:00", "2026-10-26 12:00")
    assert found == [
        between("2026-10-24 20:00", "2026-10-25 00:00"),
        between("2026-10-25 21:00", "2026-10-26 01:00"),
    ]


@pytest.mark.parametrize(("day", "closes"), [("2026-03-28", "2026-03-29 03:00"), ("2026-10-24", "2026-10-25 02:00")])
def test_a_length_in_hours_is_time_that_passes(day: str, closes: str) -> None:
    window = ReleaseWindow.recurring("nightly", "FREQ=DAILY", wall(f"{day} 22:00"), 6 * HOUR, PARIS)
    first = openings(window)[0]
    assert first.end == utc(closes)
    assert first.end - first.start == 6 * HOUR


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
def test_a_length_in_days_is_calendar_days(day: str, hours: int) -> None:
    freeze = Freeze.recurring("that day", "FREQ=DAILY;COUNT=1", wall(day), timedelta(days=1), PARIS)
    (only,) = openings(freeze)
    assert only.end - only.start == hours * HOUR


def test_days_in_a_row_leave_no_hole_although_clocks_change() -> None:
    freeze = Freeze.recurring("always", "FREQ=DAILY", wall("2026-03-01"), timedelta(days=1), "America/Santiago")
    found = openings(freeze, "2026-03-02", "2026-10-01")
    assert all(before.end >= after.start for before, after in itertools.pairwise(found))


def test_a_day_that_does_not_exist_is_no_occurrence() -> None:
    window = ReleaseWindow.recurring("daily", "FREQ=DAILY", wall("2011-12-28"), timedelta(days=1), "Pacific/Apia")
    found = openings(window, "2011-12-28 12:00", "2012-01-01 00:00")
    assert [one.start for one in found] == [utc(f"2011-12-{day} 10:00") for day in (28, 29, 30, 31)]
    assert all(one.end - one.start == 24 * HOUR for one in found)


def test_a_window_on_leap_days_opens_every_four_years() -> None:
    rule = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"
    window = ReleaseWindow.recurring("leap", rule, wall("2026-01-01 20:00"), HOUR, "UTC")
    found = [one.start.date() for one in openings(window, "2026-01-01", "2045-01-01")]
    assert found == [date(year, 2, 29) for year in (2028, 2032, 2036, 2040, 2044)]


def test_the_first_day_fires_only_when_the_rule_says_so() -> None:
    window = ReleaseWindow.recurring("sat", "FREQ=WEEKLY;BYDAY=SA", wall("2026-11-22 22:00"), HOUR, "UTC")
    assert openings(window)[0].start == utc("2026-11-28 22:00")


def test_a_window_may_be_open_every_night_until_a_time_on_the_clock() -> None:
    window = ReleaseWindow.recurring("nights", "FREQ=DAILY", wall("2026-01-01 22:00"), None, PARIS, until=time(6))
    nights = openings(window, "2026-03-27 12:00", "2026-03-30 12:00")
    assert nights == [
        between("2026-03-27 21:00", "2026-03-28 05:00"),
        between("2026-03-28 21:00", "2026-03-29 04:00"),  # an hour shorter, and it closes at 06:00 as ever
        between("2026-03-29 20:00", "2026-03-30 04:00"),
    ]
    whole_day = ReleaseWindow.recurring("day", "FREQ=DAILY", wall("2026-01-01 06:00"), None, PARIS, until=time(6))
    assert openings(whole_day, "2026-01-02 06:00", "2026-01-02 07:00")[-1] == between(
        "2026-01-02 05:00", "2026-01-03 05:00"
    )


def test_a_window_may_open_some_days_after_the_day_of_its_rule() -> None:
    """The Sunday after the fourth Monday is now and then the fifth Sunday, and now and then in the next month."""
    rule, six = "FREQ=MONTHLY;BYDAY=4MO", timedelta(days=6)
    window = ReleaseWindow.recurring("sundays", rule, wall("2026-01-01 22:00"), 4 * HOUR, "UTC", plus=six)
    days = [one.start.date() for one in openings(window)]
    assert days[:6] == [
        date(2026, 2, 1),
        date(2026, 3, 1),
        date(2026, 3, 29),
        date(2026, 5, 3),
        date(2026, 5, 31),
        date(2026, 6, 28),
    ]
    assert all(day.weekday() == 6 for day in days)


@pytest.mark.parametrize(
    ("duration", "until", "plus", "message"),
    [
        (None, None, timedelta(), "duration is missing; state duration: 4h, or until: 06:00"),
        (HOUR, time(6), timedelta(), "until 06:00 and duration 1h both say when it ends; state one of them"),
        (HOUR, None, HOUR, "plus 1h cannot be; it is whole days, as in 6d"),
        (HOUR, None, timedelta(days=367), "plus 367d cannot be"),
    ],
)
def test_an_end_or_a_shift_that_cannot_be_is_refused(
    duration: timedelta | None, until: time | None, plus: timedelta, message: str
) -> None:
    with pytest.raises(WindowError, match=message):
        ReleaseWindow.recurring("x", "FREQ=DAILY", wall("2026-01-01"), duration, "UTC", until=until, plus=plus)


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("20261105", "2026-11-05"),  # a date includes its evening
        ("20261105T220000", "2026-11-05"),
        ("20261105T215959", "2026-11-04"),
        ("20261105T210000Z", "2026-11-05"),  # 22:00 in Paris
        ("20261105T205959Z", "2026-11-04"),
    ],
)
def test_until_includes_the_opening_it_names(until: str, last: str) -> None:
    window = ReleaseWindow.recurring("nightly", f"FREQ=DAILY;UNTIL={until}", wall("2026-11-01 22:00"), HOUR, PARIS)
    assert openings(window)[-1].start == utc(f"{last} 21:00")


def test_count_ends_a_rule() -> None:
    window = ReleaseWindow.recurring("twice", "RRULE:FREQ=WEEKLY;COUNT=2", wall("2026-11-28 22:00"), HOUR, "UTC")
    assert [one.start.day for one in openings(window)] == [28, 5]


@pytest.mark.parametrize("rule", ["BYDAY=MO,WE", "BYMONTH=2,11", "BYMONTHDAY=1,29,31", "BYDAY=FR;BYMONTHDAY=13", ""])
def test_a_daily_rule_fires_on_the_days_its_parts_name(rule: str) -> None:
    parts = dict(part.split("=") for part in rule.split(";") if part)
    wanted = []
    for number in range(800):
        day = date(2026, 1, 15) + timedelta(days=number)
        weekday = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[day.weekday()]
        if (
            weekday in parts.get("BYDAY", weekday)
            and str(day.month) in parts.get("BYMONTH", str(day.month)).split(",")
            and str(day.day) in parts.get("BYMONTHDAY", str(day.day)).split(",")
        ):
            wanted.append(day)
    fires = starts(f"FREQ=DAILY;{rule}", wall("2026-01-15 22:00"), ZoneInfo("UTC"))
    assert [next(fires) for _ in wanted] == [datetime.combine(day, wall("2026-01-15 22:00").time()) for day in wanted]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("every saturday", "rule 'every saturday' needs one FREQ of YEARLY, MONTHLY, WEEKLY, DAILY"),
        ("FREQ=HOURLY", "rule 'FREQ=HOURLY' needs one FREQ of"),
        ("FREQ=WEEKLY;BYDAY", "is not a list of different KEY=VALUE parts"),
        ("FREQ=WEEKLY;BYDAY=MO;BYDAY=TU", "is not a list of different KEY=VALUE parts"),
        (
            "FREQ=WEEKLY;BYDAY=XX",
            "BYDAY=XX holds 'XX'; days are MO, TU, WE, TH, FR, SA, SU, in a month or year also numbered",
        ),
        ("FREQ=WEEKLY;FOO=1", "has a part 'FOO'; parts are FREQ, INTERVAL, COUNT, UNTIL, WKST, BYDAY, BYSECOND"),
        ("FREQ=WEEKLY\nEXDATE:20261128", "needs one FREQ of"),
        ("FREQ=WEEKLY;BYDAY=1SA", "counts weekdays; that needs FREQ=MONTHLY or YEARLY"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY=0 holds '0'; its numbers are 1 to 31, or -31 to -1 from the end"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,32", "BYMONTHDAY=1,32 holds '32'; its numbers are 1 to 31"),
        ("FREQ=YEARLY;BYYEARDAY=0", "BYYEARDAY=0 holds '0'; its numbers are 1 to 366, or -366 to -1"),
        ("FREQ=YEARLY;BYYEARDAY=-367", "BYYEARDAY=-367 holds '-367'"),
        ("FREQ=YEARLY;BYWEEKNO=54", "BYWEEKNO=54 holds '54'; its numbers are 1 to 53"),
        ("FREQ=YEARLY;BYWEEKNO=0", "BYWEEKNO=0 holds '0'"),
        ("FREQ=YEARLY;BYMONTH=13", "BYMONTH=13 holds '13'; its numbers are 1 to 12"),
        ("FREQ=YEARLY;BYMONTH=0", "BYMONTH=0 holds '0'"),
        ("FREQ=YEARLY;BYMONTH=-1", "BYMONTH=-1 holds '-1'"),
        ("FREQ=DAILY;BYHOUR=24", "BYHOUR=24 holds '24'; its numbers are 0 to 23"),
        ("FREQ=DAILY;BYHOUR=-1", "BYHOUR=-1 holds '-1'"),
        ("FREQ=DAILY;BYMINUTE=60", "BYMINUTE=60 holds '60'; its numbers are 0 to 59"),
        ("FREQ=DAILY;BYSECOND=61", "BYSECOND=61 holds '61'; its numbers are 0 to 60"),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0", "BYSETPOS=0 holds '0'; its numbers are 1 to 366"),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=367", "BYSETPOS=367 holds '367'"),
        ("FREQ=MONTHLY;BYDAY=0MO", "BYDAY=0MO holds '0MO'; the weekdays of a month are numbered 1 to 5, or -5 to -1"),
        ("FREQ=MONTHLY;BYDAY=6MO", "BYDAY=6MO holds '6MO'"),
        ("FREQ=YEARLY;BYMONTH=5;BYDAY=-6MO", "BYDAY=-6MO holds '-6MO'; the weekdays of a month are numbered"),
        ("FREQ=YEARLY;BYDAY=54MO", "BYDAY=54MO holds '54MO'; the weekdays of a year are numbered 1 to 53"),
        ("FREQ=MONTHLY;BYDAY=FR,,SA", "BYDAY=FR,,SA holds ''"),
        ("FREQ=MONTHLY;BYMONTHDAY=1.5", "BYMONTHDAY=1.5 holds '1.5'"),
        ("FREQ=WEEKLY;WKST=XX", "WKST=XX is no weekday; it is one of MO, TU"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "has BYMONTHDAY, which needs FREQ=YEARLY or MONTHLY or DAILY"),
        ("FREQ=MONTHLY;BYYEARDAY=1", "has BYYEARDAY, which needs FREQ=YEARLY"),
        ("FREQ=MONTHLY;BYWEEKNO=1", "has BYWEEKNO, which needs FREQ=YEARLY"),
        ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO", "counts weekdays; that needs FREQ=MONTHLY or YEARLY, and no BYWEEKNO"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0 is not a whole number from 1 to 1000"),
        ("FREQ=DAILY;COUNT=0", "COUNT=0 is not a whole number from 1 to"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20261231", "has both COUNT and UNTIL"),
        ("FREQ=DAILY;UNTIL=31.12.2026", "UNTIL=31.12.2026 is no date; it looks like 20261231"),
        ("FREQ=DAILY;UNTIL=20261331", "UNTIL=20261331 is no date"),
        ("FREQ=DAILY;UNTIL=20251231", "never fires from 2026-01-01 00:00:00 on"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "never fires from"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "never fires from"),
        ("FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24))) + ";BYMINUTE=0,10,20,30,40", "fires 120 times a day"),
    ],
)
def test_a_rule_that_cannot_be_read_or_never_fires_is_refused(rule: str, message: str) -> None:
    with pytest.raises(WindowError) as refused:
        ReleaseWindow.recurring("x", rule, wall("2026-01-01"), HOUR, "UTC")
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("length", "text"), [(timedelta(), "0m"), (-HOUR, "-1h"), (timedelta(days=366, hours=1), "366d1h")]
)
def test_a_length_of_nothing_or_of_more_than_a_year_is_refused(length: timedelta, text: str) -> None:
    with pytest.raises(WindowError, match=f"duration {text} cannot be; it is more than 0m and at most 366d"):
        ReleaseWindow.recurring("x", "FREQ=DAILY", wall("2026-01-01"), length, "UTC")


def test_the_first_day_of_a_rule_takes_no_offset() -> None:
    with pytest.raises(WindowError, match="first is a wall time and takes no offset"):
        ReleaseWindow.recurring("x", "FREQ=DAILY", utc("2026-01-01"), HOUR, "UTC")


def test_windows_are_values_that_can_be_compared_copied_and_sent() -> None:
    window, same = (
        ReleaseWindow.recurring("nightly", "FREQ=DAILY", wall("2026-01-01 22:00"), HOUR, PARIS) for _ in range(2)
    )
    openings(window)
    assert window == same
    assert hash(window) == hash(same)
    assert copy.deepcopy(window) == pickle.loads(pickle.dumps(window)) == window


def test_many_threads_may_ask_one_window_at_once() -> None:
    window = ReleaseWindow.recurring("nightly", "FREQ=DAILY", wall("2001-01-01 22:00"), HOUR, "Asia/Kathmandu")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: openings(window, "2002-01-01", "2005-01-01"), range(16)))
    assert all(answer == answers[0] for answer in answers)
    assert len(answers[0]) == 3 * 365 + 1
    assert answers[0] == sorted(set(answers[0]))


def test_only_what_shares_an_instant_with_the_period_is_given() -> None:
    once = ReleaseWindow.once("once", wall("2026-01-02 10:00"), wall("2026-01-02 12:00"), "UTC")
    assert openings(once, "2026-01-01 00:00", "2026-01-02 10:00") == []
    assert openings(once, "2026-01-02 12:00", "2026-01-03 10:00") == []
    assert openings(once, "2026-01-02 11:59", "2026-01-03 10:00") == [between("2026-01-02 10:00", "2026-01-02 12:00")]
    window = ReleaseWindow.recurring("daily", "FREQ=DAILY", wall("2026-01-01 10:00"), 2 * HOUR, "UTC")
    assert openings(window, "2026-01-02 12:00", "2026-01-03 10:00") == []
    assert openings(window, "2026-01-02 11:59", "2026-01-03 10:01") == [
        between("2026-01-02 10:00", "2026-01-02 12:00"),
        between("2026-01-03 10:00", "2026-01-03 12:00"),
    ]
