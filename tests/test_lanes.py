"""The lanes of the tests: what shares a costly world runs in one worker."""

from pathlib import Path
from typing import Any

import pytest

from lanes import DEAREST, WORKERS_AT_MOST, LaneScheduling, lane_of, own_ports, place_of


def test_workers_are_handed_whole_lanes() -> None:
    """Without them each worker would start an Airflow of its own for the same scenarios."""
    scope = LaneScheduling._split_scope
    anyone: Any = None
    assert scope(anyone, "tests/e2e/test_releases.py::test_one") == scope(anyone, "tests/e2e/test_secrets.py::test_two")
    assert scope(anyone, "tests/ssh/test_ssh_jobs.py::test_one") != scope(
        anyone, "tests/ssh/test_ssh_jobs.py::test_two"
    )


def test_scenarios_share_one_lane_and_tests_on_nodes_have_none() -> None:
    assert lane_of(Path("e2e/test_releases.py")) == lane_of(Path("e2e/test_secrets.py"))
    assert lane_of(Path("ssh/test_ssh_jobs.py")) is None
    assert lane_of(Path("unit/plan/load/test_load.py")) != lane_of(Path("unit/plan/test_order.py"))


def test_beside_others_the_dearest_files_of_a_folder_begin_first() -> None:
    """The last one alone would keep one worker busy, and the others waiting."""
    here = Path(__file__).parent
    paths = [path.relative_to(here) for path in (here / "unit").rglob("test_*.py")]
    assert set(DEAREST) <= {path.name for path in paths}
    ordered = sorted(paths, key=lambda path: place_of(path, with_workers=True))
    assert {path.name for path in ordered[: len(DEAREST)]} == set(DEAREST)
    assert sorted(paths, key=lambda path: place_of(path, with_workers=False)) == paths


def test_no_two_workers_have_a_port_in_common(monkeypatch: pytest.MonkeyPatch) -> None:
    ports: list[int] = []
    for number in range(WORKERS_AT_MOST):
        monkeypatch.setenv("PYTEST_XDIST_WORKER", f"gw{number}")
        ports += own_ports(12_000, 20_000)
    assert len(set(ports)) == len(ports) == 8000
