"""A question stays open as long as what is done without an answer still fits the window, and no longer."""

from datetime import UTC, datetime, timedelta

import pytest

from builders import a_snapshot
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.failure.question_clock import question_clock, waiting_time

NOON = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
WINDOW = {"opens": "2026-11-28 11:00", "closes": "2026-11-28 13:00", "timezone": "UTC"}


def plan(*, window: bool = True, **backout: object) -> Snapshot:
    schedule = {"window": WINDOW, "backout_reserve": "20m"} if window else {}
    return a_snapshot(schedule=schedule, backout=backout)


def minutes(number: float) -> datetime:
    return NOON + timedelta(minutes=number)


@pytest.mark.parametrize(
    ("asked", "backout", "until"),
    [
        (0, {}, 15),  # decide_within
        (0, {"decide_within": "2h"}, 40),  # 13:00 less the reserve
        (35, {}, 40),
        (0, {"decide_within": "2h", "expected_duration": "50m"}, 10),  # a backout is known to take longer than that
        (50, {}, 40),  # it does not fit any more: now
        (61, {}, 76),  # the window is over already, and nobody is hurried for its sake
    ],
)
def test_silence_backs_out_at_the_last_instant_that_still_fits(
    asked: float, backout: dict[str, object], until: float
) -> None:
    at = minutes(asked)
    clock = question_clock(plan(**backout), asked=at, waits_until=None, now=at)
    assert (clock.until, clock.backs_out) == (minutes(until), True)
    assert clock.is_over(minutes(until))
    assert not clock.is_over(minutes(until) - timedelta(seconds=1))


def test_without_a_window_people_have_the_time_that_the_plan_gives_them() -> None:
    clock = question_clock(plan(window=False), asked=NOON, waits_until=None, now=NOON)
    assert (clock.until, clock.backs_out) == (minutes(15), True)


def test_where_silence_waits_there_is_no_deadline() -> None:
    clock = question_clock(plan(on_silence="wait"), asked=NOON, waits_until=None, now=NOON)
    assert clock.until is None
    assert not clock.is_over(minutes(9999))


def test_what_waits_is_asked_again_with_its_own_time_but_never_longer_than_a_backout_fits() -> None:
    snapshot = plan()
    first = question_clock(snapshot, asked=NOON, waits_until=None, now=minutes(10))
    until = waiting_time(snapshot, first, asked=NOON, now=minutes(10))
    assert until == minutes(25)
    waits = question_clock(snapshot, asked=NOON, waits_until=until, now=minutes(12))
    assert (waits.until, waits.backs_out) == (minutes(25), False)
    again = question_clock(snapshot, asked=NOON, waits_until=until, now=minutes(25))
    assert (again.until, again.backs_out) == (minutes(40), True)
    last = waiting_time(snapshot, again, asked=NOON, now=minutes(26))
    assert last is None  # waiting would give nobody more time


def test_waiting_to_the_last_instant_ends_in_the_backout() -> None:
    snapshot = plan(decide_within="30m")
    first = question_clock(snapshot, asked=NOON, waits_until=None, now=minutes(20))
    until = waiting_time(snapshot, first, asked=NOON, now=minutes(20))
    assert until == minutes(40)
    waits = question_clock(snapshot, asked=NOON, waits_until=until, now=minutes(21))
    assert (waits.until, waits.backs_out) == (minutes(40), True)


def test_where_silence_waits_people_may_say_when_it_is_asked_again() -> None:
    snapshot = plan(on_silence="wait")
    clock = question_clock(snapshot, asked=NOON, waits_until=None, now=NOON)
    until = waiting_time(snapshot, clock, asked=NOON, now=minutes(3))
    assert until == minutes(18)
    assert question_clock(snapshot, asked=NOON, waits_until=until, now=minutes(4)).until == until
    assert question_clock(snapshot, asked=NOON, waits_until=until, now=minutes(18)).until is None


def test_the_clock_is_told_in_the_time_of_the_plan() -> None:
    paris = {**WINDOW, "timezone": "Europe/Paris", "opens": "2026-11-28 12:00", "closes": "2026-11-28 14:00"}
    snapshot = a_snapshot(schedule={"window": paris, "backout_reserve": "20m"})
    clock = question_clock(snapshot, asked=NOON, waits_until=None, now=NOON)
    assert clock.told(snapshot.timezone) == "Without an answer by 2026-11-28 13:15 CET it is backed out."
