"""The environment in which Airflow runs here: every option that differs from Airflow's own default, with its reason."""

import sys
from collections.abc import Iterable

from deployplan.local.database_choice import CONNECTION, SQLITE_FILE, Database, database_of
from deployplan.local.postgres_cluster import cluster_of
from deployplan.local.settings import LocalError, LocalSettings
from deployplan.local.users import USERS, User, airflow_users, write_airflow_passwords
from deployplan.places import CHECKOUT, PACKAGE, SHIPPED
from deployplan.private_files import keep_secret

ALL_ADMINS = "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS"


def airflow_environment(settings: LocalSettings, users: Iterable[User]) -> dict[str, str]:
    """Variables for every Airflow process of this run; the user's own AIRFLOW_ variables win over ours."""
    people = tuple(users)
    if settings.environ.get(ALL_ADMINS, "").strip().lower() in {"true", "t", "1", "yes", "on"}:
        raise LocalError(
            f"{ALL_ADMINS} makes everybody an administrator without a password, so that nobody could be told from "
            "those who may approve; unset it, and log in as the people of the users file"
        )
    passwords = settings.home / "passwords.json"
    write_airflow_passwords(people, passwords)
    ours = {
        **_places(settings),
        **_servers(settings),
        **_secrets(settings),
        **_pace(),
        **_memory(),
        **_database(settings),
        USERS: airflow_users(people),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
    }
    return {**ours, **settings.environ, **_fixed(settings)}


def _places(settings: LocalSettings) -> dict[str, str]:
    return {
        "AIRFLOW__CORE__DAGS_FOLDER": str(SHIPPED / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(CHECKOUT / "plugins" if CHECKOUT else settings.home / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(settings.logs),
        "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(settings.logs / "dag_processor"),
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_STORAGE_PATH": str(settings.home / "bundles"),
    }


def _servers(settings: LocalSettings) -> dict[str, str]:
    return {
        "AIRFLOW__API__HOST": settings.host,
        "AIRFLOW__API__BASE_URL": settings.url,
        "AIRFLOW__API__INSTANCE_NAME": "deployplan",
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(settings.ports.worker_logs),
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(settings.ports.trigger_logs),
        "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": str(settings.ports.scheduler_health),
    }


def _secrets(settings: LocalSettings) -> dict[str, str]:
    """Made once a home; the processes must share them, or one refuses the other's tokens."""
    folder = settings.home / "keys"
    return {
        "AIRFLOW__CORE__FERNET_KEY": keep_secret(folder / "fernet.key"),
        "AIRFLOW__API__SECRET_KEY": keep_secret(folder / "api.key"),
        "AIRFLOW__API_AUTH__JWT_SECRET": keep_secret(folder / "jwt.key"),
    }


def _pace() -> dict[str, str]:
    return {
        "AIRFLOW__CORE__PARALLELISM": "4",
        # The supervisor of a task lingers for one such interval after the task has ended; a task that is resumed
        # meanwhile is failed by the scheduler ("state mismatch"). Short, then, with a minute's worth of misses allowed.
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "AIRFLOW__WORKERS__MAX_FAILED_HEARTBEATS": "60",
        # Longer than the minute above: a task that still tries must not be declared dead.
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "90",
        # A busy small machine answers late; the default of 5 s fails tasks before they start.
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "30",
        # Some ten tasks follow each other in a run, and nobody wants to wait a second between them. An idle scheduler
        # takes 4 % of a core more with it than with 0.5.
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
        # So often the scheduler looks for cards whose time is over: silence does what the card says within 10 s.
        "AIRFLOW__SCHEDULER__TRIGGER_TIMEOUT_CHECK_INTERVAL": "3",
        # A plan is edited and then looked at: seconds, not the default minutes.
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "5",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "5",
        # All plans are built by one file: hundreds of them need more than the default 30 s on a slow machine.
        "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "120",
        "AIRFLOW__DAG_PROCESSOR__DAG_FILE_PROCESSOR_TIMEOUT": "150",
        # Windows are triggers from start to end, one for every plan that waits.
        "AIRFLOW__TRIGGERER__CAPACITY": "2000",
        # The triggerer unfolds the DAG of each trigger that it takes; fifty at once, the default, stays in its memory.
        "AIRFLOW__TRIGGERER__MAX_TRIGGER_TO_SELECT_PER_LOOP": "10",
    }


def _database(settings: LocalSettings) -> dict[str, str]:
    """Nothing for the user's own database. SQLite's place is said, too: airflow.cfg has that of the first start."""
    database = database_of(settings)
    if database is Database.OWN:
        return {}
    if database is Database.SQLITE:
        return {CONNECTION: f"sqlite:///{settings.home / SQLITE_FILE}"}
    return {
        CONNECTION: cluster_of(settings).url,
        # Each request to the API server may hold a connection until it is answered, and its event loop needs one
        # more to answer any: when none is left, all of them stand still until the pool's time-out.
        "AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_SIZE": "5",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_MAX_OVERFLOW": "95",
    }


def _memory() -> dict[str, str]:
    """The C library (glibc) gives back what is free: the DAGs of hundreds of triggers pass through, and would stay."""
    return {
        "MALLOC_ARENA_MAX": "2",  # not eight a processor, each with holes of its own
        "MALLOC_TRIM_THRESHOLD_": "131072",  # bytes; the default, but when it is stated it is not raised by itself
    }


def _fixed(settings: LocalSettings) -> dict[str, str]:
    """What makes this run this run: not to be overridden, because the processes must agree on it."""
    package_folder = str(PACKAGE.parent)
    path = settings.environ.get("PYTHONPATH")
    fixed = {
        "AIRFLOW_HOME": str(settings.home),
        ALL_ADMINS: "False",  # also where a file of Airflow's configuration says otherwise
        "AIRFLOW__API__PORT": str(settings.ports.ui),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": settings.execution_url,
        "DEPLOYPLAN_INCLUDE": str(settings.include),
        "DEPLOYPLAN_RECORDS": settings.records,
        "DEPLOYPLAN_SIGNING_KEY_FILE": str(settings.signing_key),
        "PYTHONPATH": f"{package_folder}:{path}" if path else package_folder,
        "PYTHONUNBUFFERED": "1",
    }
    if sys.platform == "darwin":
        # macOS aborts a forked child that touches its frameworks, proxy look-ups among them; Airflow forks every task.
        fixed |= {"OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES", "NO_PROXY": "*"}
    return fixed
