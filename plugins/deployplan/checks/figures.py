"""The numbers of many readings, few enough to keep and to show: as values, and drawn as a line of bars."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from deployplan.checks.reading import Figure, Reading

MOST_KEPT = 60
"""Numbers that are kept of one criterion; of more, the worst of each stretch."""
_BARS = "▁▂▃▄▅▆▇█"
_GAP = "·"


@dataclass(frozen=True, slots=True)
class SeenFigures:
    """Numbers in the order in which they were seen, None where there was none, with the bounds that held last."""

    at: tuple[datetime, ...]
    values: tuple[float | None, ...]
    least: float | None
    most: float | None


def figures_of(readings: Sequence[Reading]) -> SeenFigures | None:
    """Return the numbers of the readings; None where no number was asked for, or none was ever seen."""
    seen = [(reading.at, reading.figure) for reading in readings]
    judged = [figure for _, figure in seen if figure is not None]
    if not any(figure.value is not None for figure in judged):
        return None
    size = math.ceil(len(seen) / MOST_KEPT)
    kept = [max(seen[place : place + size], key=lambda each: _excess(each[1])) for place in range(0, len(seen), size)]
    values = tuple(None if figure is None else figure.value for _, figure in kept)
    return SeenFigures(tuple(at for at, _ in kept), values, judged[-1].least, judged[-1].most)


def _excess(figure: Figure | None) -> float:
    """How far a number lies outside of its bounds; one that is none says least."""
    if figure is None or figure.value is None:
        return -math.inf
    above = -math.inf if figure.most is None else figure.value - figure.most
    below = -math.inf if figure.least is None else figure.least - figure.value
    return max(above, below, -1e308)


def draw(values: Sequence[float | None], least: float | None = None, most: float | None = None) -> str:
    """Return numbers as bars from the lowest to the highest of them, what is none as a dot, and what they should be.

    `▁▂▅█ 0.1 to 7, at most 5`
    """
    numbers = [value for value in values if value is not None]
    if not numbers:
        return ""
    low, high = min(numbers), max(numbers)
    bars = "".join(_GAP if value is None else _bar(value, low, high) for value in values)
    range_ = f"{low:.4g}" if low == high else f"{low:.4g} to {high:.4g}"
    bounds = [f"at least {least:.4g}"] if least is not None else []
    bounds += [f"at most {most:.4g}"] if most is not None else []
    return f"{bars} {range_}" + (f", {' and '.join(bounds)}" if bounds else "")


def _bar(value: float, low: float, high: float) -> str:
    spread = high - low
    share = (value - low) / spread if 0 < spread < math.inf else 0.5 * (spread > 0)
    return _BARS[round(share * (len(_BARS) - 1))]
