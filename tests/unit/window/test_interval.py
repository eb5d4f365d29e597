"""Half-open intervals: start included, end excluded, never empty."""

import itertools
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployplan.window import Interval, WindowError
from deployplan.window.sweep import Span, join_spans, without

ZERO = datetime(2026, 1, 1, tzinfo=UTC)


def at(minute: int) -> datetime:
    return ZERO + timedelta(minutes=minute)


def minutes_of(interval: Interval) -> set[int]:
    return {minute for minute in range(-2, 70) if at(minute) in interval}


minutes = st.integers(0, 60)
intervals = (
    st.tuples(minutes, minutes).filter(lambda pair: pair[0] < pair[1]).map(lambda pair: Interval(*map(at, pair)))
)


def spans(some: list[Interval]) -> list[Span]:
    return [Span(one.start, one.end, None, None) for one in sorted(some)]


def covered(some: list[Span]) -> set[int]:
    return {minute for span in some for minute in minutes_of(Interval(span.start, span.end))}


def test_the_start_belongs_to_it_and_the_end_does_not() -> None:
    interval = Interval(at(0), at(10))
    assert at(0) in interval
    assert interval.contains(at(10) - timedelta(microseconds=1))
    assert at(10) not in interval
    assert not interval.contains(at(0) - timedelta(microseconds=1))


def test_touching_is_not_intersecting() -> None:
    assert not Interval(at(0), at(10)).intersects(Interval(at(10), at(20)))
    assert Interval(at(0), at(10)).intersect(Interval(at(10), at(20))) is None


@pytest.mark.parametrize("end", [0, -1])
def test_an_interval_that_does_not_end_after_it_starts_is_refused(end: int) -> None:
    with pytest.raises(WindowError, match="an interval ends after it starts: 2026-01-01 00:00"):
        Interval(at(0), at(end))


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(WindowError, match="the end of an interval needs a time zone"):
        Interval(at(0), datetime(2026, 1, 2))


def test_instants_of_other_zones_are_kept_in_utc() -> None:
    east = timezone(timedelta(hours=5, minutes=45))
    interval = Interval(datetime(2026, 1, 1, 5, 45, tzinfo=east), at(1))
    assert interval == Interval(at(0), at(1))
    assert interval.start.tzinfo is UTC


@given(intervals, intervals)
def test_intersecting_keeps_exactly_what_is_in_both(one: Interval, other: Interval) -> None:
    both = one.intersect(other)
    assert (minutes_of(both) if both else set()) == minutes_of(one) & minutes_of(other)
    assert one.intersects(other) == other.intersects(one) == (both is not None)


@given(st.lists(intervals))
def test_joining_loses_nothing_and_leaves_neither_overlap_nor_touch(some: list[Interval]) -> None:
    result = list(join_spans(spans(some)))
    assert covered(result) == set().union(*map(minutes_of, some))
    assert all(before.end < after.start for before, after in itertools.pairwise(result))


@given(st.lists(intervals), st.lists(intervals))
def test_blocking_leaves_exactly_what_no_block_covers(some: list[Interval], blocks: list[Interval]) -> None:
    result = list(without(join_spans(spans(some)), join_spans(spans(blocks))))
    assert covered(result) == set().union(*map(minutes_of, some)) - set().union(*map(minutes_of, blocks))
    assert all(span.start < span.end for span in result)
    assert result == sorted(result, key=lambda span: span.start)
