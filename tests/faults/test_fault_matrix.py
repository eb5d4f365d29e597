"""Whatever is struck at whichever boundary of a deploy: the step ran once, and success is never false."""

from concurrent.futures import Future

import pytest

from faults.matrix import BOUNDARIES, KILLERS


@pytest.mark.parametrize("killer", KILLERS)
@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_at_the_boundary_a_step_runs_once_and_the_run_goes_on_or_names_why_not(
    boundary: str, killer: str, cells: dict[tuple[str, str], Future[None]]
) -> None:
    if (boundary, killer) not in cells:
        pytest.skip("mounting a disk that can be filled needs root")
    cells[boundary, killer].result()
