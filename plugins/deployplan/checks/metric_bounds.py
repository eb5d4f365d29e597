"""Between which bounds should a series be, and is it? What is no number, or is missing, has told nothing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from deployplan.checks.prometheus import NoMetrics, TimeSeries
from deployplan.checks.reading import Answer, Figure, Observation, as_fail, as_pass, as_unknown
from deployplan.plan.model.criterion_shapes import MetricExpect


@dataclass(frozen=True, slots=True)
class Bounds:
    """What no value may be below or above; None where any may."""

    least: float | None
    most: float | None

    def excess(self, value: float) -> float:
        """How far a value lies outside; below 0 inside, by how much it could still move."""
        above = -math.inf if self.most is None else value - self.most
        below = -math.inf if self.least is None else self.least - value
        return max(above, below)

    @property
    def told(self) -> str:
        """The bounds in words."""
        least = [] if self.least is None else [f"at least {self.least:.6g}"]
        return " and ".join(least + ([] if self.most is None else [f"at most {self.most:.6g}"]))


def bounds_for(expect: MetricExpect, reference: float | None) -> Bounds:
    """Return the bounds of a value that is compared with `reference`, if with any.

    A ratio to 0 is none, and bounds nothing. Raises NoMetrics for one to a number below 0, which makes no sense.
    """
    least, most = [expect.min], [expect.max]
    if reference is not None:
        if reference < 0 and expect.has_ratio:
            raise NoMetrics(f"a ratio to {reference:.6g} makes no sense; expect a delta")
        if reference > 0:
            least.append(_scaled(expect.ratio_min, reference))
            most.append(_scaled(expect.ratio_max, reference))
        least.append(None if expect.delta_min is None else reference + expect.delta_min)
        most.append(None if expect.delta_max is None else reference + expect.delta_max)
    return Bounds(max(_stated(least), default=None), min(_stated(most), default=None))


def _scaled(times: float | None, reference: float) -> float | None:
    return None if times is None else times * reference


def _stated(bounds: Iterable[float | None]) -> Iterator[float]:
    return (each for each in bounds if each is not None)


@dataclass(frozen=True, slots=True)
class Reference:
    """The number with which a series is compared, and what it is in words."""

    value: float
    told: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a series says, and how badly: the worst of several is shown."""

    observation: Observation
    excess: float

    @property
    def badness(self) -> tuple[int, float]:
        """What fails is worse than what nobody can tell, and that worse than what passes."""
        return (Answer.PASS, Answer.UNKNOWN, Answer.FAIL).index(self.observation.answer), self.excess


def judge_series(
    series: TimeSeries, expect: MetricExpect, reference: Reference | None, *, wanted: int, holes: bool
) -> Judgement:
    """Judge the values of one series, of which `wanted` must be numbers, and all unless it may have `holes`."""
    other = None if reference is None else reference.value
    bounds = bounds_for(expect, other)
    numbers = [value for _, value in series.points if math.isfinite(value)]
    worst = max(numbers, key=bounds.excess, default=None)
    excess = 0.0 if worst is None else bounds.excess(worst)
    figure = Figure(worst, bounds.least, bounds.most)
    name = f" of {series.name}" if series.name else ""
    beside = "" if reference is None else f" ({reference.told})"

    def unknown(why: str) -> Judgement:
        return Judgement(as_unknown(why, figure), excess)

    if worst is not None and excess > 0:
        return Judgement(as_fail(f"{worst:.6g}{name}, expected {bounds.told}{beside}", figure), excess)
    if not holes and (strange := [value for _, value in series.points if not math.isfinite(value)]):
        return unknown(f"{_SPELLED.get(strange[0], 'NaN')}{name} is no number")
    if worst is None or len(numbers) < wanted:
        return unknown(f"{len(numbers)} values{name}; {wanted} are wanted")
    if other == 0 and expect.has_ratio and not expect.has_delta and any(numbers):
        return unknown(f"{worst:.6g}{name} has no ratio to 0{beside}; expect a delta, too")
    return Judgement(as_pass(f"{worst:.6g}{name}, {bounds.told or 'as before'}{beside}", figure), excess)


_SPELLED = {math.inf: "+Inf", -math.inf: "-Inf"}
