"""Whatever a calendar holds, it freezes what an independent reading of it gives."""

import random

import pytest
from calendar_oracle import BEGIN, END, a_calendar, joined

from deployplan.window import Freeze


def agrees(seed: int) -> None:
    text, zone, expected = a_calendar(random.Random(seed))
    freeze = Freeze.calendar("calendar", text, zone)
    found = joined((each.start, each.end) for each in freeze.occurrences(BEGIN, END))
    assert found == expected, f"seed {seed}, zone {zone}\n{text}"


def test_generated_calendars_freeze_what_an_independent_reading_gives() -> None:
    for seed in range(100):
        agrees(seed)


@pytest.mark.chaos
def test_thousands_of_generated_calendars_freeze_what_an_independent_reading_gives() -> None:
    for seed in range(10_000, 14_000):
        agrees(seed)
