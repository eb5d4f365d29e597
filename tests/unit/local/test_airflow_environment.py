"""The environment in which Airflow runs."""

import pytest

from deployplan.local.airflow_environment import airflow_environment
from deployplan.local.settings import LocalError, LocalSettings
from deployplan.local.users import User
from deployplan.places import PACKAGE

ERIN = User("erin", "user", "hunter2")


def test_the_users_own_airflow_variables_win(settings: LocalSettings) -> None:
    environment = airflow_environment(
        settings.with_environ(AIRFLOW__CORE__PARALLELISM="32", AIRFLOW_CONN_PROD="ssh://db-1"), [ERIN]
    )
    assert environment["AIRFLOW__CORE__PARALLELISM"] == "32"
    assert environment["AIRFLOW_CONN_PROD"] == "ssh://db-1"


def test_what_all_processes_must_agree_on_cannot_be_overridden_by_halves(settings: LocalSettings) -> None:
    theirs = settings.with_environ(
        AIRFLOW_HOME="/elsewhere", AIRFLOW__CORE__EXECUTION_API_SERVER_URL="http://elsewhere"
    )
    environment = airflow_environment(theirs, [ERIN])
    assert environment["AIRFLOW_HOME"] == str(settings.home)
    assert environment["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == settings.execution_url


def test_the_users_python_path_is_kept_behind_ours(settings: LocalSettings) -> None:
    environment = airflow_environment(settings.with_environ(PYTHONPATH="/mine"), [ERIN])
    assert environment["PYTHONPATH"] == f"{PACKAGE.parent}:/mine"


def test_all_processes_and_every_later_start_share_the_same_secrets(settings: LocalSettings) -> None:
    names = ("AIRFLOW__CORE__FERNET_KEY", "AIRFLOW__API__SECRET_KEY", "AIRFLOW__API_AUTH__JWT_SECRET")
    first, second = (airflow_environment(settings, [ERIN]) for _ in range(2))
    assert [first[name] for name in names] == [second[name] for name in names]
    assert len({first[name] for name in names}) == 3


def test_no_password_is_in_the_environment(settings: LocalSettings) -> None:
    assert "hunter2" not in " ".join(airflow_environment(settings, [ERIN]).values())


def test_a_task_that_may_still_try_is_not_declared_dead(settings: LocalSettings) -> None:
    environment = airflow_environment(settings, [ERIN])
    tries_for = int(environment["AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL"]) * int(
        environment["AIRFLOW__WORKERS__MAX_FAILED_HEARTBEATS"]
    )
    assert tries_for < int(environment["AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT"])


@pytest.mark.airflow
def test_every_option_is_one_that_this_airflow_has(settings: LocalSettings) -> None:
    from airflow.configuration import retrieve_configuration_description

    described = retrieve_configuration_description(include_providers=True)
    options = [name.split("__")[1:] for name in airflow_environment(settings, [ERIN]) if name.startswith("AIRFLOW__")]
    unknown = [
        f"[{section.lower()}] {option.lower()}"
        for section, option in options
        if option.lower() not in {key.lower() for key in described.get(section.lower(), {"options": {}})["options"]}
    ]
    assert unknown == []
    assert len(options) > 20


@pytest.mark.parametrize("yes", ["True", "true ", "1", "t"])
def test_an_airflow_in_which_everybody_is_an_administrator_is_refused(settings: LocalSettings, yes: str) -> None:
    theirs = settings.with_environ(AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS=yes)
    with pytest.raises(LocalError, match="nobody could be told from those who may approve; unset it"):
        airflow_environment(theirs, [ERIN])
    assert airflow_environment(settings, [ERIN])["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS"] == "False"
