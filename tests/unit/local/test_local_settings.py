"""Where one run lives and on which ports."""

from pathlib import Path

import pytest

from deployplan.local.settings import Ports, SettingRejected, settings_from
from deployplan.places import CHECKOUT


def test_without_any_variable_everything_is_inside_the_checkout() -> None:
    settings = settings_from({})
    assert settings.home == CHECKOUT / ".airflow"
    assert settings.include == CHECKOUT / "include"
    assert settings.practice == CHECKOUT / ".practice"
    assert settings.records == str(CHECKOUT / ".airflow/records")
    assert settings.url == "http://localhost:8080"
    assert settings.host == "127.0.0.1"


def test_what_is_not_named_follows_the_airflow_home(tmp_path: Path) -> None:
    settings = settings_from({"AIRFLOW_HOME": str(tmp_path)})
    assert settings.users == tmp_path / "users.yaml"
    assert settings.signing_key == tmp_path / "signing.key"
    assert settings.practice == tmp_path / "practice"


def test_relative_folders_are_taken_from_where_the_command_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert settings_from({"DEPLOYPLAN_INCLUDE": "mine"}).include == tmp_path / "mine"


def test_records_may_be_an_object_store() -> None:
    assert settings_from({"DEPLOYPLAN_RECORDS": "s3://evidence/deployplan"}).records == "s3://evidence/deployplan"


@pytest.mark.parametrize("port", ["0", "65536", "65530", "-1", "http", "80 80", "٨٠٨٠"])
def test_a_port_that_cannot_be_is_refused_with_its_value(port: str) -> None:
    with pytest.raises(SettingRejected, match="DEPLOYPLAN_PORT") as caught:
        settings_from({"DEPLOYPLAN_PORT": port})
    assert repr(port) in str(caught.value)


def test_an_empty_variable_is_as_good_as_none() -> None:
    assert settings_from({"DEPLOYPLAN_PORT": "", "AIRFLOW_HOME": "", "DEPLOYPLAN_HOST": ""}) == settings_from(
        {}
    ).with_environ(DEPLOYPLAN_PORT="", AIRFLOW_HOME="", DEPLOYPLAN_HOST="")


def test_no_two_ports_of_a_run_are_the_same_and_all_are_within_its_thirty() -> None:
    ports = Ports(8080)
    used = [ports.ui, ports.worker_logs, ports.trigger_logs, ports.scheduler_health]
    used += [ports.node_ssh(number) for number in range(5)] + [ports.node_http(number) for number in range(6)]
    assert len(set(used)) == len(used)
    assert all(8080 <= port < 8110 for port in used)


def test_programs_reach_a_server_that_listens_everywhere() -> None:
    assert settings_from({"DEPLOYPLAN_HOST": "0.0.0.0"}).api_url == "http://127.0.0.1:8080"
    assert settings_from({"DEPLOYPLAN_HOST": "::1"}).api_url == "http://[::1]:8080"
    assert settings_from({"DEPLOYPLAN_HOST": "ops.example"}).url == "http://ops.example:8080"


def test_the_environment_is_not_shown_because_it_may_hold_secrets() -> None:
    assert "hunter2" not in repr(settings_from({"AIRFLOW_CONN_PROD": "ssh://deploy:hunter2@db-1"}))
