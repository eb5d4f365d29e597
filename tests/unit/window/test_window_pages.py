"""What the pages about windows state is what the code does."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from window_oracle import MINUTE

from deployplan.window import Freeze, ReleaseWindow, judge
from deployplan.window.wall_time import first_instant, last_instant

DOCS = Path(__file__).parents[3] / "docs"
HALF = timedelta(minutes=30)


def rows(page: str, head: str) -> list[list[str]]:
    """The cells of the table whose first column is called `head`."""
    lines = iter((DOCS / page).read_text(encoding="utf-8").splitlines())
    table: list[list[str]] = []
    for line in lines:
        if line.startswith(f"| {head} |"):
            next(lines)
            for row in lines:
                if not row.startswith("|"):
                    return table
                table.append([cell.strip() for cell in row.strip("|").split("|")])
    return table


EVENING = rows("concepts/windows.md", "asked at")
CHANGES = rows("reference/windows.md", "zone")


def test_the_pages_have_the_tables_that_are_checked_here() -> None:
    assert len(EVENING) == 8
    assert len(CHANGES) == 11


@pytest.mark.parametrize(("asked", "is_open", "reason"), EVENING)
def test_the_evening_of_the_concept_page_happens_as_told(asked: str, is_open: str, reason: str) -> None:
    paris = "Europe/Paris"
    window = ReleaseWindow.once("release", datetime(2026, 11, 28, 22), datetime(2026, 11, 29, 2), paris)
    freeze = Freeze.once("backup", datetime(2026, 11, 28, 23), datetime(2026, 11, 28, 23, 30), paris)
    now = datetime.fromisoformat(asked).replace(tzinfo=ZoneInfo(paris))
    verdict = judge([window], [freeze], now=now, work=HALF, reserve=HALF)
    assert ("yes" if verdict.open else "no", verdict.reason) == (is_open, reason)


@pytest.mark.parametrize(("zone", "wall", "happens", "first", "last"), CHANGES)
def test_the_edges_of_the_reference_page_mean_what_it_says(
    zone: str, wall: str, happens: str, first: str, last: str
) -> None:
    tz, time = ZoneInfo(zone), datetime.fromisoformat(wall)
    assert f"{first_instant(time, tz):%Y-%m-%d %H:%M} UTC" == first
    assert f"{last_instant(time, tz):%Y-%m-%d %H:%M} UTC" == last
    around = (time.replace(tzinfo=UTC) + number * MINUTE for number in range(-16 * 60, 16 * 60))
    shown = sum(instant.astimezone(tz).replace(tzinfo=None) == time for instant in around)
    assert ("never", "once", "twice")[shown] == happens
