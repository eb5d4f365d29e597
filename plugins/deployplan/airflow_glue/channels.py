"""The ways out of the house: mail through an Airflow SMTP connection, webhooks, and the log."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import quote

from deployplan.comms.channel import Channel, LogChannel
from deployplan.comms.mail_channel import MailChannel, MailServer
from deployplan.comms.webhook_channel import Webhook, WebhookChannel

if TYPE_CHECKING:
    from airflow.sdk import Connection

MAIL_CONNECTION = "DEPLOYPLAN_MAIL_CONNECTION"
WEBHOOKS = "DEPLOYPLAN_WEBHOOKS"
DEFAULT_PORTS = {"none": 25, "starttls": 587, "tls": 465}


def channels() -> dict[str, Channel]:
    """The channels that are there, by the word that plans use. No mail without a connection to send it through.

    The connection is an ordinary one of Airflow's SMTP provider: host, port, login, password, extra `from_email`,
    `disable_ssl`, `disable_tls`. A webhook's is one of its HTTP provider: the address in `host`, a token as password.
    """
    wanted = _wanted()
    if not wanted:
        return _channels({})
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    found = {}
    for name, conn_id in wanted.items():
        with suppress(AirflowNotFoundException):  # the message that wants it says so, and the others are sent
            found[name] = BaseHook.get_connection(conn_id)
    return _channels(found)


def _wanted() -> dict[str, str]:
    """The connections to read: `mail`, and each webhook under its name with `#` before it."""
    mail = os.environ.get(MAIL_CONNECTION)
    found = {"mail": mail} if mail else {}
    for each in os.environ.get(WEBHOOKS, "").replace(",", " ").split():
        name, _, conn_id = each.removeprefix("#").partition("=")
        found[f"#{name}"] = conn_id or name
    return found


def _channels(connections: dict[str, Connection]) -> dict[str, Channel]:
    hooks = {name[1:]: webhook_of(each) for name, each in connections.items() if name.startswith("#")}
    found: dict[str, Channel] = {"log": LogChannel(), "webhook": WebhookChannel(hooks)}
    if "mail" in connections:
        found["mail"] = MailChannel(mail_server(connections["mail"]))
    return found


def webhook_of(connection: Connection) -> Webhook:
    """The webhook that an Airflow connection describes; its host may be a whole address, path and all."""
    host = connection.host or ""
    if "://" not in host:
        port = f":{connection.port}" if connection.port else ""
        host = f"{connection.schema or 'https'}://{host}{port}"
    return Webhook(host, connection.password or None)


def mail_server(connection: Connection) -> MailServer:
    """The SMTP server that an Airflow connection describes."""
    extra = connection.extra_dejson
    security = "none" if _yes(extra.get("disable_tls")) else "starttls"
    if not _yes(extra.get("disable_ssl", True)):
        security = "tls"
    return MailServer(
        host=connection.host or "localhost",
        sender=extra.get("from_email") or connection.login or "deployplan@localhost",
        port=connection.port or DEFAULT_PORTS[security],
        username=connection.login or None,
        password=connection.password or None,
        security=security,  # type: ignore[arg-type]  # one of three words, chosen above
    )


def _yes(value: object) -> bool:
    return str(value).lower() in {"true", "1", "yes"}


def url_of(dag_id: str, run_id: str) -> str | None:
    """Where people see the run; None when this Airflow does not know its own address."""
    from airflow.configuration import conf

    base = conf.get("api", "base_url", fallback=None)
    return f"{base.rstrip('/')}/dags/{quote(dag_id)}/runs/{quote(run_id)}" if base else None
