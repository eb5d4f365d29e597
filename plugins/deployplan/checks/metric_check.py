"""Are the values of a query between their bounds? Asked of the environment's Prometheus, or what speaks its API."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean, median

from deployplan.checks.metric_bounds import Judgement, Reference, judge_series
from deployplan.checks.prometheus import NoMetrics, Prometheus, Server, TimeSeries, asking
from deployplan.checks.reading import Observation, as_unknown
from deployplan.plan.model.criterion_shapes import MetricCriterion
from deployplan.plan.text.promql import NoQuery, fill_query, selectors
from deployplan.plan.text.scalars import spell_duration

MOST_POINTS = 60
"""Values of `over` that are asked of a series: where `every` would give more, they stand further apart."""
MOST_OTHERS = 20
"""Nodes with which one is compared; of more the first are asked."""

Values = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class MetricContext:
    """What a metric is asked with: the server, what placeholders stand for, and what it may be compared with.

    `began` is when the wave began that brought the release; `others` are the values of the nodes that do not have it
    yet, by name.
    """

    server: Server
    values: Values
    began: datetime | None = None
    others: Mapping[str, Values] | None = None


async def read_metric(criterion: MetricCriterion, context: MetricContext, now: datetime) -> Observation:
    """Ask and judge once, as things were at `now`. Whatever keeps it from being judged is unknown; never raises."""
    try:
        async with asking(context.server, criterion.timeout) as server:
            return await _Asked(criterion, context, server, now).judge()
    except (NoMetrics, NoQuery) as error:
        return as_unknown(str(error))
    except KeyError as missing:
        return as_unknown(f"nothing stands for {{{missing.args[0]}}} there")


@dataclass(frozen=True, slots=True)
class _Asked:
    """One reading of one metric."""

    criterion: MetricCriterion
    context: MetricContext
    server: Prometheus
    now: datetime

    async def judge(self) -> Observation:
        criterion, query = self.criterion, fill_query(self.criterion.metric, self.context.values)
        series = await self._values(query, self.now)
        if not series:
            return as_unknown("the query answers with no series")
        if why := await self._what_is_stale(query) or await self._what_is_too_little():
            return as_unknown(why)
        judged = []
        for each, reference in (await self._compared(query, series)).items():
            if isinstance(reference, str):
                judged.append(Judgement(as_unknown(reference), 0.0))
                continue
            holes, wanted = criterion.over is not None and criterion.min_samples is not None, self._wanted()
            judged.append(judge_series(each, criterion.expect, reference, wanted=wanted, holes=holes))
        worst = max(judged, key=lambda each: each.badness).observation
        of = "" if len(judged) == 1 else f"; the worst of {len(judged)} series"
        return Observation(worst.answer, f"{worst.observed}{of}", worst.figure)

    async def _values(self, query: str, at: datetime) -> tuple[TimeSeries, ...]:
        """The values at an instant, or of the time before it that the criterion looks over."""
        if self.criterion.over is None:
            return await self.server.at(query, at)
        return await self.server.over(query, at - self.criterion.over, at, step_of(self.criterion))

    def _wanted(self) -> int:
        """How many values a series must have."""
        if self.criterion.over is None:
            return 1
        if self.criterion.min_samples is not None and self.criterion.samples is None:
            return self.criterion.min_samples
        return self.criterion.over // step_of(self.criterion) + 1

    async def _what_is_stale(self, query: str) -> str | None:
        """Say which series that the query names has no sample of late; None when all that have any have one.

        A query answers with the last sample of five minutes, and a rate with what is left of its time, also when
        nothing comes any more: each selector is asked for the time of what it finds.
        """
        if not self.criterion.stale_after:
            return None
        named = selectors(query)
        asked = (f'label_replace(min(timestamp({each})), "n", "{number}", "", "")' for number, each in enumerate(named))
        found = await self.server.at(" or ".join(asked), self.now)
        if not found:
            return f"nothing that the query names has a sample: {', '.join(named)}"
        for series in found:
            age = timedelta(seconds=round(self.now.timestamp() - series.points[-1][1]))
            if age > self.criterion.stale_after:
                which, allowed = named[int(dict(series.labels)["n"])], spell_duration(self.criterion.stale_after)
                return f"the last sample of {which} is {spell_duration(age)} old; {allowed} is allowed"
        return None

    async def _what_is_too_little(self) -> str | None:
        """Say that the answer stands on too few samples; None when it does not, or they are not counted."""
        wanted = self.criterion.min_samples
        if self.criterion.samples is None or wanted is None:
            return None
        counted = await self.server.at(fill_query(self.criterion.samples, self.context.values), self.now)
        number = sum(series.points[-1][1] for series in counted)
        if number >= wanted:  # NaN is not, and neither is nothing
            return None
        return f"it stands on {number:g} samples; {wanted} are wanted"

    async def _compared(
        self, query: str, series: tuple[TimeSeries, ...]
    ) -> Mapping[TimeSeries, Reference | str | None]:
        """By series what it is compared with, None when with nothing; a text says why there is no such thing."""
        if self.criterion.compare == "before":
            return await self._with_before(query, series)
        if self.criterion.compare == "others":
            return dict.fromkeys(series, await self._others(len(series)))
        return dict.fromkeys(series)

    async def _with_before(self, query: str, series: tuple[TimeSeries, ...]) -> Mapping[TimeSeries, Reference | str]:
        began = self.context.began  # while no wave has begun, now is before
        then = {each.labels: _mean(each) for each in (await self._values(query, began) if began else series)}
        found: dict[TimeSeries, Reference | str] = {}
        for each in series:
            number = then.get(each.labels)
            gone = f"there was no number{f' of {each.name}' if each.name else ''} when the wave began"
            found[each] = gone if number is None else Reference(number, f"{number:.6g} before")
        return found

    async def _others(self, count: int) -> Reference | str:
        """The median of the nodes that do not have the release, each of which answers with one series."""
        nodes = list((self.context.others or {}).values())[:MOST_OTHERS]
        if not nodes:
            return "no node is left that does not have the release"
        if count > 1:
            return f"the query answers with {count} series; to compare nodes it must come to one: sum it"
        answers = await asyncio.gather(
            *(self._values(fill_query(self.criterion.metric, each), self.now) for each in nodes)
        )
        numbers = [number for answer in answers if len(answer) == 1 and (number := _mean(answer[0])) is not None]
        if not numbers:
            return f"none of the {len(nodes)} nodes without the release gives a number"
        return Reference(median(numbers), f"{median(numbers):.6g} on {len(numbers)} others")


def step_of(criterion: MetricCriterion) -> timedelta:
    """Return how far the values of `over` stand apart."""
    over = criterion.over or timedelta()
    return max(criterion.every, timedelta(seconds=math.ceil(over.total_seconds() / (MOST_POINTS - 1))))


def _mean(series: TimeSeries) -> float | None:
    """The mean of the numbers of a series; None without any."""
    numbers = [value for _, value in series.points if math.isfinite(value)]
    return fmean(numbers) if numbers else None
