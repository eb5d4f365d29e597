"""Two hundred series of which it is known whether the release broke something: a judge of metrics is held to them."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from real_prometheus import Written

Truth = Literal["well", "broken", "nobody can tell"]
APART = 15
"""Seconds between two samples."""


@dataclass(frozen=True, slots=True)
class Case:
    """What a criterion asks, over which series, and what is true."""

    name: str
    kind: str
    truth: Truth
    keys: dict[str, Any]
    written: tuple[Written, ...]


def labelled_series(began: int, seed: int = 14) -> list[Case]:
    """Return the cases; the release reaches their nodes at `began`, a second since 1970."""
    return list(_cases(began, Random(seed)))


def _cases(began: int, chance: Random) -> Iterator[Case]:
    gauges: list[tuple[str, Truth, int, Callable[[], Callable[[float], float | None]]]] = [
        ("steady", "well", 25, lambda: _noise(chance, chance.uniform(0.1, 0.7))),
        ("step", "broken", 25, lambda: _step(chance, chance.uniform(0.1, 0.6), chance.uniform(1.2, 5))),
        ("ramp", "broken", 25, lambda: _ramp(chance, chance.uniform(0.4, 0.6), chance.uniform(0.25, 1))),
        ("ramp that ends below", "well", 10, lambda: _ramp(chance, 0.2, 0.04)),
        ("flap", "broken", 20, lambda: _flap(chance, chance.choice((60, 120)))),
        ("one spike", "well", 15, lambda: _spike(chance, chance.randrange(0, 240, 60))),
        ("no data", "nobody can tell", 15, lambda: lambda at: None),
        ("stale", "nobody can tell", 15, lambda: _ends(chance, chance.randrange(-240, -150))),
        ("not a number", "nobody can tell", 10, lambda: lambda at: math.nan if at >= -60 else 0.5),
    ]
    for kind, truth, count, draw in gauges:
        for number in range(count):
            name, values = f"{kind.replace(' ', '-')}-{number}", draw()
            series = Written(f'load{{case="{name}"}}', "gauge", _since(began, values))
            yield Case(name, kind, truth, {"metric": f'load{{case="{name}"}}', "expect": {"max": 1}}, (series,))
    for number in range(15):
        yield _ratio(f"low-traffic-{number}", "low traffic", "nobody can tell", began, (0.02, 0.01))
    for number in range(15):
        yield _ratio(f"restart-{number}", "restart", "well", began, (20.0, chance.uniform(0, 0.4)))
    for number in range(10):
        yield _ratio(f"broken-restart-{number}", "restart", "broken", began, (20.0, chance.uniform(2, 10)))


def _since(began: int, values: Callable[[float], float | None]) -> Callable[[int], float | None]:
    return lambda second: values(second - began)


def _noise(chance: Random, level: float) -> Callable[[float], float]:
    own = Random(chance.random())
    return lambda at: level + own.uniform(-0.05, 0.05)


def _step(chance: Random, low: float, high: float) -> Callable[[float], float]:
    after = chance.randrange(0, 120)
    before, then = _noise(chance, low), _noise(chance, high)
    return lambda at: before(at) if at < after else then(at)


def _ramp(chance: Random, low: float, a_minute: float) -> Callable[[float], float]:
    level = _noise(chance, low)
    return lambda at: level(at) + max(0.0, at / 60 * a_minute)


def _flap(chance: Random, period: int) -> Callable[[float], float]:
    good, bad = _noise(chance, 0.3), _noise(chance, 3)
    return lambda at: bad(at) if at >= 0 and at // period % 2 == 0 else good(at)


def _spike(chance: Random, when: int) -> Callable[[float], float]:
    level = _noise(chance, 0.3)
    return lambda at: 5.0 if when - 10 <= at < when + 20 else level(at)


def _ends(chance: Random, when: int) -> Callable[[float], float | None]:
    level = _noise(chance, 0.3)
    return lambda at: level(at) if at < when else None


def _ratio(name: str, kind: str, truth: Truth, began: int, rates: tuple[float, float]) -> Case:
    """Errors of requests: both are counters, which begin anew as the service is started at the release."""
    requests, errors = rates

    def counter(rate: float, before: float) -> Callable[[float], float]:
        return lambda at: math.floor(rate * at) if at >= 0 else math.floor(before * (at + 3600))

    def rate_of(metric: str) -> str:
        return f'sum(rate({metric}{{case="{name}"}}[2m]))'

    keys = {
        "metric": f"{rate_of('errors_total')} / {rate_of('requests_total')}",
        "expect": {"max": 0.05},
        "samples": f'sum(increase(requests_total{{case="{name}"}}[2m]))',
        "min_samples": 100,
    }
    written = (
        Written(f'errors_total{{case="{name}"}}', "counter", _since(began, counter(errors, 0.01))),
        Written(f'requests_total{{case="{name}"}}', "counter", _since(began, counter(requests, requests))),
    )
    return Case(name, kind, truth, keys, written)
