"""The ways out of the house: mail through an Airflow SMTP connection, webhooks, and the log."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from deployplan.comms.channel import Channel, LogChannel
from deployplan.comms.mail_channel import MailChannel, MailServer
from deployplan.comms.webhook_channel import WebhookChannel

if TYPE_CHECKING:
    from airflow.sdk import Connection

MAIL_CONNECTION = "DEPLOYPLAN_MAIL_CONNECTION"
DEFAULT_PORTS = {"none": 25, "starttls": 587, "tls": 465}


def channels() -> dict[str, Channel]:
    """The channels that are there, by the word that plans use. No mail without a connection to send it through.

    The connection is an ordinary one of Airflow's SMTP provider: host, port, login, password, extra `from_email`,
    `disable_ssl`, `disable_tls`.
    """
    found: dict[str, Channel] = {"log": LogChannel(), "webhook": WebhookChannel()}
    if conn_id := os.environ.get(MAIL_CONNECTION):
        from airflow.sdk import BaseHook

        found["mail"] = MailChannel(mail_server(BaseHook.get_connection(conn_id)))
    return found


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
