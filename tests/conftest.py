"""A run of the tests that is told to end takes its servers and nodes along, as one does that comes to its end."""

import os
import signal
from pathlib import Path
from types import FrameType

import pytest

RUN = os.getpid()
ORDER = ("unit", "airflow", "ssh", "faults", "e2e")
"""What fails soonest runs first; and the Airflow of the scenarios, which lives to the end, runs beside nothing else."""


def pytest_configure() -> None:
    signal.signal(signal.SIGTERM, _end)


def _end(number: int, _frame: FrameType | None) -> None:
    """Ended by `pytest.exit`, the fixtures still clean up; by the signal itself they do not."""
    if os.getpid() != RUN:  # a process that a test has forked has nothing of its own to clean up
        os._exit(128 + number)
    pytest.exit(f"ended by signal {number}", returncode=128 + number)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    items.sort(key=lambda item: _place(item.path.relative_to(here).parts[0]))


def _place(folder: str) -> int:
    return ORDER.index(folder) if folder in ORDER else 0
