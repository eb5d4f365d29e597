"""What do sixty people cost who watch the page of releases, each asking every five seconds?

    .venv/bin/python bench/releases.py [runs] [nodes]

Requests to the real API application in this process, CPU seconds of the whole of it. `floor` is a route of the same
application behind the same door that reads next to nothing (`/hold`); what Airflow itself takes for a request is in
both. The goal: sixty viewers take at most 15 % of a core, the reading of what they see included.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "bench")]
VIEWERS, EVERY, GOAL = 60, 5.0, 0.15
SIZE, ROUNDS = 200_000, 40
API = "/deployplan/api/v1"


def main(runs: int, nodes: int) -> None:
    """Write a store, start the application, ask, and print."""
    shared = Path("/dev/shm")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None)))
        configure(folder)
        write_store(folder, runs, nodes)
        client, headers = start(stack, runs)
        from deployplan.airflow_glue.server.api.tonight_keeper import FRESH

        cold = wall(lambda: client.get(f"{API}/tonight", headers=headers))
        while (answer := client.get(f"{API}/tonight", headers=headers)).json()["unread"]:
            time.sleep(0.2)
        size = len(answer.content)
        known = headers | {"If-None-Match": answer.headers["etag"]}
        floor = per_request(lambda: client.get(f"{API}/hold", headers=headers))
        viewer = per_request(lambda: client.get(f"{API}/tonight", headers=known))
        reading = cpu_of_reading()
        share = VIEWERS / EVERY * viewer + reading / FRESH
        print(f"{runs} runs of {nodes} nodes, CPU seconds")
        print(f"first answer   {cold:.3f} on the clock   goal 1.000: {told(cold <= 1.0)}")
        print(
            f"further look   {reading:.3f}   goal 0.150: {told(reading <= 0.15)}, once in two seconds for all viewers"
        )
        print(f"JSON bytes     {size}   goal {SIZE}: {told(size <= SIZE)}")
        print(f"floor          {floor:.4f} a request")
        print(f"viewer         {viewer:.4f} a request, {viewer / floor:.2f} times the floor")
        print(f"60 viewers     {share:.1%} of a core   goal {GOAL:.0%}: {told(share <= GOAL)}")
        print(
            f"... floor      {VIEWERS / EVERY * floor:.1%} of a core would be what Airflow takes for as many requests"
        )


def configure(folder: Path) -> None:
    """An installation of its own, before anything of Airflow is loaded."""
    (folder / "signing.key").write_bytes(b"k" * 32)
    os.environ |= {
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
        "AIRFLOW__API_AUTH__JWT_SECRET": "k" * 64,
        "DEPLOYPLAN_RECORDS": str(folder / "records"),
        "DEPLOYPLAN_INCLUDE": str(folder / "include"),
        "DEPLOYPLAN_SIGNING_KEY_FILE": str(folder / "signing.key"),
    }


def write_store(folder: Path, runs: int, nodes: int) -> None:
    """So many runs in the middle of their deploy, each with a plan file of its own."""
    from tonight import KEY, write

    from builders import an_include, write_plan
    from deployplan.evidence.record import Records
    from deployplan.plan.load.loading import load

    include = an_include(folder / "include")
    names = [f"web-{number}" for number in range(1, nodes + 1)]
    listed = "\n".join(f"  {name}: 10.0.{place // 250}.{place % 250 + 1}" for place, name in enumerate(names))
    (include.infrastructure / "production.yaml").write_text(
        f"connection: ssh_production\ntimezone: UTC\nnodes:\n{listed}\ngroups: {{web: [{', '.join(names)}]}}\n"
    )
    opens = datetime.now(UTC) - timedelta(hours=1)
    window = f"{{opens: {opens:%Y-%m-%d %H:%M}, closes: {opens + timedelta(hours=6):%Y-%m-%d %H:%M}, timezone: UTC}}"
    records = Records(folder / "records", key=KEY)
    records.ends.built()
    for number in range(runs):
        name = f"shop-{number}"
        component = '{nodes: ["group:web"], deploy: ./up.sh, undo: ./down.sh}'
        write_plan(include, name, f"components: {{web: {component}}}\nschedule: {{window: {window}}}\n")
        snapshot = load(include.plan_path(name), include)
        records.save_snapshot(name, snapshot.digest, snapshot.to_json())
        records.open_run(name, "run-1", snapshot.digest)
        write(records.run(name, "run-1").ledger(), name, snapshot.digest, names)


def start(stack: ExitStack, runs: int) -> tuple[object, dict[str, str]]:
    """The API application with what the plugin adds, and who asks it."""
    from airflow.api_fastapi.app import create_app, get_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
    from airflow.models.dag import DagModel
    from airflow.utils.db import initdb
    from airflow.utils.session import create_session
    from fastapi.testclient import TestClient

    initdb()
    with create_session() as session:
        session.connection().exec_driver_sql("PRAGMA foreign_keys=OFF")  # the bundle of these DAGs is none
        for number in range(runs):
            facts = {"is_paused": False, "is_stale": False, "max_active_tasks": 1, "bundle_name": "dags-folder"}
            limits = {"max_consecutive_failed_dag_runs": 0, "has_task_concurrency_limits": False}
            session.execute(DagModel.__table__.insert().values(dag_id=f"shop-{number}", **facts, **limits))
    client = stack.enter_context(TestClient(create_app(apps="core"), base_url="http://localhost"))
    token = get_auth_manager().generate_jwt(SimpleAuthManagerUser(username="vic", role="VIEWER"))
    return client, {"Authorization": f"Bearer {token}"}


def wall(ask: Callable[[], object]) -> float:
    """Seconds for one call, as who asks it waits."""
    begun = time.perf_counter()
    ask()
    return time.perf_counter() - begun


def cpu(ask: Callable[[], object]) -> float:
    """CPU seconds of this process for one call."""
    begun = time.process_time()
    ask()
    return time.process_time() - begun


def per_request(ask: Callable[[], object]) -> float:
    """The median of some requests, within the second for which one reading serves where that is possible."""
    ask()
    return statistics.median(cpu(ask) for _ in range(ROUNDS))


def cpu_of_reading() -> float:
    """The median of what one reading takes when nothing is new."""
    from deployplan.airflow_glue.server.api.tonight_keeper import forget_tonight, tonight_now

    def read() -> None:
        forget_tonight()
        tonight_now()

    return statistics.median(cpu(read) for _ in range(5))


def told(met: bool) -> str:
    return "met" if met else "MISSED"


if __name__ == "__main__":
    main(*(int(each) for each in (*sys.argv[1:3], *("200", "20")[len(sys.argv) - 1 :])))
