"""What docs/reference/windows.md says about estimates, the close and the calendar is what the code does."""

from pathlib import Path

import pytest

from deployplan.runbook.calendar import conflicts
from deployplan.runbook.calendar.plan_status import PlanState
from deployplan.runbook.timing import estimate
from deployplan.runbook.timing.estimate import p90

PAGE = (Path(__file__).parents[4] / "docs/reference/windows.md").read_text(encoding="utf-8")
CONCEPT = (Path(__file__).parents[4] / "docs/concepts/windows.md").read_text(encoding="utf-8")


def row(first_cell: str) -> str:
    """The rest of the table row that begins with this cell."""
    (found,) = [line for line in PAGE.splitlines() if line.startswith(f"| {first_cell} |")]
    return found


def test_the_numbers_of_the_estimate_are_those_of_the_code() -> None:
    assert row("enough experience").startswith(
        f"| enough experience | {estimate.ENOUGH} times; with fewer, the declared limits hold; the latest "
        f"{estimate.LATEST} count |"
    )
    assert f"{estimate.MARGIN} × the p90 of its earlier times + `bake`; at least 1m" in row("a wave, by experience")
    assert estimate.LEAST.total_seconds() == 60
    assert f"fewer than {estimate.ENOUGH} timed runs" in CONCEPT
    assert f"{estimate.MARGIN} × p90 of the last {estimate.LATEST} + bake" in CONCEPT


def test_the_p90_is_what_the_page_says() -> None:
    assert "of ten times the ninth smallest, of fewer than ten the largest" in row("p90")
    assert (p90(range(1, 11)), p90([3, 9, 4])) == (9, 9)


@pytest.mark.parametrize("on_close", ["finish_wave", "hold", "back_out"])
def test_every_way_to_close_has_its_row_and_its_place_in_the_drawing(on_close: str) -> None:
    assert row(f"`{on_close}`")
    assert on_close in CONCEPT


@pytest.mark.parametrize("state", PlanState)
def test_every_state_of_the_calendar_is_explained(state: PlanState) -> None:
    table = PAGE.partition("| in the calendar, `state` | means |")[2]
    explained = [line for line in table.splitlines() if line.startswith("| `") and f"`{state}`" in line.split("|")[1]]
    assert len(explained) == 1


def test_as_many_openings_are_looked_at_for_room_beside_others_as_the_page_says() -> None:
    assert f"in none of its next {conflicts.OPENINGS} openings" in PAGE
