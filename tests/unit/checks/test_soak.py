from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, cycle, repeat
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployplan.checks.reading import Answer, Reading
from deployplan.checks.soak import SoakResult, longest_soak, soak_criterion
from deployplan.plan.model.criterion_shapes import HttpCriterion, MetricCriterion
from deployplan.testing import FrozenClock

NIGHT = datetime(2026, 11, 28, 22, tzinfo=UTC)
PASS, FAIL, UNKNOWN = Answer.PASS, Answer.FAIL, Answer.UNKNOWN


def a_criterion(**keys: Any) -> HttpCriterion:
    return HttpCriterion.model_validate({"name": "health", "http": "http://web-1/", **keys})


class Production:
    """Answers what it is told, on a clock that moves only while somebody sleeps or reads."""

    def __init__(self, answers: Iterable[Answer], *, takes: float = 0) -> None:
        self.clock = FrozenClock(NIGHT)
        self._answers: Iterator[Answer] = iter(answers)
        self._takes = takes
        self.asked_at: list[float] = []

    async def read(self) -> Reading:
        at = self.clock.now()
        self.asked_at.append((at - NIGHT).total_seconds())
        await self.clock.sleep(self._takes)
        return Reading("health", None, next(self._answers), f"reading {len(self.asked_at)}", at, self._takes)

    async def held(
        self, for_: float = 0, on_reading: Callable[[Reading], object] | None = None, **keys: Any
    ) -> SoakResult:
        return await soak_criterion(
            a_criterion(**keys),
            None,
            for_=timedelta(seconds=for_),
            read=self.read,
            clock=self.clock,
            on_reading=on_reading,
        )


async def test_one_reading_that_passes_is_enough_when_it_need_not_hold() -> None:
    held = await Production([PASS]).held()
    assert (held.answer, len(held.readings), held.why) == (PASS, 1, "reading 1")


async def test_it_must_pass_for_the_whole_time() -> None:
    production = Production(repeat(PASS))
    assert (await production.held(for_=10, every=timedelta(seconds=2))).answer is PASS
    assert production.asked_at == [0, 2, 4, 6, 8, 10]


async def test_the_last_reading_falls_on_the_end_of_the_time() -> None:
    production = Production(repeat(PASS))
    await production.held(for_=5, every=timedelta(seconds=60))
    assert production.asked_at == [0, 5]


async def test_a_failure_in_between_starts_the_time_anew() -> None:
    production = Production(chain([PASS, PASS, FAIL], repeat(PASS)))
    assert (await production.held(for_=4, every=timedelta(seconds=2))).answer is PASS
    assert production.asked_at == [0, 2, 4, 6, 8, 10]


async def test_an_unknown_in_between_starts_the_time_anew() -> None:
    production = Production(chain([PASS, UNKNOWN], repeat(PASS)))
    assert (await production.held(for_=4, every=timedelta(seconds=2))).answer is PASS
    assert production.asked_at == [0, 2, 4, 6, 8]


async def test_it_fails_after_so_many_readings_in_a_row() -> None:
    held = await Production(repeat(FAIL)).held(fail_after=3)
    assert (held.answer, len(held.readings)) == (FAIL, 3)
    assert held.why == "3 readings in a row did not pass: reading 3"


async def test_fewer_failures_than_that_are_forgiven() -> None:
    held = await Production([FAIL, FAIL, PASS]).held(fail_after=3)
    assert (held.answer, len(held.readings)) == (PASS, 3)


async def test_failures_that_are_not_in_a_row_do_not_add_up() -> None:
    held = await Production([FAIL, FAIL, PASS, FAIL, FAIL, PASS, PASS, PASS]).held(
        for_=3, every=timedelta(seconds=2), fail_after=3
    )
    assert held.answer is PASS


async def test_readings_that_never_gave_an_answer_are_unknown_and_never_success() -> None:
    held = await Production(repeat(UNKNOWN)).held(fail_after=2)
    assert (held.answer, len(held.readings)) == (UNKNOWN, 2)


async def test_failures_and_unknowns_in_a_row_are_a_failure() -> None:
    assert (await Production([UNKNOWN, FAIL, UNKNOWN]).held(fail_after=3)).answer is FAIL


async def test_flapping_ends_as_a_failure_within_a_bounded_time() -> None:
    production = Production(cycle([PASS, FAIL]))
    held = await production.held(for_=10, every=timedelta(seconds=2), timeout=timedelta(seconds=1), fail_after=3)
    assert held.answer is FAIL
    assert held.why == "it flaps: 8 of 16 readings passed in 30s, never 10s on end"


async def test_slow_readings_count_on_the_same_time() -> None:
    production = Production(cycle([PASS, FAIL]), takes=10)
    held = await production.held(for_=60, every=timedelta(seconds=2), timeout=timedelta(seconds=10))
    assert held.answer is FAIL
    assert production.asked_at[-1] <= longest_soak(a_criterion(), timedelta(seconds=60)).total_seconds()


async def test_slow_readings_that_fail_are_still_counted_to_the_end() -> None:
    held = await Production(repeat(FAIL), takes=10).held(timeout=timedelta(seconds=10), fail_after=20)
    assert len(held.readings) == 20


async def test_every_reading_is_told_as_it_comes() -> None:
    seen: list[Reading] = []
    held = await Production([FAIL, PASS]).held(on_reading=seen.append)
    assert tuple(seen) == held.readings


