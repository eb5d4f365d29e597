"""Is a release that broke something found out, and one that broke nothing left alone? On a real Prometheus."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from builders import a_criterion
from deployplan.checks.metric_check import MetricContext
from deployplan.checks.prometheus import Server
from deployplan.checks.read import read_once
from deployplan.checks.reading import Answer, Reading
from deployplan.checks.soak import soak_criterion
from deployplan.plan.model.criterion_shapes import MetricCriterion
from deployplan.testing import FrozenClock
from labelled_series import APART, Case, labelled_series
from real_prometheus import prometheus_over, require_prometheus
from unit.checks.http_site import HERE

BEGAN = datetime(2026, 11, 28, 22, 30, tzinfo=UTC)
SECOND = int(BEGAN.timestamp())
WATCHED = {"for": "4m", "every": "1m", "timeout": "30s"}
MEANS = {Answer.PASS: "well", Answer.FAIL: "broken", Answer.UNKNOWN: "nobody can tell"}
ROOT = Path(__file__).parents[3]


async def judge(case: Case, url: str) -> Answer:
    """Watch the case's criterion as a gate does, on a clock that does not wait."""
    criterion = a_criterion(**case.keys, **WATCHED)
    assert isinstance(criterion, MetricCriterion)
    clock = FrozenClock(BEGAN)

    async def context() -> MetricContext:
        return MetricContext(Server(url), {}, began=BEGAN)

    async def read() -> Reading:
        return await read_once(criterion, None, reach=HERE, metrics=context, clock=clock)

    return (await soak_criterion(criterion, for_=criterion.for_, read=read, clock=clock)).answer


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Counter[tuple[str, str, str]]:
    """How often a kind of series, and what is true of it, was judged as what."""
    require_prometheus()
    cases = labelled_series(SECOND)
    written, times = [each for case in cases for each in case.written], range(SECOND - 900, SECOND + 1200, APART)
    with prometheus_over(tmp_path_factory.mktemp("prometheus"), written, times) as url:
        return Counter(asyncio.run(judge_all(cases, url)))


async def judge_all(cases: list[Case], url: str) -> list[tuple[str, str, str]]:
    several = asyncio.Semaphore(8)

    async def one(case: Case) -> tuple[str, str, str]:
        async with several:
            return case.kind, case.truth, MEANS[await judge(case, url)]

    return await asyncio.gather(*map(one, cases))


def count(judged: Counter[tuple[str, str, str]], truth: str, answer: str) -> int:
    return sum(number for (_, true, told), number in judged.items() if (true, told) == (truth, answer))


def test_all_that_is_broken_is_found_and_nearly_nothing_else_is_called_broken(
    judged: Counter[tuple[str, str, str]],
) -> None:
    assert judged.total() == 200
    broken = {told: count(judged, "broken", told) for told in MEANS.values()}
    assert broken == {"well": 0, "broken": 80, "nobody can tell": 0}, judged  # recall: all of them
    called = broken["broken"] + count(judged, "well", "broken") + count(judged, "nobody can tell", "broken")
    assert broken["broken"] / called >= 0.95, judged  # precision


def test_no_data_never_passes_and_never_counts_as_broken(judged: Counter[tuple[str, str, str]]) -> None:
    told = {answer: count(judged, "nobody can tell", answer) for answer in MEANS.values()}
    assert told == {"well": 0, "broken": 0, "nobody can tell": 55}, judged


def test_the_documented_table_is_what_was_judged(judged: Counter[tuple[str, str, str]]) -> None:
    page = (ROOT / "docs" / "concepts" / "criteria.md").read_text()
    kinds = dict.fromkeys((kind, truth) for kind, truth, _ in judged)
    for kind, truth in kinds:
        row = [kind, truth, *(str(judged[kind, truth, told]) for told in MEANS.values())]
        assert f"| {' | '.join(row)} |" in page
