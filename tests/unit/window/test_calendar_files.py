"""What calendars of other programs hold: it freezes, or it is told with its line."""

import re
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_freeze import PARIS, between, calendar, periods, utc

from deployplan.window import FOREVER, Freeze, Interval, WindowError

XMAS = between("2026-12-23 23:00", "2026-12-24 23:00")


def frozen(*events: str, head: str = "", zone: str = PARIS) -> list[Interval]:
    return periods(Freeze.calendar("f", calendar(*events, head=head), zone), "2026-01-01", "2028-01-01")


def told(*events: str, head: str = "") -> str:
    with pytest.raises(WindowError) as refused:
        Freeze.calendar("f", calendar(*events, head=head), PARIS)
    return str(refused.value)


@pytest.mark.parametrize("ends", ["DTEND;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261225", "DURATION:P1D", "X-NONE:1"])
def test_a_whole_day_is_frozen_also_when_it_ends_as_it_starts(ends: str) -> None:
    assert frozen(f"DTSTART;VALUE=DATE:20261224\n{ends}") == [XMAS]


@pytest.mark.parametrize("uid", ["", "same"])
def test_events_that_share_an_identity_or_have_none_all_freeze(uid: str) -> None:
    days = "".join(f"BEGIN:VEVENT\nUID:{uid}\nDTSTART;VALUE=DATE:202612{day}\nEND:VEVENT\n" for day in (24, 28, 31))
    text = f"BEGIN:VCALENDAR\n{days}END:VCALENDAR\n"
    assert len(periods(Freeze.calendar("f", text, PARIS), "2026-01-01", "2028-01-01")) == 3


def test_an_instance_that_is_moved_frees_its_place_only_where_one_event_alone_has_its_identity() -> None:
    series = "BEGIN:VEVENT\nUID:a\nDTSTART;VALUE=DATE:20261201\nRRULE:FREQ=DAILY;COUNT=3\nEND:VEVENT\n"
    moved = "BEGIN:VEVENT\nUID:a\nRECURRENCE-ID;VALUE=DATE:20261202\nDTSTART;VALUE=DATE:20261210\nEND:VEVENT\n"
    for many, days in ((1, [30, 2, 9]), (2, [30, 1, 2, 9])):
        text = f"BEGIN:VCALENDAR\n{series * many}{moved}END:VCALENDAR\n"
        found = periods(Freeze.calendar("f", text, PARIS), "2026-01-01", "2028-01-01")
        assert sorted({one.start for one in found}) == [
            utc(f"2026-{'11' if day == 30 else '12'}-{day:02} 23:00") for day in days
        ]


def test_all_that_follow_move_with_the_instance_that_says_so() -> None:
    series = "BEGIN:VEVENT\nUID:a\nDTSTART:20261201T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=4\nEND:VEVENT\n"
    moved = (
        "BEGIN:VEVENT\nUID:a\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261203T080000Z\n"
        "DTSTART:20261203T100000Z\nDURATION:PT2H\nEND:VEVENT\n"
    )
    text = f"BEGIN:VCALENDAR\n{moved}{series}END:VCALENDAR\n"
    assert periods(Freeze.calendar("f", text, PARIS), "2026-01-01", "2028-01-01") == [
        between("2026-12-01 08:00", "2026-12-01 09:00"),
        between("2026-12-02 08:00", "2026-12-02 09:00"),
        between("2026-12-03 10:00", "2026-12-03 12:00"),
        between("2026-12-04 10:00", "2026-12-04 12:00"),
    ]


@pytest.mark.parametrize(
    ("until", "last"), [("20261203", 3), ("20261203T090000", 3), ("20261203T080000Z", 3), ("20261203T075959Z", 2)]
)
def test_until_includes_the_instance_it_names_and_a_date_its_whole_day(until: str, last: int) -> None:
    zone = ";TZID=Europe/Paris:202612"
    found = frozen(f"DTSTART{zone}01T090000\nDTEND{zone}01T100000\nRRULE:FREQ=DAILY;UNTIL={until}")
    assert [one.start for one in found] == [utc(f"2026-12-0{day} 08:00") for day in range(1, last + 1)]


