"""A run of the tests that is told to end takes its servers and nodes along, as one does that comes to its end."""

import gc
import os
import signal
import sys
from pathlib import Path
from types import FrameType

import hypothesis
import psutil
import pytest

import loop_guard
from lanes import LaneScheduling, place_of
from ram_folder import keep_folders_in_memory

pytest_plugins = ["costs", "made_tables"]
RUN = os.getpid()
# Whatever the environment says of bytecode: hundreds of processes import the same modules, compiled once for all.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
keep_folders_in_memory()
# On a busy machine an example may take long that takes no time on a quiet one: that says nothing of the product.
hypothesis.settings.register_profile("busy", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("busy")
IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ


def pytest_configure(config: pytest.Config) -> None:
    loop_guard.watch()
    hands_out = config.getoption("numprocesses", None) and not IS_WORKER
    if not hands_out:
        gc.disable()  # until all is collected: what the modules make stays, and would be looked through again and again
    signal.signal(signal.SIGTERM, _end_with_workers if hands_out else _end)


def _end(number: int, _frame: FrameType | None) -> None:
    """Ended by `pytest.exit`, the fixtures still clean up; by the signal itself they do not."""
    if os.getpid() != RUN:  # a process that a test has forked has nothing of its own to clean up
        os._exit(128 + number)
    pytest.exit(f"ended by signal {number}", returncode=128 + number)


def _end_with_workers(number: int, frame: FrameType | None) -> None:
    """The process that hands the tests out has no other children than the workers that run them."""
    workers = psutil.Process().children()
    for worker in workers:
        worker.send_signal(number)
    psutil.wait_procs(workers, timeout=60)
    _end(number, frame)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    items.sort(key=lambda item: place_of(item.path.relative_to(here), with_workers=IS_WORKER))


def pytest_collection_finish() -> None:
    """What the collection has made stays to the end, and the garbage collector need never look through it."""
    gc.freeze()
    gc.enable()


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LaneScheduling:
    return LaneScheduling(config, log)
