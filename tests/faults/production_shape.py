"""What docker-compose.yaml starts, without containers: PostgreSQL, Redis, a Celery worker, and a second triggerer."""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from deployplan.local.airflow_environment import airflow_environment
from deployplan.local.component import ManagedProcess
from deployplan.local.running_airflow import RunningAirflow
from deployplan.local.supervisor import running
from e2e.release import until
from faults.struck_airflow import settings_for
from openssh import OpenSshNode

POSTGRES = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)
REDIS = shutil.which("redis-server")
AS_POSTGRES = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")
"""PostgreSQL refuses to run as root."""


@contextmanager
def production_shape(
    root: Path, nodes: list[OpenSshNode]
) -> Iterator[tuple[RunningAirflow, dict[str, ManagedProcess]]]:
    """Airflow is up, with what its own supervisor does not start beside it: a Celery worker and a second triggerer."""
    with ExitStack() as leavings:
        database = leavings.enter_context(_postgres())
        queue = leavings.enter_context(_redis(root))
        settings = settings_for(root, nodes).with_environ(
            AIRFLOW__CORE__EXECUTOR="CeleryExecutor",
            AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"postgresql+psycopg2://{database}",
            AIRFLOW__CELERY__BROKER_URL=f"redis://{queue}/0",
            AIRFLOW__CELERY__RESULT_BACKEND=f"db+postgresql://{database}",
            AIRFLOW__CELERY__TASK_ACKS_LATE="True",
            AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT="86400",
            AIRFLOW__CELERY__WORKER_CONCURRENCY="4",
        )
        airflow = leavings.enter_context(running(settings, ready_within=300.0))
        environment = airflow_environment(settings, airflow.users.values())
        beside = {}
        for name, words in (
            ("worker", ("celery", "worker", "--skip-serve-logs")),
            ("triggerer-2", ("triggerer", "--skip-serve-logs")),
        ):
            log = settings.logs / f"{name}.log"
            beside[name] = ManagedProcess(name, (sys.executable, "-m", "airflow", *words), environment, log)
            leavings.callback(beside[name].kill)
            beside[name].start()
        yield airflow, beside


@contextmanager
def _postgres() -> Iterator[str]:
    """A database server of its own; yields `user@host:port/database`."""
    assert POSTGRES is not None
    root = Path(tempfile.mkdtemp(prefix="postgres-"))
    as_user: tuple[str, ...] = ()
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(root, owner.pw_uid, owner.pw_gid)
        as_user = AS_POSTGRES
    port, data = _free_port(), root / "data"
    made = (*as_user, str(POSTGRES / "initdb"), "-D", str(data), "-U", "airflow", "--auth=trust", "-E", "UTF8")
    subprocess.run(made, check=True, stdout=subprocess.DEVNULL, cwd="/")
    options = ("-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={root}", "-p", str(port))
    with (root / "log").open("wb") as log:
        server = subprocess.Popen(
            (*as_user, str(POSTGRES / "postgres"), "-D", str(data), *options), stdout=log, stderr=log, cwd="/"
        )
    place = ("-h", "127.0.0.1", "-p", str(port), "-U", "airflow")
    try:
        until(
            "PostgreSQL",
            lambda: subprocess.run((str(POSTGRES / "pg_isready"), "-q", *place), check=False).returncode == 0,
        )
        subprocess.run((str(POSTGRES / "createdb"), *place, "airflow"), check=True)
        yield f"airflow@127.0.0.1:{port}/airflow"
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(root, ignore_errors=True)


@contextmanager
def _redis(root: Path) -> Iterator[str]:
    """A queue of its own; yields `host:port`."""
    assert REDIS is not None
    port = _free_port()
    server = subprocess.Popen(
        (REDIS, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(root)),
        stdout=subprocess.DEVNULL,
    )
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