@pytest.mark.parametrize("for_", [0, 3, 60])
@given(answers=st.lists(st.sampled_from(list(Answer)), min_size=1, max_size=40), fail_after=st.integers(1, 5))
async def test_whatever_production_answers_the_end_comes_in_time_and_success_is_earned(
    for_: int, answers: list[Answer], fail_after: int
) -> None:
    production = Production(cycle(answers))
    every = timedelta(seconds=2)
    held = await production.held(for_=for_, every=every, fail_after=fail_after)
    took = (production.clock.now() - NIGHT).total_seconds()
    limit = longest_soak(a_criterion(fail_after=fail_after, every=every), timedelta(seconds=for_)) + every
    assert took <= limit.total_seconds()
    if held.answer is PASS:
        passing = [reading for reading in held.readings if reading.at >= held.readings[-1].at - timedelta(seconds=for_)]
        assert {reading.answer for reading in passing} == {PASS}
    if held.answer is UNKNOWN:
        assert {reading.answer for reading in held.readings[-fail_after:]} == {UNKNOWN}


class Metric(Production):
    """The same of a criterion of which unknown decides nothing."""

    async def held(
        self, for_: float = 0, on_reading: Callable[[Reading], object] | None = None, **keys: Any
    ) -> SoakResult:
        metric = {"name": "load", "metric": "load", "expect": {"max": 1}, **keys}
        return await soak_criterion(
            MetricCriterion.model_validate(metric), for_=timedelta(seconds=for_), read=self.read, clock=self.clock
        )


@pytest.mark.parametrize(
    ("answers", "answer", "readings"),
    [
        ([UNKNOWN, UNKNOWN, UNKNOWN], UNKNOWN, 3),
        ([FAIL, UNKNOWN, UNKNOWN, UNKNOWN], UNKNOWN, 4),  # one that failed is not three
        ([FAIL, UNKNOWN, FAIL, UNKNOWN, FAIL], FAIL, 5),
        ([FAIL, FAIL, PASS, PASS], PASS, 4),
        ([UNKNOWN, UNKNOWN, PASS, PASS], PASS, 4),
        ([PASS, UNKNOWN, UNKNOWN, UNKNOWN], UNKNOWN, 4),
        (cycle([PASS, UNKNOWN]), UNKNOWN, None),  # it flaps between what is well and what nobody can tell
        (cycle([PASS, FAIL]), FAIL, None),
        (chain([PASS, FAIL, PASS], cycle([UNKNOWN, PASS])), UNKNOWN, None),  # it would have held without the gaps
    ],
)
async def test_where_unknown_decides_nothing_only_readings_that_failed_make_a_failure(
    answers: Iterable[Answer], answer: Answer, readings: int | None
) -> None:
    found = await Metric(answers).held(for_=10)
    assert found.answer is answer, found.why
    assert readings in (None, len(found.readings))


@given(st.lists(st.sampled_from([PASS, UNKNOWN]), max_size=30), st.integers(1, 5), st.integers(0, 60))
async def test_without_a_reading_that_failed_a_metric_never_fails_and_without_one_that_passed_it_never_passes(
    answers: list[Answer], fail_after: int, for_: int
) -> None:
    found = await Metric(chain(answers, repeat(UNKNOWN))).held(for_=for_, fail_after=fail_after)
    assert found.answer is not FAIL
    assert found.answer is UNKNOWN or found.readings[-1].answer is PASS


async def test_gaps_hide_no_flapping_that_would_have_been_there_without_them() -> None:
    found = await Metric(cycle([PASS, UNKNOWN, FAIL, UNKNOWN])).held(for_=60)
    assert (found.answer, found.why[:10]) == (FAIL, "it flaps: ")


async def test_one_reading_that_failed_and_gaps_later_are_no_flapping_and_never_a_failure() -> None:
    gaps = cycle([*[PASS] * 8, UNKNOWN])
    found = await Metric(chain([FAIL], gaps)).held(for_=300, every=timedelta(seconds=30))
    assert (found.answer, found.readings[0].answer) == (UNKNOWN, FAIL)
    assert found.why.endswith("never 5m on end")


@given(st.lists(st.sampled_from(list(Answer)), max_size=60), st.integers(1, 5), st.integers(0, 60))
async def test_fewer_readings_that_failed_than_it_takes_are_never_a_failure(
    answers: list[Answer], fail_after: int, for_: int
) -> None:
    found = await Metric(chain(answers, repeat(UNKNOWN))).held(
        for_=for_, fail_after=fail_after, every=timedelta(seconds=2)
    )
    if found.answer is FAIL:
        assert sum(reading.answer is FAIL for reading in found.readings) >= fail_after


@pytest.mark.parametrize("takes", [0, 1])
@pytest.mark.parametrize(("answers", "answer"), [([PASS, PASS], PASS), ([FAIL, FAIL], FAIL), ([FAIL, PASS], FAIL)])
async def test_a_shadow_is_read_for_its_time_and_no_longer_however_seldom_and_whatever_it_says(
    answers: Iterable[Answer], answer: Answer, takes: int
) -> None:
    production, time = Production(answers, takes=takes), timedelta(seconds=20)
    shadow = a_criterion(shadow=True, every=timedelta(minutes=10), fail_after=99)
    found = await soak_criterion(shadow, for_=time, longest=time, read=production.read, clock=production.clock)
    assert (found.answer, production.asked_at) == (answer, [0, 20 + takes])


@pytest.mark.parametrize("answer", Answer)
async def test_a_metric_in_the_shadow_that_is_read_once_is_what_it_says(answer: Answer) -> None:
    load = MetricCriterion.model_validate({"name": "load", "metric": "load", "expect": {"max": 1}, "shadow": True})
    production, time = Production([answer], takes=1), timedelta()
    found = await soak_criterion(load, for_=time, longest=time, read=production.read, clock=production.clock)
    assert found.answer is answer
