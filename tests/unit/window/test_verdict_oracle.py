"""Whatever the clock does, the verdict is what reading the clock minute by minute gives."""

import random
from datetime import UTC, datetime, time, timedelta

import pytest
from window_oracle import MINUTE, ZONES, Once, Spec, Truth, Weekly, as_freeze, as_window, changes, random_specs

from deployplan.window import Freeze, ReleaseWindow, WindowError, judge, openings

MARGIN = 3 * 1440  # minutes read on either side of the questions, so that what began before and ends after is known

# The changes of a year in which each zone is at its most awkward; without changes: leap day and year end.
AWKWARD = {"Asia/Tehran": 2022, "Pacific/Apia": 2011}
QUIET = (datetime(2028, 2, 29, 12, tzinfo=UTC), datetime(2026, 12, 31, 23, tzinfo=UTC))
NIGHTS = [
    pytest.param(zone, night, id=f"{zone}-{night:%Y-%m-%d}")
    for zone in ZONES
    for night in (changes(zone, AWKWARD.get(zone, 2026)) or QUIET)
]


def agrees(windows: list[Spec], freezes: list[Spec], night: datetime, *, need: int, span: int, step: int = 1) -> None:
    """Compare judge and openings with the truth, at each full minute and 59 seconds later, `span` minutes around."""
    made = _made(windows, freezes)
    if made is None:
        return
    real_windows, real_freezes = made
    begin = night.replace(minute=0) - (MARGIN + span // 2) * MINUTE
    truth = Truth(begin, 2 * MARGIN + span, windows, freezes, need)
    work, reserve = timedelta(minutes=need - need // 3), timedelta(minutes=need // 3)
    for minute in range(MARGIN, MARGIN + span, step):
        for seconds in (0, 59):
            _agrees_at(truth, real_windows, real_freezes, minute, seconds, work, reserve)
    _openings_agree(truth, real_windows, real_freezes, span, work, reserve)


def _made(windows: list[Spec], freezes: list[Spec]) -> tuple[list[ReleaseWindow], list[Freeze]] | None:
    """The real ones, or None when one of them falls into a gap as a whole: that is refused, and tested by itself."""
    try:
        return (
            [as_window(spec, f"w{number}") for number, spec in enumerate(windows)],
            [as_freeze(spec, f"f{number}") for number, spec in enumerate(freezes)],
        )
    except WindowError as error:
        if "skip both" not in str(error):
            raise
        return None


def _agrees_at(
    truth: Truth,
    windows: list[ReleaseWindow],
    freezes: list[Freeze],
    minute: int,
    seconds: int,
    work: timedelta,
    reserve: timedelta,
) -> None:
    now = truth.at(minute) + timedelta(seconds=seconds)
    verdict = judge(windows, freezes, now=now, work=work, reserve=reserve)
    assert verdict.open == truth.may_start(minute, seconds), (now, verdict)
    known_end = truth.end[minute] < truth.minutes
    if truth.free[minute] and known_end:
        assert verdict.closes == truth.at(truth.end[minute]), (now, verdict)
        assert verdict.last_safe_start == truth.at(truth.end[minute] - truth.need), (now, verdict)
    if verdict.open:
        assert verdict.next_open is None
        assert not verdict.missed
        return
    upcoming = truth.next_open[minute + 1]
    if upcoming is None:  # nothing in the period that was read
        assert verdict.next_open is None or verdict.next_open >= truth.at(truth.minutes - truth.need), (now, verdict)
    else:
        assert verdict.next_open == truth.at(upcoming), (now, verdict)
        assert not verdict.missed
        if not truth.free[minute] and truth.end[upcoming] < truth.minutes:
            assert verdict.closes == truth.at(truth.end[upcoming]), (now, verdict)


def _openings_agree(
    truth: Truth, windows: list[ReleaseWindow], freezes: list[Freeze], span: int, work: timedelta, reserve: timedelta
) -> None:
    after, before = truth.at(MARGIN), truth.at(MARGIN + span)
    safe: set[int] = set()
    for opening in openings(windows, freezes, after=after, before=before, work=work, reserve=reserve):
        first = -((truth.begin - opening.start) // MINUTE)
        last = ((opening.last_safe_start or before) - truth.begin) // MINUTE
        safe.update(range(max(MARGIN, first), min(MARGIN + span, last + 1)))
    assert safe == {minute for minute in range(MARGIN, MARGIN + span) if truth.may_start(minute)}


@pytest.mark.parametrize(("zone", "night"), NIGHTS)
def test_the_verdict_is_right_at_every_minute_of_the_night_on_which_clocks_change(zone: str, night: datetime) -> None:
    rng = random.Random(f"{zone} {night}")
    for _ in range(2):
        windows, freezes = random_specs(rng, night, zone)
        agrees(windows, freezes, night, need=rng.choice((1, 45, 90, 240)), span=6 * 60)


@pytest.mark.parametrize("seed", range(12))
def test_the_verdict_is_right_on_random_days(seed: int) -> None:
    rng = random.Random(seed)
    zone = rng.choice(ZONES)
    day = datetime(2010, 1, 1, tzinfo=UTC) + timedelta(hours=rng.randint(0, 30 * 365 * 24))
    windows, freezes = random_specs(rng, day, zone)
    agrees(windows, freezes, day, need=rng.choice((1, 30, 120, 600)), span=24 * 60, step=3)


@pytest.mark.parametrize("zone", ZONES)
def test_a_window_and_a_freeze_that_touch_the_change_agree_at_every_quarter_hour(zone: str) -> None:
    for night in changes(zone, AWKWARD.get(zone, 2026))[:2]:
        wall = night.astimezone(UTC).replace(tzinfo=None)
        local = wall + (_offset(zone, night) or timedelta())
        for quarter in range(-4, 9):
            edge = local.replace(minute=0) + timedelta(minutes=15 * quarter)
            window = Once(edge, edge + timedelta(hours=5), zone)
            closing = Once(edge - timedelta(hours=5), edge, zone)
            freeze = Once(edge - timedelta(hours=1), edge + timedelta(minutes=30), zone)
            agrees([window, closing], [freeze], night, need=60, span=8 * 60, step=15)


def a_busy_year(zone: str) -> tuple[list[Spec], list[Spec]]:
    """Windows and freezes that meet every change of clocks, the leap day and both ends of 2028."""

    def on(month: int, day: int, hour: int, minute: int = 0, *, year: int = 2028) -> datetime:
        return datetime(year, month, day, hour, minute)

    first = datetime(2027, 11, 1).date()
    every_day, saturday, sunday, monday = tuple(range(7)), (5,), (6,), (0,)
    windows: list[Spec] = [
        Weekly(every_day, time(22), 240, first, zone),
        Weekly(saturday, time(0), 1440, first, zone),
        Weekly(sunday, time(2, 30), 90, first, zone),
        Once(on(2, 28, 20), on(3, 1, 5), zone),
        Once(on(12, 31, 18), on(1, 1, 6, year=2029), zone),
    ]
    freezes: list[Spec] = [
        Weekly(sunday, time(1, 30), 60, first, zone),
        Weekly(monday, time(0), 1440, first, zone),
        Once(on(2, 29, 0), on(2, 29, 12), zone),
        Once(on(12, 24, 0, year=2027), on(1, 2, 6), zone),
    ]
    return windows, freezes


def _over_the_year(zone: str, *, step: int) -> None:
    windows, freezes = a_busy_year(zone)
    noon = datetime(2028, 7, 2, 12, tzinfo=UTC)
    agrees(windows, freezes, noon, need=75, span=380 * 1440, step=step)


@pytest.mark.parametrize("zone", ["Australia/Lord_Howe", "Africa/Casablanca"])
def test_the_verdict_is_right_at_every_third_hour_and_a_minute_of_a_leap_year_and_both_its_ends(zone: str) -> None:
    _over_the_year(zone, step=181)


@pytest.mark.chaos
@pytest.mark.parametrize("zone", ZONES)
def test_the_verdict_is_right_at_every_minute_of_a_leap_year_and_both_its_ends(zone: str) -> None:
    _over_the_year(zone, step=1)


def _offset(zone: str, instant: datetime) -> timedelta | None:
    from zoneinfo import ZoneInfo

    return instant.astimezone(ZoneInfo(zone)).utcoffset()


@pytest.mark.chaos
@pytest.mark.parametrize("seed", range(1000, 1400))
def test_the_verdict_is_right_at_every_minute_of_many_random_days(seed: int) -> None:
    rng = random.Random(seed)
    zone = rng.choice(ZONES)
    year = rng.randint(1995, 2037)
    nights = changes(zone, year)
    day = (
        rng.choice(nights)
        if nights and rng.random() < 0.7
        else datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=rng.randint(0, 8700))
    )
    windows, freezes = random_specs(rng, day, zone)
    agrees(windows, freezes, day, need=rng.choice((1, 15, 30, 120, 600, 1500)), span=24 * 60)
