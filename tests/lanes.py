"""Tests side by side: what shares a costly world runs in one worker of pytest-xdist, and no two workers share a port.

The tests of a lane run one after another in one worker, which makes their world once. (The groups of pytest-xdist 3.8
are without effect under pytest 9.2, which derives the ids that they would be written to.)
"""

import os
from pathlib import PurePath

from xdist.scheduler import LoadScopeScheduling

LONGEST_FIRST = ("e2e", "local", "faults", "ssh", "airflow", "unit")
"""Folders in the order in which workers take them up: the long lanes begin at once, the short ones fill up."""
SOONEST_FIRST = tuple(reversed(LONGEST_FIRST))
"""Without workers: what fails soonest runs first."""
DEAREST = (
    "test_verdict_oracle.py",
    "test_takeover_model.py",
    "test_object_storage.py",
    "test_budget.py",
    "test_start_crashes.py",
    "test_job_on_any_shell.py",
    "test_node_terminate.py",
    "test_digest_leaves.py",
    "test_follow.py",
)
"""Files that take longest in their folder: begun last, one worker would be left alone with the last of them."""
SHARED_WORLDS = {"e2e": "one Airflow for the scenarios"}
"""Folders whose tests share one world, whatever their file."""
WORKERS_AT_MOST = 8


def worker() -> int:
    """The number of this process among the workers of pytest-xdist; 0 without them."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % WORKERS_AT_MOST


def own_ports(first: int, after: int) -> range:
    """This worker's share of the ports from `first` up to but without `after`."""
    share = (after - first) // WORKERS_AT_MOST
    return range(first + worker() * share, first + (worker() + 1) * share)


def lane_of(path: PurePath) -> str | None:
    """The lane of a test file, by its path below tests/; None when each of its tests may run in any worker."""
    folder = path.parts[0]
    if folder in SHARED_WORLDS:
        return SHARED_WORLDS[folder]
    return None if folder == "ssh" else str(path)


def place_of(path: PurePath, *, with_workers: bool) -> tuple[int, bool]:
    """Where a test file stands in the order of the folders, and within its folder."""
    order = LONGEST_FIRST if with_workers else SOONEST_FIRST
    folder = path.parts[0]
    place = order.index(folder) if folder in order else len(order) * with_workers
    return place, with_workers and path.name not in DEAREST


class LaneScheduling(LoadScopeScheduling):
    """Hands out whole lanes to workers that are free, in the order of the tests."""

    def _split_scope(self, nodeid: str) -> str:
        path = PurePath(nodeid.partition("::")[0])
        return lane_of(PurePath(*path.parts[1:])) or nodeid