def test_until_as_an_instant_includes_the_day_it_means_for_whole_days_on_either_clock() -> None:
    for zone, until in (("America/New_York", "20261203T000000Z"), ("Asia/Tokyo", "20261202T150000Z")):
        found = frozen(f"DTSTART;VALUE=DATE:20261201\nRRULE:FREQ=DAILY;UNTIL={until}", zone=zone)
        assert len(found) == 3


def test_fridays_and_first_mondays_are_both_frozen() -> None:
    found = frozen("DTSTART;VALUE=DATE:20260102\nRRULE:FREQ=MONTHLY;BYDAY=FR,1MO", zone="UTC")
    assert [one.start.day for one in found if one.start.year == 2026 and one.start.month == 1] == [2, 5, 9, 16, 23, 30]


def test_a_time_in_utc_that_also_names_a_zone_is_the_instant_it_is() -> None:
    event = "DTSTART;TZID=America/New_York:20260725T121500Z\nDTEND;TZID=America/New_York:20260725T141500Z"
    assert frozen(event) == [between("2026-07-25 12:15", "2026-07-25 14:15")]
    assert told(f"{event}\nRRULE:FREQ=WEEKLY").startswith(
        "line 6: event 'without a name' recurs in time zone 'America/New_York' and in UTC (Z) at once"
    )


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("DTSTART;VALUE=DATE:20261224\nDTEND:20261226T120000Z", between("2026-12-23 23:00", "2026-12-26 12:00")),
        ("DTSTART;VALUE=DATE:20261224\nDTEND:20261226T120000", between("2026-12-23 23:00", "2026-12-26 11:00")),
        ("DTSTART:20261224T080000\nDTEND;VALUE=DATE:20261226", between("2026-12-24 07:00", "2026-12-25 23:00")),
        ("DTSTART:20261224T080000\nDTEND;VALUE=DATE:20261224", between("2026-12-24 07:00", "2026-12-24 23:00")),
        (
            "DTSTART;TZID=Asia/Tokyo:20261224T080000\nDTEND:20261224T100000",
            between("2026-12-23 23:00", "2026-12-24 01:00"),
        ),
        (
            "DTSTART:20261224T080000\nDTEND;TZID=Asia/Tokyo:20261224T100000",
            between("2026-12-23 23:00", "2026-12-24 01:00"),
        ),
        (
            "DTSTART;TZID=Asia/Tokyo:20261224T080000\nDTEND;TZID=America/New_York:20261224T080000",
            between("2026-12-23 23:00", "2026-12-24 13:00"),
        ),
        ("DTSTART:20261224T080000Z\nDTEND:99991231T000000Z", Interval(utc("2026-12-24 08:00"), FOREVER)),
        ("DTSTART:20261224T080060Z\nDURATION:PT1H", between("2026-12-24 08:00:59", "2026-12-24 09:00:59")),
    ],
)
def test_start_and_end_that_are_written_differently_have_one_zone(event: str, expected: Interval) -> None:
    assert frozen(event) == [expected]


def test_times_without_zone_are_on_the_clock_that_the_calendar_names_and_whole_days_on_that_of_the_freeze() -> None:
    events = ("DTSTART:20261224T080000\nDTEND:20261224T090000", "DTSTART;VALUE=DATE:20261225")
    assert frozen(*events, head="X-WR-TIMEZONE:America/New_York\n") == [
        between("2026-12-24 13:00", "2026-12-24 14:00"),
        between("2026-12-24 23:00", "2026-12-25 23:00"),
    ]
    assert frozen(*events)[0] == between("2026-12-24 07:00", "2026-12-24 08:00")
    assert told(*events, head="X-WR-TIMEZONE:Nowhere/Else\n").startswith("line 4: there is no time zone 'Nowhere/Else'")


ZONE = (
    "BEGIN:VTIMEZONE\nTZID:{name}\nBEGIN:STANDARD\nDTSTART:16011028T030000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\n"
    "TZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nEND:STANDARD\nBEGIN:DAYLIGHT\nDTSTART:16010325T020000\n"
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nEND:DAYLIGHT\nEND:VTIMEZONE\n"
)


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("Europe/Paris", ""),
        ('"Europe/Paris"', ""),
        ("/freeassociation.sourceforge.net/Europe/Paris", ""),
        ("/citadel.org/20190914_1/Europe/Paris", ""),
        ("W. Europe Standard Time", ""),
        ("w. europe  standard time", ""),
        ('"(UTC+01:00) Amsterdam, Berlin, Bern, Rome"', ZONE.format(name="(UTC+01:00) Amsterdam, Berlin, Bern, Rome")),
        ("Customized Time Zone", ZONE.format(name="Customized Time Zone")),
    ],
)
def test_a_zone_is_known_by_its_name_its_windows_name_or_its_definition(name: str, head: str) -> None:
    for month, hour in ((1, 21), (7, 20)):
        event = f"DTSTART;TZID={name}:20260{month}01T220000\nDURATION:PT1H"
        assert frozen(event, head=head)[0].start == utc(f"2026-0{month}-01 {hour}:00")


