"""Speaking to the embedded PostgreSQL with its own client programs."""

import subprocess
from pathlib import Path

from deployplan.local.postgres_cluster import MAINTENANCE, ROLE, Cluster
from deployplan.local.settings import LocalError


class PostgresRefused(LocalError):
    """The server did not do what it was asked."""


def ask(cluster: Cluster, statement: str) -> str:
    """Say one statement to the server. Returns the answer's rows, a line each. Raises PostgresRefused."""
    words = ("-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", MAINTENANCE, "-c", statement)
    return _run(cluster, statement, "psql", *words)


def dump(cluster: Cluster, target: Path) -> None:
    """Write Airflow's database to a file that is not there yet, as of one moment. Raises PostgresRefused."""
    _run(cluster, "pg_dump", "pg_dump", "--format=custom", "--no-password", "-d", ROLE, "-f", str(target))


def restore(cluster: Cluster, source: Path) -> None:
    """Make Airflow's database from such a file; there must be none yet. Raises PostgresRefused."""
    ask(cluster, f"create database {ROLE} template template0")
    words = ("--exit-on-error", "--single-transaction", "--no-owner", "--no-password", "-d", ROLE, str(source))
    _run(cluster, "pg_restore", "pg_restore", *words)


def _run(cluster: Cluster, what: str, program: str, *words: str) -> str:
    done = subprocess.run(
        cluster.client(program, *words), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise PostgresRefused(f"PostgreSQL refused {what!r}: {done.stderr.strip()[-500:]}")
    return done.stdout
