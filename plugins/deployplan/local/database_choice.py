"""Which database an Airflow home is on: the embedded PostgreSQL, the user's own, or SQLite because somebody says so."""

import configparser
from enum import StrEnum

from deployplan.local.settings import LocalError, LocalSettings, SettingRejected

CONNECTION = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
SQLITE_FILE = "airflow.db"
POSTGRES_FOLDER = "postgres"
SQLITE_LIMITS = (
    "on SQLite, because DEPLOYPLAN_DATABASE says so: two writers at once are refused, which ends components when "
    "many runs begin together, and a mark by hand can be lost; for trying things out, not for production"
)


class WrongDatabase(LocalError):
    """The Airflow home was made on another database than the one that is chosen."""


class Database(StrEnum):
    """Where Airflow keeps its state."""

    EMBEDDED = "postgresql"
    SQLITE = "sqlite"
    OWN = "own"
    """The user's, by Airflow's own option."""


def database_of(settings: LocalSettings) -> Database:
    """The database of this run. Raises SettingRejected."""
    chosen = settings.environ.get("DEPLOYPLAN_DATABASE") or ""
    if chosen not in ("", Database.EMBEDDED, Database.SQLITE):
        raise SettingRejected(
            f"DEPLOYPLAN_DATABASE is {chosen!r}; it is postgresql (the default) or sqlite; "
            f"a database of your own is named in {CONNECTION}"
        )
    if any(settings.environ.get(CONNECTION + ending) for ending in ("", "_CMD", "_SECRET")) or _in_airflow_cfg(
        settings
    ):
        return Database.OWN
    return Database(chosen or Database.EMBEDDED)


def refuse_other_database(settings: LocalSettings, database: Database) -> None:
    """Raise WrongDatabase rather than begin an empty database beside the one that holds the home's history."""
    sqlite, postgres = settings.home / SQLITE_FILE, settings.home / POSTGRES_FOLDER
    if database is Database.EMBEDDED and sqlite.exists() and not postgres.exists():
        raise WrongDatabase(
            f"{settings.home} was made on SQLite ({SQLITE_FILE}), and Airflow now runs on PostgreSQL here; "
            f"to keep it as it is: DEPLOYPLAN_DATABASE=sqlite; to move: name a new folder in AIRFLOW_HOME and copy "
            f"records, keys, signing.key and users.yaml into it (Airflow's own list of past runs stays behind). "
            f"Nothing was changed"
        )
    if database is Database.SQLITE and postgres.exists() and not sqlite.exists():
        raise WrongDatabase(
            f"{settings.home} was made on PostgreSQL ({POSTGRES_FOLDER}); unset DEPLOYPLAN_DATABASE to keep it, "
            f"or name a new folder in AIRFLOW_HOME. Nothing was changed"
        )


def _in_airflow_cfg(settings: LocalSettings) -> bool:
    """Whether the home's own airflow.cfg names a database.

    Airflow writes that file when it first starts, with its default for every option: a SQLite file in the home. That
    line is nobody's choice, also where the home was moved since: then it names the folder in which the file was
    written, as the default of the logs beside it does.
    """
    config = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        config.read(settings.home / "airflow.cfg", encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError) as error:
        raise SettingRejected(f"{settings.home / 'airflow.cfg'} cannot be read: {error}") from error
    names = ("sql_alchemy_conn", "sql_alchemy_conn_cmd", "sql_alchemy_conn_secret")
    homes = (str(settings.home), config.get("logging", "base_log_folder", fallback="").removesuffix("/logs"))
    airflows_own = {f"sqlite:///{home}/{SQLITE_FILE}" for home in homes if home}
    return any(config.get("database", name, fallback="") not in {"", *airflows_own} for name in names)