def test_every_windows_name_of_the_unicode_projects_table_is_known() -> None:
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    assert len(WINDOWS_TO_OLSON) > 130
    for name, zone in WINDOWS_TO_OLSON.items():
        assert frozen(f'DTSTART;TZID="{name}":20260102T120000\nDURATION:PT1H')[0].start == datetime(
            2026, 1, 2, 12, tzinfo=ZoneInfo(zone)
        ).astimezone(UTC), name


ANY_WAY = "export it with its time zones, or write its name, as W. Europe Standard Time or Europe/Paris"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("(UTC+01:00) Amsterdam, Berlin", f"has no VTIMEZONE of this name; {ANY_WAY}"),
        ("(GMT-08.00) Pacific Time (US & Canada)", f"has no VTIMEZONE of this name; {ANY_WAY}"),
        ("(UTC) Coordinated Universal Time", f"has no VTIMEZONE of this name; {ANY_WAY}"),
        ("W. Europ Standard Time", "the file has no VTIMEZONE of this name either"),
        (
            "Europe/Pariss",
            "nearest: Europe/Paris, Europe/Warsaw, Europe/Madrid; the file has no VTIMEZONE of this name either",
        ),
        ("../../etc/passwd", "the file has no VTIMEZONE of this name either"),
        ("UTC+01:00", "the file has no VTIMEZONE of this name either"),
        ("Z" * 500, f"there is no time zone '{'Z' * 80}…'; IANA names look like Europe/Paris or UTC"),
    ],
)
def test_a_zone_that_nobody_knows_is_refused_in_our_words_with_its_line_and_the_cure(name: str, said: str) -> None:
    for events, head, line in (
        (f'DTSTART;TZID="{name}":20260101T220000', "", 6),
        ("DTSTART:20260101T220000", f"X-WR-TIMEZONE:{name}\n", 4),
    ):
        found = told(events, head=head)
        assert found.startswith(f"line {line}: there is no time zone '"), found
        assert found.endswith(said), found
    assert told(
        f'DTSTART:20260101T220000Z\nDTEND;TZID={PARIS}:20260101T230000\nEXDATE;TZID="{name}":20260102T220000'
    ).startswith("line 8: ")


def test_a_zone_that_a_file_defines_shows_and_skips_times_as_that_of_the_database() -> None:
    """Every quarter of an hour around both changes of clocks of three years."""
    head = ZONE.format(name="Own")
    for day in ("20260329", "20261025", "20270328", "20271031"):
        for quarter in range(4, 16):
            at = f"{day}T{quarter // 4:02}{quarter % 4 * 15:02}00"
            own, known = (
                frozen(f"DTSTART;TZID={name}:{at}\nDTEND;TZID={name}:{day}T120000", head=head)
                for name in ("Own", PARIS)
            )
            assert own == known, at


