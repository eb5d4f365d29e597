"""A real Airflow, started and stopped as `make up` does it."""

import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deployplan.local.airflow_api import AirflowApi
from deployplan.local.free_ports import port_is_free
from deployplan.local.readiness import not_healthy
from deployplan.local.sessions import members
from deployplan.local.settings import LocalSettings
from deployplan.local.users import load_users
from deployplan.places import PACKAGE
from made_tables import GiveTables
from quick_database import QUICK_DATABASE

pytestmark = pytest.mark.e2e

STUBBORN = """
import signal, time
from airflow.sdk import DAG, task

with DAG("stubborn", schedule=None, is_paused_upon_creation=False):
    @task
    def hold_on():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("holding on", flush=True)
        time.sleep(600)

    hold_on()
"""


def until(condition: Callable[[], bool], seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.2)


@pytest.fixture
def up(settings: LocalSettings, tmp_path: Path, give_tables: GiveTables) -> Iterator[subprocess.Popen[str]]:
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags/stubborn.py").write_text(STUBBORN)
    give_tables(settings)
    with (
        (tmp_path / "up.log").open("w") as log,
        subprocess.Popen(
            [sys.executable, "-m", "deployplan", "up"], env=environment(settings), stdout=log, stderr=log, text=True
        ) as process,
    ):
        yield process
        process.terminate()


def environment(settings: LocalSettings) -> dict[str, str]:
    folder = settings.home.parent
    return os.environ | {
        "AIRFLOW_HOME": str(settings.home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(folder / "dags"),
        "DEPLOYPLAN_INCLUDE": str(folder / "include"),
        "DEPLOYPLAN_PORT": str(settings.ports.ui),
        "PYTHONPATH": str(PACKAGE.parent),
        **QUICK_DATABASE,
    }


def below(folder: Path) -> Iterator[Path]:
    """The folder and all that lies below it; what goes away meanwhile is passed over."""
    for place, _, files in os.walk(folder):
        yield Path(place)
        yield from (Path(place) / name for name in files)


def open_to_others(path: Path) -> bool:
    """Whether another user could read something there; what ended meanwhile could not be."""
    try:
        facts = path.lstat()
    except FileNotFoundError:
        return False
    return not stat.S_ISLNK(facts.st_mode) and bool(facts.st_mode & 0o077)


def sessions(settings: LocalSettings) -> dict[str, int]:
    found = json.loads((settings.home / "deployplan.pid").read_text())["sessions"]
    assert isinstance(found, dict)
    return found


def test_airflow_of_ones_own_from_start_to_stop(
    up: subprocess.Popen[str], settings: LocalSettings, tmp_path: Path
) -> None:
    log = tmp_path / "up.log"
    until(lambda: "Airflow is ready" in log.read_text() or up.poll() is not None)
    assert f"Airflow is ready at {settings.url}" in log.read_text()
    assert f"users and passwords: {settings.home / 'users.yaml'}" in log.read_text()

    frightening = re.compile(r"WARNING|ERROR|CRITICAL|Traceback|Deprecat|Exception", re.IGNORECASE)
    assert [line for line in log.read_text().splitlines() if frightening.search(line)] == []
    assert [path for path in below(settings.home) if open_to_others(path)] == []

    second = subprocess.run(
        [sys.executable, "-m", "deployplan", "up"],
        env=environment(settings),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert second.returncode == 1
    assert f"airflow already runs on {settings.home} as process {up.pid} at {settings.url}" in second.stderr

    erin = load_users(settings.users)["erin"]
    with AirflowApi(settings.api_url, "erin", erin.password) as api:
        until(lambda: any(dag["dag_id"] == "stubborn" for dag in api.dags()))
        api.trigger("stubborn", "r1")
        until(lambda: "holding on" in api.log("stubborn", "r1", "hold_on") if started(api) else False)

    before = sessions(settings)
    assert set(before) == {"database", "api-server", "scheduler", "dag-processor", "triggerer"}
    os.kill(before["triggerer"], signal.SIGKILL)
    until(lambda: sessions(settings)["triggerer"] != before["triggerer"])
    until(lambda: not_healthy(settings) == ())
    assert "triggerer ended with -9; starting again in 1 s" in log.read_text()

    running = sessions(settings)
    assert all(members(session) for session in running.values())
    up.send_signal(signal.SIGINT)
    began = time.monotonic()
    assert up.wait(timeout=40) == 0
    assert time.monotonic() - began < 25
    assert {name: members(session) for name, session in running.items()} == dict.fromkeys(running, ())
    assert port_is_free("127.0.0.1", settings.ports.ui)
    assert (settings.home / "deployplan.pid").read_text() == ""


def started(api: AirflowApi) -> bool:
    return api.task_states("stubborn", "r1").get("hold_on") == "running"
