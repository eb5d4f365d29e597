"""A process that is kept running, and stopped with all it started."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deployplan.local.component import ManagedProcess
from deployplan.local.sessions import members

# A parent, a child, and a grandchild whose parent is gone and which ignores TERM: as a scheduler's task can be.
FAMILY = """
import os, signal, subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; print('child', flush=True); time.sleep(600)"])
if os.fork() == 0:
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.setpgid(0, 0)
        print("orphan", flush=True)
        time.sleep(600)
    os._exit(0)
os.wait()
time.sleep(600)
"""


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.02)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[[str], ManagedProcess]]:
    made: list[ManagedProcess] = []

    def component(program: str) -> ManagedProcess:
        one = ManagedProcess(
            "family", [sys.executable, "-c", program], {"PATH": "/usr/bin:/bin"}, tmp_path / "logs/family.log"
        )
        made.append(one)
        return one

    yield component
    for one in made:
        one.kill()


def test_killing_a_component_leaves_nothing_not_even_an_orphan_in_a_group_of_its_own(
    make: Callable[[str], ManagedProcess],
) -> None:
    family = make(FAMILY)
    family.start()
    until(lambda: {"child", "orphan"} <= set(family.last_lines().split()))
    assert family.pid is not None
    assert len(members(family.pid)) == 3
    family.kill()
    assert family.gone()
    assert members(family.pid) == ()


def test_asking_a_component_to_stop_asks_only_the_process_itself(make: Callable[[str], ManagedProcess]) -> None:
    family = make(FAMILY)
    family.start()
    until(lambda: {"child", "orphan"} <= set(family.last_lines().split()))
    family.ask_to_stop()
    until(lambda: not family.runs)
    assert not family.gone()


def test_a_dead_component_is_started_again_after_a_pause(
    make: Callable[[str], ManagedProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr("deployplan.local.component.time.monotonic", lambda: now)
    failing = make("print('no luck'); raise SystemExit(3)")
    failing.start()
    pauses = []
    for _ in range(7):
        until_dead(failing)
        message = failing.restart_if_dead()
        assert message is not None
        assert "family ended with 3; starting again in" in message
        pauses.append(float(message.split(" in ")[1].split(" s ")[0]))
        assert failing.restart_if_dead() is None
        now += pauses[-1]
        assert failing.restart_if_dead() == "family started again"
    assert pauses == [1, 2, 4, 8, 16, 30, 30]
    assert failing.restarts == 7


def until_dead(component: ManagedProcess) -> None:
    while component.runs:
        time.sleep(0.01)


def test_a_component_that_ran_well_for_a_minute_is_started_again_at_once(
    make: Callable[[str], ManagedProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr("deployplan.local.component.time.monotonic", lambda: now)
    failing = make("raise SystemExit(3)")
    failing.start()
    for _ in range(3):
        until_dead(failing)
        failing.restart_if_dead()
        now += 30
        failing.restart_if_dead()
    now += 61
    until_dead(failing)
    assert "starting again in 1 s" in str(failing.restart_if_dead())


def test_what_a_dead_component_left_behind_ends_before_its_successor_starts(
    make: Callable[[str], ManagedProcess],
) -> None:
    family = make(FAMILY)
    family.start()
    until(lambda: {"child", "orphan"} <= set(family.last_lines().split()))
    first = family.pid
    assert first is not None
    family.ask_to_stop()
    until(lambda: not family.runs)
    family.restart_if_dead()
    assert members(first) == ()


def test_the_last_lines_of_a_long_log_are_told(make: Callable[[str], ManagedProcess]) -> None:
    talkative = make("print('x' * 100_000); print('\\n'.join(str(number) for number in range(50)))")
    assert talkative.last_lines() == ""
    talkative.start()
    until(lambda: not talkative.runs)
    assert talkative.last_lines(3) == "47\n48\n49"


def test_a_component_that_was_never_started_is_gone_and_can_be_stopped(make: Callable[[str], ManagedProcess]) -> None:
    idle = make("pass")
    idle.ask_to_stop()
    idle.kill()
    assert idle.gone()
    assert idle.pid is None
    assert idle.restart_if_dead() is None


def test_what_a_component_leaves_behind_is_its_owners_alone(
    make: Callable[[str], ManagedProcess], tmp_path: Path
) -> None:
    path = tmp_path / "made" / "file"
    make_it = f"p = pathlib.Path({str(path)!r}); p.parent.mkdir(); p.write_text('x')"
    program = f"import pathlib, time; {make_it}; time.sleep(600)"
    make(program).start()
    until(lambda: path.exists() and path.read_text() == "x", 60)
    assert (path.parent.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)