@pytest.mark.parametrize(
    ("event", "head", "said"),
    [
        ('DTSTART;TZID="(UTC+01:00) Amsterdam":20260101T220000', "", "line 6: there is no time zone '(UTC+01:00) Amst"),
        (
            "DTSTART;TZID=Own:20260101T220000",
            ZONE.format(name="Own").replace("+0100", "1"),
            "has no TZOFFSETTO like +0100",
        ),
        (
            "DTSTART;TZID=Own:20260101T220000",
            ZONE.format(name="Own").replace("YEARLY;BYDAY=-1SU", "DAILY"),
            "it has FREQ=YEARLY",
        ),
        (
            "DTSTART;TZID=Own:20260101T220000",
            "BEGIN:VTIMEZONE\nTZID:Own\nEND:VTIMEZONE\n",
            "time zone 'Own' of line 4 has no STANDARD and no DAYLIGHT",
        ),
        ("DTSTART:20261224T080000\nDTSTART:20261225T080000", "", "line 7: event 'without a name' has two DTSTART"),
        ("DTSTART:20261324T080000", "", "line 6: DTSTART:20261324T080000 does not exist in the calendar"),
        ("DTSTART:20261224T250000", "", "line 6: DTSTART:20261224T250000 does not exist in the calendar"),
        ("DTSTART:2026-12-24", "", "line 6: DTSTART:2026-12-24 is no date or time; it looks like 20261224"),
        ("DTSTART:29261224", "", "line 6: event 'without a name' starts in year 2926; years end with 2199"),
        ("DTSTART:00011224", "", "line 6: DTSTART:00011224 lies in year 1; years are 1601 to 2199"),
        ("DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261223", "", "ends 20261223, before it starts 20261224"),
        ("DTSTART:20261224T080000Z\nDURATION:PT", "", "line 7: DURATION:PT is no length; it looks like P2D, PT4H"),
        ("DTSTART:20261224T080000Z\nDURATION:-PT1H", "", "line 7: DURATION:-PT1H is negative"),
        ("DTSTART:20261224T080000Z\nDURATION:PT1H\nEXDATE:x", "", "line 8: EXDATE:x is no date or time"),
        (
            "DTSTART:20261224\nRRULE:FREQ=HOURLY",
            "",
            "line 7: event 'without a name': rule 'FREQ=HOURLY' needs one FREQ",
        ),
        ("DTSTART:20261224\nRRULE:FREQ=SECONDLY", "", "line 7: event 'without a name': rule 'FREQ=SECONDLY' needs one"),
        ("DTSTART:20261224\nRRULE:FREQ=MONTHLY;BYMONTHDAY=0", "", "BYMONTHDAY=0 holds '0'; its numbers are 1 to 31"),
        ("DTSTART:20261224\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "", "never fires; see whether"),
        ("DTSTART:20261224\nDURATION:P400D\nRRULE:FREQ=YEARLY", "", "lasts 400 days each time; at most 366 can be"),
    ],
)
def test_what_cannot_be_is_told_with_its_line_in_our_own_words(event: str, head: str, said: str) -> None:
    assert said in told(event, head=head)


def test_the_busy_times_of_a_file_without_events_freeze() -> None:
    text = (
        "BEGIN:VCALENDAR\nBEGIN:VFREEBUSY\nDTSTART:20261201T000000Z\nDTEND:20270101T000000Z\n"
        "FREEBUSY;FBTYPE=BUSY:20261224T080000Z/20261226T080000Z,20261228T080000Z/PT2H\n"
        "FREEBUSY:20261230T080000Z/PT1H\nFREEBUSY;FBTYPE=FREE:20261231T080000Z/PT1H\nEND:VFREEBUSY\nEND:VCALENDAR\n"
    )
    assert periods(Freeze.calendar("f", text, PARIS), "2026-01-01", "2028-01-01") == [
        between("2026-12-24 08:00", "2026-12-26 08:00"),
        between("2026-12-28 08:00", "2026-12-28 10:00"),
        between("2026-12-30 08:00", "2026-12-30 09:00"),
    ]


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("BEGIN:VFREEBUSY\nDTSTART:20261201T000000Z\nEND:VFREEBUSY\n", "line 2: VFREEBUSY names no busy time"),
        (
            "BEGIN:VTODO\nDTSTART:20261201T000000Z\nDUE:20261231T000000Z\nEND:VTODO\n",
            "line 2: it holds VTODO and no event; what freezes is VEVENT and VFREEBUSY",
        ),
    ],
)
def test_a_file_without_anything_that_freezes_is_told(part: str, said: str) -> None:
    with pytest.raises(WindowError, match=re.escape(said)):
        Freeze.calendar("f", f"BEGIN:VCALENDAR\n{part}END:VCALENDAR\n", PARIS)


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("EXDATE:20261202T080000Z", [1, 3]),
        ("EXDATE;VALUE=DATE:20261202", [1, 3]),
        ("EXDATE;TZID=Europe/Paris:20261202T090000,20261203T090000", [1]),
        ("EXDATE:20261202T090000Z", [1, 2, 3]),
    ],
)
def test_an_instance_is_excepted_by_its_instant_or_its_day(written: str, left: list[int]) -> None:
    found = frozen(f"DTSTART:20261201T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3\n{written}")
    assert [one.start.day for one in found] == left


