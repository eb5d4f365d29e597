"""Airflow's tables are made once: afterwards a stamp remembers, and the demo begins with a copy of the empty ones."""

import subprocess
from collections.abc import Iterator

import pytest

from deployplan.local.airflow_database import _EMPTY, _stamp, prepare_database
from deployplan.local.database_choice import Database
from deployplan.local.postgres_client import PostgresRefused, ask
from deployplan.local.postgres_cluster import ROLE, Cluster, cluster_of
from deployplan.local.postgres_server import PostgresServer, end_leftover_server
from deployplan.local.settings import LocalSettings
from quick_database import QUICK_DATABASE


@pytest.fixture
def cluster(settings: LocalSettings) -> Iterator[Cluster]:
    """A home in which this very Airflow has made its tables before: here one table, so that no Airflow is needed."""
    made = cluster_of(settings.with_environ(**QUICK_DATABASE))
    settings.home.mkdir()
    made.prepare()
    server = PostgresServer(made, settings.logs / "database.log")
    server.start()
    server.wait_until_ready()
    ask(made, f"create database {ROLE}")
    say(made, "create table dag_run (id text)")
    ask(made, f"create database {_EMPTY} template {ROLE}")
    say(made, "insert into dag_run values ('of yesterday')")
    (settings.home / ".migrated").write_text(_stamp({}, Database.EMBEDDED))
    yield made
    server.stop()
    end_leftover_server(made.data)


def say(cluster: Cluster, statement: str) -> str:
    words = cluster.client("psql", "-X", "-q", "-A", "-t", "-d", ROLE, "-c", statement)
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def test_what_was_there_stays_and_airflow_is_not_asked_again(settings: LocalSettings, cluster: Cluster) -> None:
    said: list[str] = []
    prepare_database(settings, {}, Database.EMBEDDED, cluster, said.append)
    assert say(cluster, "select * from dag_run") == "of yesterday\n"
    assert said == []


def test_begun_afresh_the_tables_are_there_and_empty(settings: LocalSettings, cluster: Cluster) -> None:
    said: list[str] = []
    prepare_database(settings, {}, Database.EMBEDDED, cluster, said.append, afresh=True)
    assert say(cluster, "select * from dag_run") == ""
    assert said == []
    assert (settings.home / ".migrated").exists()


def test_a_statement_that_the_server_refuses_is_told_with_its_words(settings: LocalSettings, cluster: Cluster) -> None:
    with pytest.raises(PostgresRefused, match=r"PostgreSQL refused 'select nonsense': .*nonsense"):
        ask(cluster, "select nonsense")
