"""Airflow's connections as they are: what they mean for reaching a node, for secrets and for mail."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import Connection

from builders import a_component, a_snapshot
from deployplan.airflow_glue.channels import channels, pages_of
from deployplan.airflow_glue.connections import Credentials, connection_ids
from deployplan.comms.apprise_channel import Services
from deployplan.comms.mail_channel import mail_server
from deployplan.evidence.kinds.review import ConnectionSeen
from deployplan.plan.model.infrastructure import Node
from deployplan.remote.errors import RemoteError
from deployplan.runbook.node.address import address_of
from deployplan.runbook.telling.due import RunPages

pytestmark = pytest.mark.airflow

NODE = Node(name="web-1", host="10.0.0.1")


def ssh(**fields: Any) -> Connection:
    extra = fields.pop("extra", {})
    return Connection(conn_id="ssh_production", conn_type="ssh", extra=json.dumps(extra), **fields)


def test_the_fields_of_an_ssh_connection_mean_what_they_mean_in_airflow() -> None:
    connection = ssh(
        login="deploy",
        port=2222,
        password="hidden",
        extra={"key_file": "/keys/id", "known_hosts": "/keys/known_hosts", "private_key_passphrase": "words"},
    )
    address = address_of(NODE, connection)
    assert (address.host, address.port, address.username) == ("10.0.0.1", 2222, "deploy")
    assert (address.key_files, address.known_hosts) == (("/keys/id",), "/keys/known_hosts")
    assert address.passphrase is not None
    assert address.passphrase.reveal() == "words"
    assert "hidden" not in repr(address)


def test_what_the_node_says_of_itself_wins_over_the_connection() -> None:
    node = Node(name="web-1", host="10.0.0.1", port=22022, user="root")
    address = address_of(node, ssh(login="deploy", port=2222))
    assert (address.port, address.username) == (22022, "root")


@pytest.mark.parametrize(
    ("extra", "any_key"),
    [
        ({}, False),
        ({"no_host_key_check": "false"}, False),
        ({"no_host_key_check": True}, True),
        ({"no_host_key_check": "true"}, True),
        ({"allow_host_key_change": True}, False),
    ],
)
def test_host_keys_are_checked_unless_the_connection_says_otherwise_in_so_many_words(
    extra: dict[str, Any], any_key: bool
) -> None:
    assert address_of(NODE, ssh(extra=extra)).accept_any_host_key is any_key


def test_without_known_hosts_in_the_connection_the_users_own_are_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert address_of(NODE, ssh()).known_hosts is None
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "known_hosts").touch()
    assert address_of(NODE, ssh()).known_hosts == str(tmp_path / ".ssh" / "known_hosts")


def test_a_pinned_host_key_and_a_key_in_the_connection_are_taken() -> None:
    address = address_of(NODE, ssh(extra={"host_key": "ssh-ed25519 AAAA", "private_key": "-----BEGIN…"}))
    assert address.host_key == "ssh-ed25519 AAAA"
    assert address.private_key is not None


@pytest.mark.parametrize("name", ["proxy_command", "host_proxy_cmd"])
def test_a_proxy_command_of_the_connection_counts_unless_the_environment_names_a_jump_host(name: str) -> None:
    connection = ssh(extra={name: "nc -X 5 -x proxy:1080 %h %p"})
    assert address_of(NODE, connection).proxy_command == "nc -X 5 -x proxy:1080 %h %p"
    jump = address_of(Node(name="edge", host="10.0.0.9"), connection)
    assert jump.proxy_command is not None
    behind = address_of(NODE, connection, jump)
    assert (behind.proxy_command, behind.jump) == (None, jump)


def test_every_connection_that_a_plan_needs_is_named_once() -> None:
    components = {"web": a_component(nodes=["web-1", "web-2"], secrets={"DB_PASSWORD": "shop_db"})}
    assert connection_ids(a_snapshot(components=components)) == ("ssh_production", "shop_db")


def test_every_connection_on_the_way_to_a_node_is_needed_too() -> None:
    environment = {
        "jump": "ssh_edge,inner",
        "nodes": {"web-1": None, "inner": {"connection": "ssh_inner"}},
        "groups": {},
    }
    snapshot = a_snapshot(infrastructure=environment, components={"web": a_component()})
    assert connection_ids(snapshot) == ("ssh_production", "ssh_edge", "ssh_inner")


def test_a_secret_is_the_password_of_the_connection_it_refers_to() -> None:
    snapshot = a_snapshot(components={"web": a_component(secrets={"DB_PASSWORD": "shop_db"})})
    credentials = Credentials({"shop_db": Connection(conn_id="shop_db", conn_type="generic", password="word")})
    assert credentials.secrets(snapshot) == {"web": {"DB_PASSWORD": "word"}}


def test_where_metrics_are_asked_logs_in_by_its_connection_which_is_needed_only_where_one_is_asked() -> None:
    metrics = {"metrics": {"url": "https://prometheus.example", "connection": "prom"}}
    asks = a_snapshot(infrastructure=metrics, success={"load": {"metric": "load", "expect": {"max": 1}}})
    assert connection_ids(asks) == ("ssh_production", "prom")
    assert connection_ids(a_snapshot(infrastructure=metrics)) == ("ssh_production",)
    credentials = Credentials({"prom": Connection(conn_id="prom", conn_type="http", login="tom", password="word")})
    assert credentials.metrics_login(asks) == ("tom", "word")
    assert credentials.hidden == ("word",)
    assert [(seen.connection, seen.login) for seen in credentials.describe(asks)] == [
        ("ssh_production", None),
        ("prom", "tom"),
    ]
    assert Credentials({}).metrics_login(asks) is None
    assert credentials.metrics_login(a_snapshot()) is None


async def test_a_connection_that_is_missing_is_named_by_the_node_that_needs_it() -> None:
    snapshot = a_snapshot(components={"web": a_component(secrets={"DB_PASSWORD": "shop_db"})})
    nothing = Credentials({})
    assert nothing.secrets(snapshot) == {"web": {}}  # the window is judged without any
    with pytest.raises(RemoteError, match="web-1: there is no Airflow connection 'ssh_production'"):
        await nothing.connector(snapshot)("web-1")


@pytest.mark.parametrize(
    ("extra", "security"),
    [({}, "starttls"), ({"disable_tls": True}, "none"), ({"disable_ssl": False}, "tls")],
)
def test_an_smtp_connection_names_the_mail_server_and_its_security(extra: dict[str, Any], security: str) -> None:
    connection = Connection(
        conn_id="mail", conn_type="smtp", host="mail", extra=json.dumps({"from_email": "ops@acme.example", **extra})
    )
    server = mail_server(connection)
    assert (server.host, server.sender, server.security) == ("mail", "ops@acme.example", security)


def test_channels_are_made_of_the_connections_that_operations_name(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DEPLOYPLAN_MAIL_CONNECTION", "DEPLOYPLAN_WEBHOOKS", "DEPLOYPLAN_APPRISE"):
        monkeypatch.delenv(name, raising=False)
    assert set(channels()) == {"webhook", "apprise", "log", "notifier", "named"}
    kept = {"conn_type": "generic", "extra": {"config": {"path": "pagerduty://hush"}}}
    monkeypatch.setenv("AIRFLOW_CONN_PAGER", json.dumps(kept))
    monkeypatch.setenv("AIRFLOW_CONN_SMTP", json.dumps({"conn_type": "smtp", "host": "mail"}))
    monkeypatch.setenv("DEPLOYPLAN_APPRISE", "#on-call=pager, other=missing")
    monkeypatch.setenv("DEPLOYPLAN_MAIL_CONNECTION", "smtp")
    made = channels()
    assert set(made) == {"mail", "webhook", "apprise", "log", "notifier", "named"}
    assert vars(made["apprise"])["_named"] == {"on-call": Services(("pagerduty://hush",))}


def test_what_a_connection_contains_is_told_without_its_secrets(tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "key"], check=True)
    told = ["ssh-keygen", "-l", "-f", str(tmp_path / "key.pub")]
    printed = subprocess.run(told, check=True, capture_output=True, text=True)
    connection = ssh(login="deploy", password="hush", port=2222, extra={"key_file": str(tmp_path / "key")})

    (seen,) = Credentials({"ssh_production": connection}).describe(a_snapshot())

    assert (seen.login, seen.port, seen.password) == ("deploy", 2222, True)
    assert seen.keys == (printed.stdout.split()[1],)
    assert "hush" not in str(seen)


def test_a_key_that_cannot_be_read_and_a_connection_that_is_missing_are_told_as_such(tmp_path: Path) -> None:
    connection = ssh(extra={"key_file": str(tmp_path / "nothing")})
    assert "cannot be read" in str(Credentials({"ssh_production": connection}).describe(a_snapshot()))
    assert Credentials({}).describe(a_snapshot()) == (ConnectionSeen(connection="ssh_production", missing=True),)


def test_a_message_about_a_card_links_the_page_on_which_a_phone_answers_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://airflow.example/af/")
    assert pages_of("shop-2", "run/1") == RunPages(
        run="https://airflow.example/af/dags/shop-2/runs/run%2F1",
        card="https://airflow.example/af/deployplan/m/shop-2/run%2F1",
    )
