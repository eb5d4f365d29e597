"""Airflow's tables, made once for all tests: a home that wants them begins with a copy of the database's files.

Making them takes Airflow some ten seconds of a core, a copy takes a tenth of one. `test_demo` begins with nothing, as a
person does.
"""

import fcntl
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from deployplan.local.airflow_database import prepare_database
from deployplan.local.airflow_environment import airflow_environment
from deployplan.local.database_choice import POSTGRES_FOLDER, Database
from deployplan.local.postgres_cluster import cluster_of
from deployplan.local.postgres_server import PostgresServer
from deployplan.local.settings import LocalSettings, settings_from
from quick_database import QUICK_DATABASE

GiveTables = Callable[[LocalSettings], None]
_COPIED = (POSTGRES_FOLDER, ".migrated")


@pytest.fixture(scope="session")
def give_tables(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> GiveTables:
    """Puts a database with Airflow's tables, and no run in them, into a home that has no database yet."""
    own = tmp_path_factory.getbasetemp()
    made = (own if worker_id == "master" else own.parent) / "made-tables"

    def give(settings: LocalSettings) -> None:
        made.mkdir(mode=0o755, exist_ok=True)
        with (made / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # the first worker makes them, the others wait
            if not (made / "complete").exists():
                _make(made / "home")
                (made / "complete").touch()
        settings.home.mkdir(mode=0o700, exist_ok=True)
        for name in _COPIED:
            # Not shutil: the files belong to the user who runs the server, and have to stay theirs.
            subprocess.run(["cp", "-a", str(made / "home" / name), str(settings.home / name)], check=True)

    return give


def _make(home: Path) -> None:
    shutil.rmtree(home, ignore_errors=True)  # what a worker that was ended has begun
    home.mkdir(mode=0o700)
    settings = settings_from({"AIRFLOW_HOME": str(home), **QUICK_DATABASE})
    cluster = cluster_of(settings)
    cluster.prepare()
    server = PostgresServer(cluster, settings.logs / "database.log")
    try:
        server.start()
        server.wait_until_ready()
        prepare_database(settings, airflow_environment(settings, ()), Database.EMBEDDED, cluster, lambda _line: None)
    finally:
        server.stop()