@pytest.mark.parametrize("written", ["EXDATE;VALUE=DATE:20261224", "EXDATE:20261224T000000", "EXDATE:20261223T230000Z"])
def test_a_whole_day_is_excepted_however_its_day_is_written(written: str) -> None:
    assert frozen(f"DTSTART;VALUE=DATE:20261224\nRRULE:FREQ=YEARLY;COUNT=1\n{written}") == []


def test_expansion_is_bounded_in_number_and_in_time() -> None:
    hours = ",".join(map(str, range(24)))
    often = f"DTSTART:20260101T000000Z\nDURATION:PT1M\nRRULE:FREQ=DAILY;BYHOUR={hours};BYMINUTE=0,15,30,45"
    rare = "DTSTART:19700101T000000Z\nDURATION:PT1M\nRRULE:FREQ=YEARLY;BYDAY=MO;BYMONTH=2;BYMONTHDAY=29;COUNT=100000"
    for event, many, said in (
        (often, 3, "times in a year; 100000 times are allowed"),
        (rare, 2000, "too long to follow"),
    ):
        began = time.process_time()
        assert said in told(*[event] * many)
        assert time.process_time() - began < 10


@pytest.mark.parametrize("megabytes", [2, pytest.param(8, marks=pytest.mark.chaos)])
def test_a_large_calendar_is_read_in_seconds_whatever_its_lines_are(megabytes: int) -> None:
    """Eight megabytes are the most that is read; what takes longer by the square shows at two as well."""
    event = "DTSTART:20261224T080000Z\nDTEND:20261224T090000Z\nSUMMARY:" + "x" * 80
    many = calendar(*[event] * (5_625 * megabytes))
    folded = calendar("DTSTART;VALUE=DATE:20261224\nSUMMARY:x" + "\n y" * (325_000 * megabytes))
    for text in (many, folded):
        assert 875_000 * megabytes < len(text) < megabytes * 1024 * 1024
        began = time.process_time()
        assert periods(Freeze.calendar("f", text, PARIS), "2026-12-24", "2026-12-25")
        assert time.process_time() - began < 3.75 * megabytes


PIECES = st.sampled_from(
    [
        "BEGIN:VEVENT",
        "END:VEVENT",
        "DTSTART:20261224T080000Z",
        "DTSTART;VALUE=DATE:20261224",
        "DTSTART;TZID=Europe/Paris:20261025T023000",
        "DTEND:20261224T090000Z",
        "DTEND;VALUE=DATE:20261224",
        "DTEND:99991231T235959",
        "DURATION:P1D",
        "DURATION:P999999W",
        "DURATION:PT1H",
        "RRULE:FREQ=DAILY",
        "RRULE:FREQ=YEARLY;BYDAY=53MO",
        "RRULE:FREQ=WEEKLY;UNTIL=00010101",
        "RRULE:FREQ=MONTHLY;UNTIL=99991231T235959Z",
        "RDATE:20261231T080000Z",
        "RDATE;VALUE=PERIOD:20261231T080000Z/P1D",
        "EXDATE:16010101T000000",
        "RECURRENCE-ID:20261224T080000Z",
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20261225",
        "UID:a",
        "STATUS:CANCELLED",
        "X-WR-TIMEZONE:Asia/Tokyo",
        "BEGIN:VALARM",
        "END:VALARM",
        "FREEBUSY:20261231T080000Z/PT1H",
        "SUMMARY:\\,\\n",
        "DTSTART:",
        "RRULE:",
        "EXDATE:,,",
        "RDATE:21991231T235959Z",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(PIECES, max_size=8), max_size=4), st.text(max_size=20))
def test_whatever_stands_in_a_calendar_it_is_read_or_told(events: list[list[str]], strange: str) -> None:
    lines = [line for event in events for line in ("BEGIN:VEVENT", *event, "END:VEVENT")]
    for text in ("\n".join(["BEGIN:VCALENDAR", *lines, "END:VCALENDAR"]), "\n".join([*lines, strange])):
        try:
            freeze = Freeze.calendar("f", text, PARIS)
        except WindowError:
            continue
        found = list(freeze.occurrences(datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)))
        assert all(one.end - one.start > timedelta() for one in found)
