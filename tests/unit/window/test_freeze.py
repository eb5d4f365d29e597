"""Freezes that come from somewhere else: public holidays and calendars."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from deployplan.window import Freeze, Interval, ReleaseWindow, WindowError, judge

PARIS = "Europe/Paris"
HOUR = timedelta(hours=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def between(start: str, end: str) -> Interval:
    return Interval(utc(start), utc(end))


def periods(freeze: Freeze, start: str, end: str) -> list[Interval]:
    return list(freeze.occurrences(utc(start), utc(end)))


def calendar(*events: str, head: str = "") -> str:
    body = "".join(f"BEGIN:VEVENT\nUID:{number}\n{event}\nEND:VEVENT\n" for number, event in enumerate(events))
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\n{head}{body}END:VCALENDAR\n"


def test_a_holiday_is_a_whole_day_on_the_wall_clock_of_the_zone() -> None:
    freeze = Freeze.holidays("bank", "FR", PARIS)
    assert periods(freeze, "2026-07-01", "2026-08-01") == [between("2026-07-13 22:00", "2026-07-14 22:00")]


def test_new_years_day_is_found_although_it_begins_in_the_old_year() -> None:
    freeze = Freeze.holidays("bank", "FR", PARIS)
    expected = [between("2026-12-31 23:00", "2027-01-01 23:00")]
    assert periods(freeze, "2026-12-31 23:30", "2027-01-02") == expected
    assert periods(freeze, "2026-12-30", "2027-01-02") == expected
    assert periods(freeze, "2027-01-01 01:00", "2027-01-02") == expected


def test_holidays_of_far_east_and_far_west_are_their_own_days() -> None:
    tokyo = Freeze.holidays("jp", "JP", "Asia/Tokyo")
    assert periods(tokyo, "2026-12-31", "2027-01-02")[0] == between("2026-12-31 15:00", "2027-01-01 15:00")
    chile = Freeze.holidays("cl", "CL", "America/Santiago")
    assert periods(chile, "2026-12-31", "2027-01-02")[0] == between("2027-01-01 03:00", "2027-01-02 03:00")


def test_a_subdivision_has_holidays_of_its_own() -> None:
    epiphany = ("2026-01-06", "2026-01-07")
    assert periods(Freeze.holidays("by", "DE", "Europe/Berlin", "BY"), *epiphany)
    assert not periods(Freeze.holidays("hh", "DE", "Europe/Berlin", "HH"), *epiphany)


def test_the_holiday_is_named_in_the_reason() -> None:
    freeze = Freeze.holidays("bank holidays", "FR", PARIS)
    verdict = judge([], [freeze], now=utc("2026-12-25 09:00"), work=HOUR, reserve=HOUR)
    assert verdict.reason == "frozen by 'bank holidays' (Christmas Day) until 2026-12-26 00:00 CET"


def test_the_holiday_is_called_the_same_whatever_the_locale_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "fr")
    freeze = Freeze.holidays("bank holidays", "FR", "Europe/Monaco")
    assert freeze.title_at(utc("2041-12-25 12:00")) == "'bank holidays' (Christmas Day)"


@pytest.mark.parametrize(
    ("country", "subdivision", "message"),
    [
        ("XX", None, "there are no holidays of country 'XX'; nearest: "),
        ("fr", None, "there are no holidays of country 'fr'; nearest: FR"),
        ("DE", "BAY", "country DE has no holidays of 'BAY'; nearest: BY"),
    ],
)
def test_an_unknown_country_is_refused_with_the_nearest(country: str, subdivision: str | None, message: str) -> None:
    with pytest.raises(WindowError) as refused:
        Freeze.holidays("bank", country, PARIS, subdivision)
    assert str(refused.value).startswith(message)


def test_an_event_freezes_from_its_start_to_its_end() -> None:
    text = calendar("DTSTART:20261127T060000Z\nDTEND:20261130T060000Z\nSUMMARY:Black Friday")
    freeze = Freeze.calendar("marketing", text, PARIS)
    assert periods(freeze, "2026-01-01", "2028-01-01") == [between("2026-11-27 06:00", "2026-11-30 06:00")]
    assert freeze.title_at(utc("2026-11-28 00:00")) == "'marketing' (Black Friday)"
    assert freeze.title_at(utc("2026-12-28 00:00")) == "'marketing'"


def test_a_whole_day_and_a_time_without_zone_are_read_on_the_clock_of_the_freeze() -> None:
    text = calendar(
        "DTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261227",
        "DTSTART;VALUE=DATE:20260714",
        "DTSTART:20260601T220000\nDURATION:PT2H",
    )
    assert periods(Freeze.calendar("marketing", text, PARIS), "2026-01-01", "2027-01-01") == [
        between("2026-06-01 20:00", "2026-06-01 22:00"),
        between("2026-07-13 22:00", "2026-07-14 22:00"),
        between("2026-12-24 23:00", "2026-12-26 23:00"),
    ]


@pytest.mark.parametrize(
    ("zone", "local", "starts"),
    [
        ("Pacific/Auckland", "20270101T003000", "2026-12-31 11:30"),
        ("America/Santiago", "20261231T223000", "2027-01-01 01:30"),
    ],
)
def test_new_years_eve_is_found_on_either_side_of_midnight(zone: str, local: str, starts: str) -> None:
    freeze = Freeze.calendar("fireworks", calendar(f"DTSTART:{local}\nDURATION:PT15M"), zone)
    (only,) = periods(freeze, starts, "2027-01-02")
    assert only.start == utc(starts)
    assert freeze.title_at(only.start) == "'fireworks'"


def test_a_time_with_a_zone_of_its_own_keeps_it() -> None:
    text = calendar("DTSTART;TZID=America/New_York:20260601T220000\nDTEND;TZID=America/New_York:20260602T020000")
    freeze = Freeze.calendar("marketing", text, PARIS)
    assert periods(freeze, "2026-01-01", "2027-01-01") == [between("2026-06-02 02:00", "2026-06-02 06:00")]


def test_a_recurring_event_keeps_its_wall_time_and_its_exceptions() -> None:
    event = (
        "DTSTART;TZID=Europe/Paris:20261018T020000\nDTEND;TZID=Europe/Paris:20261018T023000\n"
        "RRULE:FREQ=WEEKLY;COUNT=4\nEXDATE;TZID=Europe/Paris:20261108T020000"
    )
    assert periods(Freeze.calendar("backup", calendar(event), "UTC"), "2026-01-01", "2027-01-01") == [
        between("2026-10-18 00:00", "2026-10-18 00:30"),
        between("2026-10-25 00:00", "2026-10-25 01:30"),  # 02:00 is shown first, 02:30 is shown last
        between("2026-11-01 01:00", "2026-11-01 01:30"),
    ]


def test_an_event_across_years_is_given_once() -> None:
    text = calendar("DTSTART;VALUE=DATE:20261220\nDTEND;VALUE=DATE:20280105\nSUMMARY:rebuild")
    freeze = Freeze.calendar("marketing", text, "UTC")
    assert periods(freeze, "2026-01-01", "2030-01-01") == [between("2026-12-20", "2028-01-05")]
    assert periods(freeze, "2027-06-01", "2030-01-01") == [between("2026-12-20", "2028-01-05")]
    assert freeze.title_at(utc("2027-06-01")) == "'marketing' (rebuild)"


def test_a_cancelled_event_freezes_nothing() -> None:
    text = calendar("DTSTART:20261127T060000Z\nDTEND:20261130T060000Z\nSTATUS:CANCELLED")
    assert periods(Freeze.calendar("marketing", text, PARIS), "2026-01-01", "2027-01-01") == []


def test_several_calendars_in_one_text_all_freeze() -> None:
    text = calendar("DTSTART;VALUE=DATE:20260101") + calendar("DTSTART;VALUE=DATE:20260501")
    assert [one.start.month for one in periods(Freeze.calendar("m", text, "UTC"), "2026-01-01", "2027-01-01")] == [1, 5]


def test_an_empty_calendar_freezes_nothing() -> None:
    assert periods(Freeze.calendar("marketing", calendar(), PARIS), "2026-01-01", "2027-01-01") == []


WHOLE = calendar("DTSTART:20261127T060000Z\nDTEND:20261130T060000Z\nSUMMARY:year end")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it holds no VCALENDAR; a calendar begins with BEGIN:VCALENDAR"),
        ("hello", "line 1 is 'hello'; a calendar's lines look like SUMMARY:year end (RFC 5545)"),
        ("<!DOCTYPE html><html>sign in</html>", "line 1 is '<!DOCTYPE html><html>sign in</html>'; a calendar's lines"),
        ("SUMMARY:x", "line 1 stands outside every VCALENDAR; a calendar begins with BEGIN:VCALENDAR"),
        ("BEGIN:VEVENT\nEND:VEVENT", "line 1 begins VEVENT; a calendar begins with BEGIN:VCALENDAR"),
        (
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n",
            "line 3 ends VCALENDAR, while VEVENT is open since line 2",
        ),
        ("END:VCALENDAR", "line 1 ends VCALENDAR, while nothing is open since line 1"),
        (WHOLE.replace("DTSTART:20261127T060000Z\n", ""), "line 4: event 'year end' has no DTSTART; without it nobody"),
        (
            WHOLE.replace("20261127T060000Z", "nonsense"),
            "line 6: DTSTART:nonsense is no date or time; it looks like 20261224, 20261224T220000 or 20261224T220000Z",
        ),
        (
            WHOLE.replace("SUMMARY", "RRULE:FREQ=SOMETIMES\nSUMMARY"),
            "line 8: event 'year end': rule 'FREQ=SOMETIMES' needs one FREQ of YEARLY, MONTHLY, WEEKLY, DAILY",
        ),
        (
            WHOLE.replace("20261130", "20261126"),
            "line 7: event 'year end' ends 20261126T060000Z, before it starts 20261127T060000Z; it must end later",
        ),
        (
            WHOLE.replace("DTSTART:20261127T060000Z", "DTSTART;TZID=Europe/Pariss:20261127T060000"),
            "line 6: there is no time zone 'Europe/Pariss'; nearest: Europe/Paris",
        ),
    ],
)
def test_a_text_that_is_no_calendar_is_refused_with_the_line_and_what_would_be_right(text: str, said: str) -> None:
    with pytest.raises(WindowError, match=re.escape(said)):
        Freeze.calendar("marketing", text, PARIS)


def test_a_calendar_that_was_cut_short_anywhere_is_refused() -> None:
    """A half of a list of freezes must not pass for the list."""
    first, second = calendar("DTSTART;VALUE=DATE:20260101"), calendar("DTSTART;VALUE=DATE:20260501")
    ends_of_a_calendar = {len(first) - 1, len(first)}
    for length in set(range(len(first + second) - 1)) - ends_of_a_calendar:
        with pytest.raises(WindowError):
            Freeze.calendar("marketing", (first + second)[:length], PARIS)


def test_folded_lines_and_lines_of_other_programs_are_part_of_a_calendar() -> None:
    text = calendar('DTSTART;VALUE=DATE:20260101\nATTENDEE;CN="Doe: John";X_Y=1:mailto:a@b\nSUMMARY:a lo\n ng day')
    (found,) = periods(Freeze.calendar("m", text, "UTC"), "2026-01-01", "2027-01-01")
    assert Freeze.calendar("m", text, "UTC").title_at(found.start) == "'m' (a long day)"


def test_overlapping_events_hold_until_the_last_of_them_ends() -> None:
    text = calendar(
        "DTSTART:20261127T060000Z\nDTEND:20261127T200000Z\nSUMMARY:sale",
        "DTSTART:20261127T080000Z\nDTEND:20261127T090000Z\nSUMMARY:audit",
    )
    window = ReleaseWindow.once("release", datetime(2026, 11, 27), datetime(2026, 11, 28), "UTC")
    freeze = Freeze.calendar("marketing", text, "UTC")
    verdict = judge([window], [freeze], now=utc("2026-11-27 08:30"), work=HOUR, reserve=HOUR)
    assert verdict.next_open == utc("2026-11-27 20:00")
    assert verdict.reason == "frozen by 'marketing' (sale, audit) until 2026-11-27 20:00 UTC"
