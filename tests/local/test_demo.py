"""The demo and the practice nodes as a person runs them."""

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from deployplan.local.demo_home import begin_afresh
from deployplan.local.free_ports import port_is_free
from deployplan.local.node_processes import node_processes
from deployplan.local.postgres_server import server_processes
from deployplan.local.practice_layout import HOST, practice_layout
from deployplan.local.settings import LocalSettings
from deployplan.places import PACKAGE
from made_tables import GiveTables
from quick_database import QUICK_DATABASE

Start = Callable[..., subprocess.Popen[str]]
UNHURRIED = {
    # The plans are written before Airflow starts; each parse builds all of them.
    "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "30",
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
}
"""Options of Airflow that spare the machine of the tests; a person's demo looks more often."""


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.1)


@pytest.fixture
def start(settings: LocalSettings, tmp_path: Path) -> Iterator[Start]:
    """Starts `deployplan WORDS`; stderr goes to the file `said`, stdout to the file `result`."""
    begun: list[subprocess.Popen[str]] = []

    def deployplan(*words: str, **variables: str) -> subprocess.Popen[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "DEPLOYPLAN"))}
        environment = clean | {
            "AIRFLOW_HOME": str(settings.home),
            "DEPLOYPLAN_PORT": str(settings.ports.ui),
            "PYTHONPATH": str(PACKAGE.parent),
            **QUICK_DATABASE,
            **variables,
        }
        with (tmp_path / "said").open("w") as said, (tmp_path / "result").open("w") as result:
            process = subprocess.Popen(
                [sys.executable, "-m", "deployplan", *words], env=environment, stdout=result, stderr=said, text=True
            )
        begun.append(process)
        return process

    yield deployplan
    for process in begun:
        process.terminate()
        process.wait(timeout=60)


def assert_nothing_is_left(settings: LocalSettings) -> None:
    layout = practice_layout(settings)
    assert node_processes(settings.home) == ()
    taken = [port for port in (settings.ports.ui, *layout.ports()) if not port_is_free(HOST, port)]
    assert server_processes(settings.home / "postgres") == ()
    assert taken == []


@pytest.mark.e2e
def test_the_demo_carries_one_release_to_success_and_backs_the_other_out(
    start: Start, settings: LocalSettings, tmp_path: Path
) -> None:
    demo = start("demo", DEMO="once", **UNHURRIED)
    code = demo.wait(timeout=600)
    said = (tmp_path / "said").read_text()
    assert (tmp_path / "result").read_text() == "storefront-4.3.0 success\nstorefront-4.4.0 backed_out\n", said
    assert code == 0
    for part in (
        "storefront-4.3.0 | review: active",
        "approve_1 waits for amir or mia",
        "amir approves (review.approve_1)",
        "mia approves (review.approve_2)",
        "web wave 3 started on web-3, web-4",
        "storefront-4.4.0 | web wave 1 STOPPED: health on web-1: fail (3 readings in a row did not pass: status 500",
        f"look at {settings.url}/plugin/releases as erin",
        f"{settings.url}/dags/storefront-4.4.0/runs/demo",
    ):
        assert part in said
    # The canary was the only web node that the faulty release reached.
    assert "storefront-4.4.0 | web wave 2 started" not in said
    told = (settings.logs / "api-server.log").read_text()
    for subject in ("planned", "live"):
        assert f"message to warehouse@acme.example: storefront 4.3.0: {subject}" in told
    assert_nothing_is_left(settings)


@pytest.mark.e2e
def test_a_demo_that_is_stopped_half_way_leaves_nothing_running_and_claims_nothing(
    start: Start, settings: LocalSettings, tmp_path: Path, give_tables: GiveTables
) -> None:
    begin_afresh(settings.home)  # as the demo of yesterday left it
    give_tables(settings)
    demo = start("demo", **UNHURRIED)
    until(lambda: "waiting for" in (tmp_path / "said").read_text() or demo.poll() is not None)
    services = [process for process in node_processes(settings.home) if "service.py" in " ".join(process.cmdline())]
    assert len(services) == 6
    demo.send_signal(signal.SIGINT)
    assert demo.wait(timeout=60) == 1
    assert (tmp_path / "result").read_text() == "storefront-4.3.0 not_finished\nstorefront-4.4.0 not_finished\n"
    assert_nothing_is_left(settings)


@pytest.mark.e2e
@pytest.mark.chaos
def test_a_demo_that_was_killed_is_ended_by_the_next_one_which_goes_its_way(
    start: Start, settings: LocalSettings, tmp_path: Path, give_tables: GiveTables
) -> None:
    """kill -9 reaches one process; Airflow's and those of the nodes live on, and are of a demo nobody watches."""
    begin_afresh(settings.home)
    give_tables(settings)
    demo = start("demo", **UNHURRIED)
    until(lambda: "waiting for" in (tmp_path / "said").read_text() or demo.poll() is not None, 120)
    of_the_first = {process.pid for process in node_processes(settings.home)}
    assert of_the_first
    demo.kill()
    demo.wait(timeout=60)

    again = start("demo")
    until(lambda: "waiting for" in (tmp_path / "said").read_text() or again.poll() is not None, 240)
    said = (tmp_path / "said").read_text()
    assert again.poll() is None, said
    services = [process for process in node_processes(settings.home) if "service.py" in " ".join(process.cmdline())]
    assert len(services) == 6
    assert not of_the_first & {process.pid for process in node_processes(settings.home)}
    again.send_signal(signal.SIGINT)
    assert again.wait(timeout=60) == 1
    assert_nothing_is_left(settings)


def test_the_demo_does_not_touch_a_home_that_it_did_not_make(
    start: Start, settings: LocalSettings, tmp_path: Path
) -> None:
    settings.home.mkdir()
    (settings.home / "airflow.db").write_text("precious")
    demo = start("demo", DEMO="once")
    assert demo.wait(timeout=60) == 1
    assert "error: " in (tmp_path / "said").read_text()
    assert (settings.home / "airflow.db").read_text() == "precious"


@pytest.mark.ssh
def test_practice_gives_a_shell_all_that_airflow_needs_to_reach_the_nodes(
    start: Start, settings: LocalSettings, tmp_path: Path
) -> None:
    practice = start("practice")
    until(lambda: "Ctrl-C stops the nodes" in (tmp_path / "said").read_text() or practice.poll() is not None)
    told = subprocess.run(
        ["/bin/sh", "-c", f". {shlex.quote(str(tmp_path / 'result'))}; env"], capture_output=True, text=True, check=True
    ).stdout
    assert f"DEPLOYPLAN_INCLUDE={settings.practice / 'include'}" in told
    assert f'"key_file": "{settings.practice / "keys/client_key"}"' in told
    layout = practice_layout(settings)
    for node in layout.nodes:
        assert httpx.get(f"http://{HOST}:{node.http_port}/health").json() == {"status": "ok", "version": "4.2.1"}
    practice.send_signal(signal.SIGTERM)
    assert practice.wait(timeout=30) == 0
    assert_nothing_is_left(settings)
