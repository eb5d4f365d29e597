"""One real Airflow for all scenarios, and real OpenSSH nodes for each.

They end with the last scenario: what only waits costs a fifth of a core, and other tests follow in the same process.
"""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import pytest

from deployplan.local.running_airflow import RunningAirflow
from deployplan.local.settings import PORTS_TAKEN, settings_from
from deployplan.local.supervisor import running
from e2e.release import SECRET, Release, connection
from e2e.scenario import AT_ONCE, scenarios
from lanes import own_ports
from made_tables import GiveTables
from openssh import OpenSshNode
from quick_database import QUICK_DATABASE

NODES = 84
"""At least as many as all scenarios use together: each has nodes of its own."""

USERS = """\
erin: {role: user, password: erin}
amir: {role: user, password: amir}
mia: {role: user, password: mia}
olga: {role: user, password: olga}
chen: {role: user, password: chen}
vic: {role: viewer, password: vic}
admin: {role: admin, password: admin}
"""


@pytest.fixture(scope="package")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[OpenSshNode]]:
    root = tmp_path_factory.mktemp("nodes")
    made = [OpenSshNode(f"n{number}", root) for number in range(1, NODES + 1)]
    try:
        for node in made:
            # One client key for all: they are reached by one Airflow connection.
            (node.root / "client_key.pub").write_bytes((made[0].root / "client_key.pub").read_bytes())
            (node.home / "version").write_text("1.0\n")
            node.start()
        yield made
    finally:
        for node in made:
            node.power_off()


@pytest.fixture(scope="package")
def include(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("include")
    for name in ("plans", "procedures", "infrastructure", "controls", "packages"):
        (folder / name).mkdir()
    return folder


@pytest.fixture(scope="package")
def airflow(
    tmp_path_factory: pytest.TempPathFactory, nodes: list[OpenSshNode], include: Path, give_tables: GiveTables
) -> Iterator[RunningAirflow]:
    home = tmp_path_factory.mktemp("airflow")
    (home / "users.yaml").write_text(USERS)
    by_name = {node.name: node for node in nodes}
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "DEPLOYPLAN"))}
    settings = settings_from(
        environ
        | QUICK_DATABASE
        | {
            "AIRFLOW_HOME": str(home),
            "DEPLOYPLAN_INCLUDE": str(include),
            "DEPLOYPLAN_PORT": str(_free_port_range()),
            "AIRFLOW_CONN_SSH_E2E": connection(nodes[0], by_name, home),
            "AIRFLOW_CONN_E2E_SECRET": f'{{"conn_type": "generic", "password": "{SECRET}"}}',
            "DEPLOYPLAN_HANDOVER_AFTER": "15",
            "AIRFLOW__CORE__PARALLELISM": str(AT_ONCE),
            # So many runs wait for more than the scheduler, and each of its rounds looks at all of them.
            "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
            # Each parse builds all plans: a scenario asks for one when it has written.
            "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "30",
            # A killed worker is noticed after this many seconds; it must exceed the tolerated API outage.
            "AIRFLOW__WORKERS__MAX_FAILED_HEARTBEATS": "40",
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "45",
        }
    )
    give_tables(settings)
    with running(settings) as up:
        yield up


@pytest.fixture(scope="package")
def begun(
    request: pytest.FixtureRequest, airflow: RunningAirflow, include: Path, nodes: list[OpenSshNode]
) -> Iterator[dict[str, Future[None]]]:
    """The selected scenarios, all begun; each gets releases named after it, on nodes that no other one uses."""
    free = iter(nodes)
    lock = threading.Lock()

    def maker(name: str) -> Callable[..., Release]:
        def a_release(size: int = 1) -> Release:
            with lock:
                mine = list(islice(free, size))
            assert len(mine) == size, f"{NODES} nodes are too few for all scenarios: raise NODES"
            return Release(airflow, include, {node.name: node for node in mine}, name)

        return a_release

    selected = [item.name for item in request.session.items if item.name in scenarios]
    # They wait for openings minutes away: begun first, they wait beside the others and not after them.
    selected.sort(key=lambda name: scenarios[name].__module__ != "e2e.test_scheduling")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            yield {name: pool.submit(scenarios[name], maker(name.removeprefix("test_")[:60])) for name in selected}
        finally:
            pool.shutdown(cancel_futures=True)


def _free_port_range() -> int:
    for first in own_ports(20_000, 32_000)[::PORTS_TAKEN]:
        if all(_is_free(first + offset) for offset in range(PORTS_TAKEN)):
            return first
    raise AssertionError(f"no {PORTS_TAKEN} free ports in a row")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0
