"""Where the command line finds the connections of nodes, without a running Airflow."""

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from deployplan.airflow_glue import connections
from deployplan.cli.reach import NoConnection, connection
from deployplan.plan.model.infrastructure import Node
from deployplan.runbook.node.address import address_of

VARIABLE = "AIRFLOW_CONN_SSH_PRODUCTION"
EXTRA = {"key_file": "/home/me/key", "host_key": "ssh-ed25519 AAAA", "private_key_passphrase": "quiet"}


@pytest.fixture(autouse=True)
def _nothing_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (VARIABLE, "AIRFLOW_CONN_SSH_PRACTICE", "DEPLOYPLAN_PRACTICE"):
        monkeypatch.delenv(name, raising=False)
    for name in [name for name in os.environ if name.startswith("AIRFLOW__")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "airflow"))


@pytest.mark.parametrize("extra", [EXTRA, json.dumps(EXTRA)])
def test_a_connection_in_json_is_read_without_airflow(extra: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    text = {"conn_type": "ssh", "login": "deploy", "password": "secret", "port": "2222", "extra": extra}
    monkeypatch.setenv(VARIABLE, json.dumps(text))
    monkeypatch.setitem(sys.modules, "airflow", None)

    address = address_of(Node(name="web-1", host="10.0.0.1"), connection("ssh_production"))

    assert (address.host, address.port, address.username) == ("10.0.0.1", 2222, "deploy")
    assert (address.key_files, address.host_key) == (("/home/me/key",), "ssh-ed25519 AAAA")
    assert address.password is not None
    assert "secret" not in repr(connection("ssh_production"))
    assert not address.accept_any_host_key


@pytest.mark.parametrize("text", ["{", '{"port": "ssh"}', '{"extra": [1]}', '{"extra": "no json"}'])
def test_a_connection_that_cannot_be_read_names_its_variable(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, text)

    with pytest.raises(NoConnection, match=f"^{VARIABLE} cannot be read as JSON: ") as raised:
        connection("ssh_production")

    assert raised.value.hint.startswith('write {"conn_type": "ssh"')


def test_a_connection_that_is_nowhere_says_how_to_add_it() -> None:
    with pytest.raises(NoConnection, match=r"^connection 'ssh_production' is not defined here$") as raised:
        connection("ssh_production")

    assert f"export {VARIABLE}='" in raised.value.hint


def test_where_there_is_no_airflow_none_is_asked_nor_founded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "find_connection", lambda conn_id: pytest.fail("asked"))

    with pytest.raises(NoConnection):
        connection("ssh_production")

    assert not (tmp_path / "airflow").exists()


def test_an_airflow_that_is_here_is_asked_with_its_own_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def chatty(conn_id: str) -> Any:
        print("airflow says hello")  # noqa: T201
        return SimpleNamespace(host=conn_id)

    (tmp_path / "airflow" / "keys").mkdir(parents=True)
    (tmp_path / "airflow" / "keys" / "fernet.key").write_text("the key\n")
    monkeypatch.setattr(connections, "find_connection", chatty)

    found = connection("ssh_production")

    assert found.host == "ssh_production"
    assert capsys.readouterr() == ("", "airflow says hello\n")
    assert os.environ["AIRFLOW__CORE__FERNET_KEY"] == "the key"


def test_an_airflow_that_fails_is_an_error_and_no_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(conn_id: str) -> Any:
        raise RuntimeError("the database is locked")

    (tmp_path / "airflow").mkdir()
    monkeypatch.setattr(connections, "find_connection", broken)

    with pytest.raises(NoConnection, match="could not be asked of Airflow: RuntimeError: the database is locked"):
        connection("ssh_production")


def test_the_practice_nodes_of_this_machine_are_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPLOYPLAN_PRACTICE", str(tmp_path / "practice"))
    (tmp_path / "practice" / "keys").mkdir(parents=True)
    (tmp_path / "practice" / "keys" / "client_key").write_text("a key")

    found = connection("ssh_practice")

    assert found.login == "deploy"
    assert found.extra_dejson["key_file"] == str(tmp_path / "practice" / "keys" / "client_key")
