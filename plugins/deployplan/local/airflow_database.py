"""Airflow's own tables, in whichever database it is: made once, upgraded with Airflow, begun afresh for the demo."""

import os
import subprocess
from collections.abc import Callable, Mapping
from importlib.metadata import version

from deployplan.local.airflow_components import AIRFLOW
from deployplan.local.database_choice import CONNECTION, SQLITE_FILE, Database
from deployplan.local.postgres_client import ask
from deployplan.local.postgres_cluster import ROLE, Cluster
from deployplan.local.settings import LocalError, LocalSettings
from deployplan.private_files import UMASK, open_log, write_private

_EMPTY = "airflow_empty"
"""The database as Airflow makes it, without any run: copied in a moment, where making one takes ten seconds."""


class NotPrepared(LocalError):
    """Airflow's database could not be made."""


def prepare_database(
    settings: LocalSettings,
    environment: Mapping[str, str],
    database: Database,
    cluster: Cluster | None,
    report: Callable[[str], None],
    *,
    afresh: bool = False,
) -> None:
    """Create or upgrade Airflow's tables, unless this very Airflow has done so before.

    Raises NotPrepared, PostgresRefused.

    Asking Airflow costs six seconds, so a stamp in the home remembers.
    cluster: the embedded server, running, where the database is on it.
    afresh: begin with an empty embedded database, whatever was there.
    """
    stamp, wanted = settings.home / ".migrated", _stamp(environment, database)
    done_before = stamp.exists() and stamp.read_text(encoding="utf-8") == wanted
    if cluster:
        _prepare_embedded(settings, environment, cluster, done_before, afresh, report)
    elif not done_before or (database is Database.SQLITE and not (settings.home / SQLITE_FILE).exists()):
        _migrate(settings, environment, report)
    write_private(stamp, wanted)


def _prepare_embedded(
    settings: LocalSettings,
    environment: Mapping[str, str],
    cluster: Cluster,
    done_before: bool,
    afresh: bool,
    report: Callable[[str], None],
) -> None:
    there = set(ask(cluster, "select datname from pg_database").split())
    if afresh and ROLE in there:
        ask(cluster, f"drop database {ROLE} with (force)")
        there.discard(ROLE)
    if ROLE not in there:
        template = _EMPTY if done_before and _EMPTY in there else "template0"
        ask(cluster, f"create database {ROLE} template {template}")
        if template == _EMPTY:
            return
    elif done_before:
        return
    _migrate(settings, environment, report)
    ask(cluster, f"drop database if exists {_EMPTY}")
    if ROLE not in there:
        ask(cluster, f"create database {_EMPTY} template {ROLE}")


def _migrate(settings: LocalSettings, environment: Mapping[str, str], report: Callable[[str], None]) -> None:
    report("preparing Airflow's database")
    log = settings.logs / "db-migrate.log"
    with os.fdopen(open_log(log), "wb") as output:
        output.truncate(0)
        done = subprocess.run(
            (*AIRFLOW, "db", "migrate"),
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
            umask=UMASK,
        )
    if done.returncode != 0:
        raise NotPrepared(f"airflow db migrate ended with {done.returncode}; it says why in {log}")


def _stamp(environment: Mapping[str, str], database: Database) -> str:
    connection = environment.get(CONNECTION, "").rsplit("@", 1)[-1] if database is Database.OWN else database.value
    return f"{version('apache-airflow-core')}\n{connection}\n"
