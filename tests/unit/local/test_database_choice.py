"""Which database an Airflow home is on."""

from pathlib import Path

import pytest

from deployplan.local.airflow_environment import airflow_environment
from deployplan.local.database_choice import CONNECTION, Database, WrongDatabase, database_of, refuse_other_database
from deployplan.local.settings import LocalSettings, SettingRejected
from deployplan.local.users import User

ERIN = User("erin", "user", "hunter2")


def test_postgresql_is_the_default_and_sqlite_is_chosen_only_by_name(settings: LocalSettings) -> None:
    assert database_of(settings) is Database.EMBEDDED
    assert database_of(settings.with_environ(DEPLOYPLAN_DATABASE="")) is Database.EMBEDDED
    assert database_of(settings.with_environ(DEPLOYPLAN_DATABASE="sqlite")) is Database.SQLITE
    with pytest.raises(SettingRejected, match="DEPLOYPLAN_DATABASE is 'mysql'; it is postgresql"):
        database_of(settings.with_environ(DEPLOYPLAN_DATABASE="mysql"))


@pytest.mark.parametrize("ending", ["", "_CMD", "_SECRET"])
def test_airflows_own_option_names_a_database_of_the_users(settings: LocalSettings, ending: str) -> None:
    theirs = settings.with_environ(**{CONNECTION + ending: "postgresql://db/airflow"})
    assert database_of(theirs) is Database.OWN
    assert airflow_environment(theirs, [ERIN]).get(CONNECTION) == ("postgresql://db/airflow" if not ending else None)


def test_airflows_own_file_names_one_too_unless_the_line_is_a_comment(settings: LocalSettings) -> None:
    settings.home.mkdir()
    config = settings.home / "airflow.cfg"
    config.write_text("[database]\n# sql_alchemy_conn = sqlite:////x\n")
    assert database_of(settings) is Database.EMBEDDED
    config.write_text("[database]\nsql_alchemy_conn = postgresql://user:100%@db/airflow\n")
    assert database_of(settings) is Database.OWN
    assert CONNECTION not in airflow_environment(settings, [ERIN])


def test_the_file_that_airflow_writes_when_it_first_starts_is_nobodys_choice(settings: LocalSettings) -> None:
    settings.home.mkdir()
    default = f"sqlite:///{settings.home}/airflow.db"
    (settings.home / "airflow.cfg").write_text(f"[database]\nsql_alchemy_conn = {default}\n")
    assert database_of(settings) is Database.EMBEDDED
    assert airflow_environment(settings, [ERIN])[CONNECTION].startswith("postgresql")


@pytest.mark.parametrize("chosen", ["", "sqlite"])
def test_a_home_that_was_moved_is_on_its_own_database_not_on_the_one_of_its_old_place(
    settings: LocalSettings, tmp_path: Path, chosen: str
) -> None:
    old = tmp_path / "old"
    settings.home.mkdir()
    (settings.home / "airflow.cfg").write_text(
        f"[database]\nsql_alchemy_conn = sqlite:///{old}/airflow.db\n[logging]\nbase_log_folder = {old}/logs\n"
    )
    moved = settings.with_environ(DEPLOYPLAN_DATABASE=chosen)
    assert database_of(moved) is Database(chosen or "postgresql")
    assert str(old) not in "".join(airflow_environment(moved, [ERIN]).values())

    (settings.home / "airflow.cfg").write_text(f"[database]\nsql_alchemy_conn = sqlite:///{old}/airflow.db\n")
    assert database_of(moved) is Database.OWN  # somebody wrote that line alone


def test_a_home_that_was_made_on_sqlite_is_refused_with_how_to_keep_or_move_it(settings: LocalSettings) -> None:
    settings.home.mkdir()
    (settings.home / "airflow.db").write_text("precious")
    with pytest.raises(
        WrongDatabase, match=r"(?s)was made on SQLite.*DEPLOYPLAN_DATABASE=sqlite.*to move.*AIRFLOW_HOME"
    ):
        refuse_other_database(settings, Database.EMBEDDED)
    refuse_other_database(settings, Database.SQLITE)
    refuse_other_database(settings, Database.OWN)
    assert (settings.home / "airflow.db").read_text() == "precious"


def test_a_home_that_was_made_on_postgresql_does_not_become_an_empty_one_on_sqlite(settings: LocalSettings) -> None:
    (settings.home / "postgres").mkdir(parents=True)
    with pytest.raises(WrongDatabase, match="was made on PostgreSQL"):
        refuse_other_database(settings, Database.SQLITE)


def test_no_password_is_in_the_address_of_the_embedded_database(settings: LocalSettings) -> None:
    address = airflow_environment(settings, [ERIN])[CONNECTION]
    assert address.startswith("postgresql+psycopg2://airflow@/airflow?host=/")
