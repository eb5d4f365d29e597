"""One supervisor a home."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from deployplan.local.component import ManagedProcess
from deployplan.local.run_file import AlreadyRunning, RunFile
from deployplan.local.sessions import members, runs_airflow


def a_component(tmp_path: Path, name: str) -> ManagedProcess:
    program = "import time; time.sleep(600)"
    return ManagedProcess(name, [sys.executable, "-c", program, "airflow scheduler"], {}, tmp_path / f"{name}.log")


def until_it_is_what_it_will_be(pid: int) -> None:
    """A process that was just begun is still its parent, by its words, for an instant."""
    deadline = time.monotonic() + 60
    while not runs_airflow(pid):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_second_supervisor_on_the_same_home_is_refused_and_told_who_runs_there(tmp_path: Path) -> None:
    first, second = RunFile(tmp_path), RunFile(tmp_path)
    first.take("http://localhost:8080")
    first.note([])
    with pytest.raises(AlreadyRunning, match=r"process \d+ at http://localhost:8080; .*AIRFLOW_HOME"):
        second.take("http://localhost:9090")
    first.release()
    second.take("http://localhost:9090")
    second.release()


def test_the_lock_of_a_killed_supervisor_does_not_outlive_it(tmp_path: Path) -> None:
    program = f"""
import os, signal
from pathlib import Path
from deployplan.local.run_file import RunFile
RunFile(Path({str(tmp_path)!r})).take("http://localhost:8080")
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", program], check=False)
    heir = RunFile(tmp_path)
    heir.take("http://localhost:8080")
    heir.release()


def test_what_a_killed_supervisor_left_running_is_ended_by_the_next_one(tmp_path: Path) -> None:
    component = a_component(tmp_path, "scheduler")
    killed = RunFile(tmp_path)
    killed.take("http://localhost:8080")
    component.start()
    assert component.pid is not None
    until_it_is_what_it_will_be(component.pid)
    killed.note([component])
    content = killed.path.read_text()
    killed.release()
    killed.path.write_text(content)

    heir = RunFile(tmp_path)
    heir.take("http://localhost:8080")
    assert heir.stop_leftovers() == 1
    assert members(component.pid) == ()
    heir.release()
    component.kill()


def test_a_process_that_is_not_airflow_is_never_ended_for_having_the_number(tmp_path: Path) -> None:
    stranger = ManagedProcess("x", [sys.executable, "-c", "import time; time.sleep(600)"], {}, tmp_path / "x.log")
    stranger.start()
    run_file = RunFile(tmp_path)
    run_file.take("http://localhost:8080")
    run_file.note([stranger])
    assert run_file.stop_leftovers() == 0
    assert stranger.runs
    stranger.kill()
    run_file.release()


def test_a_note_that_was_cut_short_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / "deployplan.pid").write_text('{"pid": 12')
    run_file = RunFile(tmp_path)
    run_file.take("http://localhost:8080")
    assert run_file.stop_leftovers() == 0
    run_file.release()
