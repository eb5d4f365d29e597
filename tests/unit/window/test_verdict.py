"""May a release start now, and if not, why and when?"""

import json
from datetime import UTC, datetime, timedelta
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest

from deployplan.window import Freeze, ReleaseWindow, Verdict, WindowError, judge

PARIS = "Europe/Paris"
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
NOTHING = timedelta()


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def at(text: str, zone: str = PARIS) -> datetime:
    """The instant at which a clock in `zone` shows `text`."""
    return wall(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def a_window(opens: str = "2026-11-28 22:00", closes: str = "2026-11-29 02:00", name: str = "release") -> ReleaseWindow:
    return ReleaseWindow.once(name, wall(opens), wall(closes), PARIS)


def a_freeze(starts: str, ends: str | None, name: str = "year end") -> Freeze:
    return Freeze.once(name, wall(starts), wall(ends) if ends else None, PARIS)


def nightly(duration: timedelta = 4 * HOUR) -> ReleaseWindow:
    return ReleaseWindow.recurring("nightly", "FREQ=DAILY", wall("2026-01-01 22:00"), duration, PARIS)


def ask(
    now: str,
    *freezes: Freeze,
    windows: tuple[ReleaseWindow, ...] | None = None,
    work: timedelta = HOUR,
    reserve: timedelta = HOUR / 2,
) -> Verdict:
    return judge((a_window(),) if windows is None else windows, freezes, now=at(now), work=work, reserve=reserve)


# The edges


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        ("2026-11-28 21:59:59.999999", False),
        ("2026-11-28 22:00", True),
        ("2026-11-29 00:30", True),
        ("2026-11-29 00:30:00.000001", False),
        ("2026-11-29 02:00", False),
    ],
)
def test_a_window_is_open_from_its_opening_to_the_last_safe_start_and_both_belong_to_it(
    now: str, is_open: bool
) -> None:
    assert ask(now).open is is_open


def test_after_the_last_safe_start_nothing_new_starts_although_the_window_is_still_open() -> None:
    verdict = ask("2026-11-29 00:31")
    assert not verdict.open
    assert (verdict.closes, verdict.last_safe_start) == (at("2026-11-29 02:00"), at("2026-11-29 00:30"))


def test_without_work_a_window_is_open_to_its_very_end_and_not_at_it() -> None:
    assert ask("2026-11-29 01:59:59.999999", work=NOTHING, reserve=NOTHING).open
    assert not ask("2026-11-29 02:00", work=NOTHING, reserve=NOTHING).open


def test_there_is_no_hole_of_59_seconds_between_windows_that_touch() -> None:
    windows = (
        a_window("2026-11-28 22:00", "2026-11-29 00:00"),
        a_window("2026-11-29 00:00", "2026-11-29 02:00", "second"),
    )
    for seconds in range(-61, 62):
        verdict = judge(windows, [], now=at("2026-11-29 00:00") + seconds * SECOND, work=HOUR, reserve=NOTHING)
        assert verdict.open
        assert verdict.closes == at("2026-11-29 02:00")


def test_overlapping_windows_are_one_and_the_one_that_closes_last_is_named() -> None:
    windows = (a_window(name="long"), a_window("2026-11-28 23:00", "2026-11-29 01:00", "short"))
    verdict = ask("2026-11-28 23:30", windows=windows)
    assert verdict.reason == "open: window 'long' closes 2026-11-29 02:00 CET, last safe start 2026-11-29 00:30 CET"


def test_without_windows_it_is_always_open() -> None:
    verdict = ask("2026-11-28 12:00", windows=())
    assert verdict == Verdict(True, "open: no window is set and no freeze is known")


def test_a_window_every_day_round_the_clock_never_closes() -> None:
    always = ReleaseWindow.recurring("always", "FREQ=DAILY", wall("2026-01-01"), timedelta(days=1), PARIS)
    assert ask("2026-11-28 12:00", windows=(always,)) == Verdict(True, "open: window 'always' has no known close")


# Freezes


