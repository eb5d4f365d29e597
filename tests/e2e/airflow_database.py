"""What Airflow's database holds, for waiting: asked over the API hundreds of times, its server would do little else."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache

from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from deployplan.local.database_choice import CONNECTION, Database, database_of
from deployplan.local.postgres_cluster import cluster_of
from deployplan.local.settings import LocalSettings

READING = timedelta(seconds=1.5)
"""Nobody answers a card sooner. The process that parked it lingers for a second, and an answer in that second makes
Airflow try the task once more."""


class AirflowDatabase:
    """While the database is away, nothing is there yet. What a test asserts it asks the API."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url, pool_pre_ping=True, max_overflow=40)

    def knows(self, dag: str) -> bool:
        """Whether the DAG can be triggered: Airflow writes its row first, and what it consists of a moment later."""
        written = "EXISTS (SELECT 1 FROM serialized_dag WHERE serialized_dag.dag_id = dag.dag_id)"
        return (
            self._one(f"SELECT dag_id FROM dag WHERE dag_id = :dag AND NOT is_stale AND {written}", dag=dag) is not None
        )

    def parsed_since(self, moment: datetime) -> bool:
        return self._one("SELECT 1 FROM dag WHERE last_parsed_time > :moment LIMIT 1", moment=moment) is not None

    def request_parse(self, file: str) -> None:
        """Have a file of the DAGs folder parsed next, as "Reparse" does in the UI; lost while it is being parsed."""
        statement = (
            "INSERT INTO dag_priority_parsing_request (id, bundle_name, relative_fileloc) "
            "VALUES (md5(:file), 'dags-folder', :file) ON CONFLICT DO NOTHING"
        )
        with suppress(DBAPIError), self._engine.begin() as connection:
            connection.execute(text(statement), {"file": file})

    def run_state(self, dag: str, run: str) -> str | None:
        found = self._one("SELECT state FROM dag_run WHERE dag_id = :dag AND run_id = :run", dag=dag, run=run)
        return found[0] if found else None

    def task(self, dag: str, run: str, task: str) -> tuple[str | None, int]:
        """The state of a task and the number of its tries."""
        found = self._one(
            "SELECT state, try_number FROM task_instance WHERE dag_id = :dag AND run_id = :run AND task_id = :task",
            dag=dag,
            run=run,
            task=task,
        )
        return (found[0], found[1] or 0) if found else (None, 0)

    def asks(self, dag: str, run: str, task: str = "") -> bool:
        """Whether a card of this task, or of any, waits for an answer, and has been there for as long as one reads."""
        found = self._one(
            "SELECT min(created_at) FROM task_instance JOIN hitl_detail ON ti_id = id WHERE dag_id = :dag "
            "AND run_id = :run AND :task IN ('', task_id) AND state = 'awaiting_input' AND responded_at IS NULL",
            dag=dag,
            run=run,
            task=task,
        )
        return found is not None and found[0] is not None and datetime.now(UTC) - found[0] > READING

    def jobs_since(self, moment: datetime) -> int:
        """How many of the kinds scheduler and triggerer have a process that began after this moment."""
        found = self._one(
            "SELECT count(DISTINCT job_type) FROM job WHERE job_type IN ('SchedulerJob', 'TriggererJob') "
            "AND state = 'running' AND start_date > :moment",
            moment=moment,
        )
        return found[0] if found else 0

    def use_up_tries(self, dag: str, run: str, task: str, *, left: int) -> None:
        """Let a task that is parked have so many tries left after this one, of the five of an earlier version."""
        statement = (
            "UPDATE task_instance SET max_tries = 5, try_number = :number "
            "WHERE dag_id = :dag AND run_id = :run AND task_id = :task AND state = 'awaiting_input'"
        )
        with self._engine.begin() as connection:
            found = connection.execute(text(statement), {"number": 6 - left, "dag": dag, "run": run, "task": task})
            assert found.rowcount == 1

    def _one(self, statement: str, **values: object) -> tuple | None:  # type: ignore[type-arg]
        try:
            with self._engine.connect() as connection:
                return connection.execute(text(statement), values).first()
        except DBAPIError as error:
            if error.connection_invalidated or "connect" in str(error):
                return None
            raise


def database(settings: LocalSettings) -> AirflowDatabase:
    """The database of an Airflow that runs, embedded or named by Airflow's own option."""
    embedded = database_of(settings) is Database.EMBEDDED
    return _database_at(cluster_of(settings).url if embedded else settings.environ[CONNECTION])


_database_at = cache(AirflowDatabase)
