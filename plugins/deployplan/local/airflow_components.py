"""Which processes make up Airflow here, and the database they need first."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version

from deployplan.local.component import Component
from deployplan.local.settings import LocalError, LocalSettings

_AIRFLOW = (sys.executable, "-m", "airflow")


class NotPrepared(LocalError):
    """Airflow's database could not be made."""


def components(settings: LocalSettings, environment: Mapping[str, str]) -> Iterator[Component]:
    """Airflow's components, the slowest to start first; none is started yet."""
    ports = settings.ports
    server = ("api-server", "--workers", "1", "--port")
    words: dict[str, tuple[str, ...]] = {
        # People and tasks have a server each: on SQLite one server for both freezes for seconds when both write.
        "api-server": (*server, str(ports.ui), "--host", settings.host, "--apps", "core"),
        "api-server-tasks": (*server, str(ports.execution), "--host", "127.0.0.1", "--apps", "execution"),
        # Logs are files here, which the API server reads itself: no log servers.
        "scheduler": ("scheduler", "--skip-serve-logs"),
        "dag-processor": ("dag-processor",),
        "triggerer": ("triggerer", "--skip-serve-logs"),
    }
    for name, arguments in words.items():
        yield Component(name, (*_AIRFLOW, *arguments), environment, settings.logs / f"{name}.log")


def prepare_database(settings: LocalSettings, environment: Mapping[str, str], report: Callable[[str], None]) -> None:
    """Create or upgrade the database, unless this very Airflow has done so before. Raises NotPrepared.

    Asking Airflow costs six seconds and making a database ten, so a stamp remembers, and an empty copy is kept.
    """
    stamp, empty = settings.home / ".migrated", settings.home / "empty.db"
    wanted = _database(environment)
    done_before = stamp.exists() and stamp.read_text(encoding="utf-8") == wanted
    ours = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN" not in environment
    database = settings.home / "airflow.db"
    if done_before and (not ours or database.exists()):
        return
    if done_before and empty.exists():
        shutil.copy(empty, database)
        return
    report("preparing Airflow's database")
    new = ours and not database.exists()
    _migrate(settings, environment)
    if new:
        shutil.copy(database, empty)
    stamp.write_text(wanted, encoding="utf-8")


def _migrate(settings: LocalSettings, environment: Mapping[str, str]) -> None:
    log = settings.logs / "db-migrate.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        done = subprocess.run(
            (*_AIRFLOW, "db", "migrate"),
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode != 0:
        raise NotPrepared(f"airflow db migrate ended with {done.returncode}; it says why in {log}")


def _database(environment: Mapping[str, str]) -> str:
    connection = environment.get("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "sqlite in the home")
    return f"{version('apache-airflow-core')}\n{connection.rsplit('@', 1)[-1]}\n"