def test_a_freeze_beats_every_window() -> None:
    verdict = ask("2026-11-28 23:00", a_freeze("2026-11-28 20:00", "2026-11-29 00:00"), windows=(a_window(), nightly()))
    assert not verdict.open
    assert verdict.next_open == at("2026-11-29 00:00")
    assert verdict.reason == "frozen by 'year end' until 2026-11-29 00:00 CET"


def test_a_freeze_holds_at_its_start_and_not_at_its_end() -> None:
    freeze = a_freeze("2026-11-28 23:00", "2026-11-28 23:30")
    assert ask("2026-11-28 23:00", freeze).open is False
    assert ask("2026-11-28 23:29:59.999999", freeze).open is False
    assert ask("2026-11-28 23:30", freeze).open is True


def test_what_ended_as_the_freeze_starts_is_not_spoken_of_any_more() -> None:
    verdict = ask("2026-11-28 23:00", a_freeze("2026-11-28 23:00", "2026-11-28 23:30"))
    assert verdict.closes == at("2026-11-29 02:00")
    assert verdict.next_open == at("2026-11-28 23:30")


def test_a_freeze_that_ends_as_the_window_opens_is_not_its_reason() -> None:
    freeze = a_freeze("2026-11-28 20:00", "2026-11-28 22:00")
    assert ask("2026-11-28 12:00", freeze).reason == "closed: window 'release' opens 2026-11-28 22:00 CET"


def test_a_freeze_inside_a_window_splits_it() -> None:
    freeze = a_freeze("2026-11-29 00:00", "2026-11-29 00:15")
    before, late, after = (ask(f"2026-11-{time}", freeze) for time in ("28 22:15", "28 22:31", "29 00:15"))
    assert (before.open, before.closes, before.last_safe_start) == (
        True,
        at("2026-11-29 00:00"),
        at("2026-11-28 22:30"),
    )
    assert (late.open, late.next_open) == (False, at("2026-11-29 00:15"))
    assert (after.open, after.closes) == (True, at("2026-11-29 02:00"))


def test_a_freeze_next_week_does_not_block_tonight() -> None:
    assert ask("2026-11-28 22:00", a_freeze("2026-12-05 00:00", "2026-12-06 00:00")) == ask("2026-11-28 22:00")


def test_a_recurring_freeze_blocks_only_the_span_of_the_work_itself() -> None:
    weekly = Freeze.recurring("backup", "FREQ=WEEKLY;BYDAY=SU", wall("2026-01-04 01:00"), HOUR, PARIS)
    assert ask("2026-11-28 23:30", weekly).open
    assert not ask("2026-11-28 23:31", weekly).open
    assert ask("2026-11-27 23:31", weekly, windows=(nightly(),)).open


def test_a_freeze_that_starts_when_the_window_closes_changes_nothing() -> None:
    freeze = a_freeze("2026-11-29 02:00", "2026-11-30 00:00")
    assert ask("2026-11-29 00:30", freeze) == ask("2026-11-29 00:30")


def test_a_freeze_declared_late_holds_and_is_released_when_it_ends_if_the_window_still_fits() -> None:
    freeze = a_freeze("2026-11-28 20:00", "2026-11-29 00:30")
    assert ask("2026-11-28 22:00").open
    held = ask("2026-11-28 22:00", freeze)
    assert (held.open, held.missed, held.next_open) == (False, False, at("2026-11-29 00:30"))
    assert ask("2026-11-29 00:30", freeze).open


def test_a_freeze_that_outlasts_the_window_makes_it_missed() -> None:
    verdict = ask("2026-11-28 22:00", a_freeze("2026-11-28 20:00", "2026-11-29 00:31"))
    assert (verdict.open, verdict.missed, verdict.next_open) == (False, True, None)


def test_a_freeze_without_known_end_holds_and_is_not_missed() -> None:
    verdict = ask("2026-11-28 22:00", a_freeze("2026-11-28 20:00", None, "incident"))
    assert verdict == Verdict(False, "frozen by 'incident' with no known end")


