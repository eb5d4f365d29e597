"""Numbers of many readings: few are kept, and none of the bad ones is lost."""

from datetime import UTC, datetime, timedelta

import pytest

from deployplan.checks.figures import MOST_KEPT, draw, figures_of
from deployplan.checks.reading import Answer, Figure, Reading

NIGHT = datetime(2026, 11, 28, 22, tzinfo=UTC)


def readings(*values: float | None, bounds: tuple[float | None, float | None] = (None, 1)) -> list[Reading]:
    return [
        Reading("load", None, Answer.PASS, "", NIGHT + timedelta(seconds=number), 0, Figure(value, *bounds))
        for number, value in enumerate(values)
    ]


def test_of_many_numbers_the_worst_of_each_stretch_is_kept() -> None:
    values: list[float | None] = [0.5] * 1000
    values[437], values[900] = 9, None
    found = figures_of(readings(*values))
    assert found is not None
    assert len(found.values) <= MOST_KEPT
    assert found.values.count(9) == 1
    assert found.at[found.values.index(9)] == NIGHT + timedelta(seconds=437)
    low = figures_of(readings(*[5.0] * 200, -3.0, *[5.0] * 200, bounds=(0, None)))
    assert low is not None
    assert -3.0 in low.values


def test_readings_without_numbers_have_none() -> None:
    assert figures_of(readings(None, None)) is None
    assert figures_of([Reading("page", None, Answer.PASS, "status 200", NIGHT, 0)]) is None
    assert figures_of([]) is None


@pytest.mark.parametrize(
    ("values", "bounds", "drawn"),
    [
        ([1, 2, 3, 8], (None, 5), "▁▂▃█ 1 to 8, at most 5"),
        ([1, None, 8], (0, None), "▁·█ 1 to 8, at least 0"),
        ([3, 3], (1, 5), "▁▁ 3, at least 1 and at most 5"),
        ([-1e308, 1e308], (None, None), "▅▅ -1e+308 to 1e+308"),
        ([None], (None, 5), ""),
    ],
)
def test_numbers_are_drawn_as_bars_with_their_bounds(
    values: list[float | None], bounds: tuple[float | None, float | None], drawn: str
) -> None:
    assert draw(values, *bounds) == drawn