def test_a_freeze_without_known_end_is_missed_once_the_window_could_not_take_the_work_any_more() -> None:
    freeze = a_freeze("2026-11-28 20:00", None, "incident")
    assert not ask("2026-11-29 00:30", freeze).missed
    assert ask("2026-11-29 00:31", freeze).missed


def test_days_frozen_for_ever_by_two_rules_together_hold_like_a_freeze_without_end() -> None:
    day = timedelta(days=1)
    first = Freeze.recurring("weekdays", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", wall("2026-01-01"), day, PARIS)
    second = Freeze.recurring("weekend", "FREQ=WEEKLY;BYDAY=SA,SU", wall("2026-01-01"), day, PARIS)
    verdict = ask("2026-11-28 22:00", first, second, windows=(nightly(),))
    assert (verdict.open, verdict.missed, verdict.next_open) == (False, False, None)
    assert verdict.reason == "frozen by 'weekend' with no known end"


def test_a_freeze_of_years_with_a_known_end_tells_when_it_opens() -> None:
    verdict = ask("2026-11-28 22:00", a_freeze("2026-01-01 00:00", "2031-01-01 00:00"), windows=(nightly(),))
    assert verdict.next_open == at("2031-01-01 00:00")
    assert verdict.last_safe_start == at("2031-01-01 00:30")


def test_a_freeze_beyond_all_that_is_looked_at_holds() -> None:
    verdict = ask("2026-11-28 22:00", a_freeze("2026-01-01 00:00", "2099-01-01 00:00"), windows=(nightly(),))
    assert (verdict.open, verdict.missed, verdict.next_open) == (False, False, None)
    assert verdict.reason == "frozen by 'year end' until 2099-01-01 00:00 CET"


# Why, and when


@pytest.mark.parametrize(
    ("now", "freezes", "reason"),
    [
        ("2026-11-28 12:00", (), "closed: window 'release' opens 2026-11-28 22:00 CET"),
        (
            "2026-11-28 23:00",
            (),
            "open: window 'release' closes 2026-11-29 02:00 CET, last safe start 2026-11-29 00:30 CET",
        ),
        (
            "2026-11-28 23:00",
            (("2026-11-29 01:00", "2026-12-01 00:00"),),
            "open: window 'release', freeze 'year end' starts 2026-11-29 01:00 CET,"
            " last safe start 2026-11-28 23:30 CET",
        ),
        (
            "2026-11-29 00:42",
            (),
            "too late to fit: 1h of work and 30m of reserve overrun the close of window 'release'"
            " at 2026-11-29 02:00 CET by 12m and it does not open again",
        ),
        (
            "2026-11-28 22:45",
            (("2026-11-29 00:00", "2026-11-29 00:15"),),
            "too late to fit: 1h of work and 30m of reserve overrun the start of freeze 'year end'"
            " at 2026-11-29 00:00 CET by 15m;"
            " window 'release' is free from 2026-11-29 00:15 CET, when freeze 'year end' ends",
        ),
        ("2026-11-29 02:00", (), "closed: window 'release' closed 2026-11-29 02:00 CET and does not open again"),
        (
            "2026-11-28 12:00",
            (("2026-11-28 20:00", "2026-11-28 23:00"),),
            "closed: window 'release' is free from 2026-11-28 23:00 CET, when freeze 'year end' ends",
        ),
        (
            "2026-11-28 12:00",
            (("2026-11-28 20:00", "2026-11-30 00:00"),),
            "closed: freeze 'year end' lasts until 2026-11-30 00:00 CET;"
            " window 'release' closes 2026-11-29 02:00 CET and does not open again",
        ),
        (
            "2026-11-28 12:00",
            (("2026-11-28 20:00", None),),
            "closed: window 'release' opens 2026-11-28 22:00 CET, but freeze 'year end' has no known end",
        ),
        (
            "2026-11-28 12:00",
            (("2026-11-28 10:00", "2026-11-28 13:00"),),
            "frozen by 'year end' until 2026-11-28 13:00 CET; window 'release' opens 2026-11-28 22:00 CET",
        ),
        (
            "2026-11-28 22:30",
            (("2026-11-28 22:00", "2026-11-29 03:00"),),
            "frozen by 'year end' until 2026-11-29 03:00 CET;"
            " window 'release' closes 2026-11-29 02:00 CET and does not open again",
        ),
        (
            "2026-11-28 22:45",
            (("2026-11-29 00:00", None),),
            "too late to fit: 1h of work and 30m of reserve overrun the start of freeze 'year end'"
            " at 2026-11-29 00:00 CET by 15m; freeze 'year end' has no known end",
        ),
        (
            "2026-11-29 12:00",
            (("2026-11-28 20:00", "2026-11-30 00:00"),),
            "frozen by 'year end' until 2026-11-30 00:00 CET;"
            " window 'release' closed 2026-11-29 02:00 CET and does not open again",
        ),
    ],
)
def test_why_it_is_open_or_closed_is_always_answered(
    now: str, freezes: tuple[tuple[str, str | None], ...], reason: str
) -> None:
    assert ask(now, *(a_freeze(*freeze) for freeze in freezes)).reason == reason


def test_a_summer_time_is_shown_in_summer_time() -> None:
    verdict = ask("2026-06-01 12:00", windows=(nightly(),))
    assert verdict.reason == "closed: window 'nightly' opens 2026-06-01 22:00 CEST"


def test_work_that_never_fits_a_recurring_window_is_missed_and_told_by_how_much() -> None:
    verdict = ask("2026-06-01 12:00", windows=(nightly(),), work=4 * HOUR)
    assert (verdict.open, verdict.missed, verdict.next_open) == (False, True, None)
    assert verdict.reason == (
        "too short to fit: 4h of work and 30m of reserve need 4h30m, the longest opening is"
        " window 'nightly' from 2026-06-01 22:00 CEST to 2026-06-02 02:00 CEST, 4h long, short by 30m"
    )


def test_too_late_tonight_names_the_next_night() -> None:
    verdict = ask("2026-06-02 00:31", windows=(nightly(),))
    assert verdict.next_open == at("2026-06-02 22:00")
    assert verdict.reason == (
        "too late to fit: 1h of work and 30m of reserve overrun the close of window 'nightly'"
        " at 2026-06-02 02:00 CEST by 1m; window 'nightly' opens 2026-06-02 22:00 CEST"
    )


def test_the_next_opening_is_one_in_which_the_work_fits() -> None:
    windows = (
        a_window("2026-11-28 22:00", "2026-11-28 23:00", "short"),
        a_window("2026-12-01 22:00", "2026-12-02 02:00", "long"),
    )
    verdict = ask("2026-11-28 12:00", windows=windows)
    assert verdict.next_open == at("2026-12-01 22:00")
    assert verdict.reason == "closed: window 'long' opens 2026-12-01 22:00 CET"
    assert ask("2026-11-28 12:00", windows=windows, work=HOUR / 4).next_open == at("2026-11-28 22:00")


def test_two_freezes_in_a_row_are_both_named() -> None:
    freezes = (
        a_freeze("2026-11-28 20:00", "2026-11-28 23:00", "sale"),
        a_freeze("2026-11-28 23:00", "2026-11-28 23:30", "audit"),
    )
    verdict = ask("2026-11-28 22:00", *freezes)
    assert verdict.reason == "frozen by 'sale', then 'audit', until 2026-11-28 23:30 CET"


def test_a_window_that_opens_every_eighth_year_is_found() -> None:
    rule = "FREQ=YEARLY;INTERVAL=8;BYMONTH=2;BYMONTHDAY=29"
    leap = ReleaseWindow.recurring("leap", rule, wall("2024-01-01 22:00"), 4 * HOUR, "UTC")
    freeze = Freeze.once("y", wall("2032-02-29 00:00"), wall("2032-03-02 00:00"), "UTC")
    assert ask("2026-06-01 12:00", windows=(leap,)).next_open == at("2032-02-29 22:00", "UTC")
    assert ask("2026-06-01 12:00", freeze, windows=(leap,)).next_open == at("2040-02-29 22:00", "UTC")


def test_a_one_off_window_years_ahead_is_found() -> None:
    far = ReleaseWindow.once("migration", wall("2034-01-01 10:00"), wall("2034-01-01 12:00"), "UTC")
    assert ask("2026-06-01 12:00", windows=(far,)).next_open == at("2034-01-01 10:00", "UTC")


def test_a_rule_that_has_ended_does_not_open_again() -> None:
    ended = ReleaseWindow.recurring("pilot", "FREQ=DAILY;UNTIL=20260131", wall("2026-01-01 22:00"), HOUR, PARIS)
    verdict = ask("2026-06-01 12:00", windows=(ended,))
    assert verdict == Verdict(
        False, "closed: window 'pilot' closed 2026-01-31 23:00 CET and does not open again", missed=True
    )


# One answer everywhere


def test_the_answer_does_not_depend_on_the_order_in_which_windows_and_freezes_are_listed() -> None:
    windows = (a_window(), nightly(), a_window("2026-11-29 01:00", "2026-11-29 05:00", "late"))
    freezes = (a_freeze("2026-11-29 00:00", "2026-11-29 00:10"), a_freeze("2026-11-29 03:00", "2026-11-29 04:00", "b"))
    for minute in range(0, 600, 7):
        now = at("2026-11-28 20:00") + minute * MINUTE
        answers = {
            (verdict.open, verdict.next_open, verdict.closes, verdict.last_safe_start, verdict.missed)
            for some in permutations(windows)
            for others in permutations(freezes)
            for verdict in [judge(some, others, now=now, work=HOUR, reserve=HOUR)]
        }
        assert len(answers) == 1


def test_the_answer_does_not_depend_on_the_zone_in_which_the_question_is_asked() -> None:
    now = at("2026-11-28 23:00")
    answers = {
        judge([a_window()], [], now=now.astimezone(ZoneInfo(zone)), work=HOUR, reserve=HOUR)
        for zone in ("UTC", PARIS, "Asia/Kathmandu", "Pacific/Chatham")
    }
    assert len(answers) == 1


def test_runs_that_wait_for_the_same_opening_are_told_the_same_instant() -> None:
    waiting = [ask(f"2026-11-28 {hour:02}:00", work=hour * 10 * MINUTE) for hour in range(1, 20)]
    assert {verdict.next_open for verdict in waiting} == {at("2026-11-28 22:00")}


def test_the_verdict_travels_as_json() -> None:
    assert json.loads(json.dumps(ask("2026-11-28 23:00").as_json())) == {
        "open": True,
        "reason": "open: window 'release' closes 2026-11-29 02:00 CET, last safe start 2026-11-29 00:30 CET",
        "next_open": None,
        "closes": "2026-11-29T01:00:00+00:00",
        "last_safe_start": "2026-11-28T23:30:00+00:00",
        "missed": False,
        "held": None,
    }


HOLD = "held by olga since 2026-11-28 22:00 UTC: network works"


def test_while_everything_is_held_an_open_window_is_not_open_and_says_who_holds() -> None:
    free = ask("2026-11-28 23:00")
    held = free.under(HOLD)
    assert (held.open, held.reason, held.held, held.missed) == (False, HOLD, HOLD, False)
    assert held.closes == free.closes
    assert free.under(None) == free


def test_a_closed_window_that_is_held_too_tells_both() -> None:
    closed = ask("2026-11-28 12:00")
    assert closed.under(HOLD).reason == f"{HOLD}; {closed.reason}"


def test_a_window_that_is_missed_is_missed_also_under_a_hold() -> None:
    missed = ask("2027-11-28 12:00")
    assert missed.missed
    assert missed.under(HOLD) == missed


def test_a_question_without_zone_or_with_a_negative_length_is_refused() -> None:
    with pytest.raises(WindowError, match="now needs a time zone: 2026-11-28 22:00:00"):
        judge([], [], now=wall("2026-11-28 22:00"), work=HOUR, reserve=HOUR)
    with pytest.raises(WindowError, match="reserve is -3600s; it is never negative"):
        judge([], [], now=at("2026-11-28 22:00"), work=HOUR, reserve=-HOUR)
