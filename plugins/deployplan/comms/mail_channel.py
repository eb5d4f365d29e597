"""Sending messages by mail."""

from __future__ import annotations

import asyncio
import contextlib
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import ClassVar, Literal

from deployplan.clock import Clock, SystemClock
from deployplan.comms.channel import Account, Channel, SendError
from deployplan.comms.log_channel import LogChannel
from deployplan.comms.message import Message

NO_SERVER = "log"
"""The host of a connection through which no mail leaves the house."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """The SMTP server to hand mail to, and as whom.

    `security` is `none`, `starttls` or `tls` (from the first byte); `timeout` is seconds for each answer of the server.
    """

    host: str
    sender: str
    port: int = 25
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    security: Literal["none", "starttls", "tls"] = "none"
    timeout: float = 30.0

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class MailChannel:
    """Hands each message to one SMTP server, on a connection of its own."""

    SETTING: ClassVar[str | None] = "DEPLOYPLAN_MAIL_CONNECTION"

    @classmethod
    def of(cls, accounts: Mapping[str, Account]) -> Channel | None:
        """Return the channel through the one account that there is; None without any.

        Where nothing is to leave the house, as in the demo, its host is the word `log`, and mails are written there.
        """
        account = next(iter(accounts.values()), None)
        if account is not None and account.host == NO_SERVER:
            return LogChannel()
        return None if account is None else cls(mail_server(account))

    def __init__(self, server: MailServer, *, clock: Clock | None = None) -> None:
        self._server = server
        self._clock = clock or SystemClock()

    async def send(self, message: Message) -> str:
        """Hand over the message and return what the server said. Raises SendError."""
        mail = self._mail(message)
        return await asyncio.to_thread(self._hand_over, mail)

    def _mail(self, message: Message) -> EmailMessage:
        if "@" not in parseaddr(message.to)[1]:
            raise SendError(f"{message.to!r} is not a mail address, so {message.group} was not told by mail")
        mail = EmailMessage(policy=SMTP)
        try:
            mail["Subject"] = message.subject
            mail["From"] = self._server.sender
            mail["To"] = message.to
            if len(mail["To"].addresses) != 1:
                raise SendError(f"{message.to!r} is not one mail address, so {message.group} was not told by mail")
        except ValueError as error:
            raise SendError(f"no mail can be made for {message.to!r}: {error}") from error
        mail["Date"] = format_datetime(self._clock.now())
        # A mail that arrives twice after all shows as one where it is read.
        mail["Message-ID"] = f"<{message.key}@{parseaddr(self._server.sender)[1].rpartition('@')[2] or 'deployplan'}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.body)
        return mail

    def _hand_over(self, mail: EmailMessage) -> str:
        try:
            session = self._greeted()
        except (smtplib.SMTPException, OSError) as error:
            raise SendError(f"mail server {self._server} cannot be used: {_said(error)}") from error
        try:
            return self._sent(session, mail)
        finally:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                session.quit()

    def _greeted(self) -> _Session:
        server = self._server
        if server.security == "tls":
            session: _Session = _TlsSession(
                server.host, server.port, timeout=server.timeout, context=ssl.create_default_context()
            )
        else:
            session = _PlainSession(server.host, server.port, timeout=server.timeout)
        try:
            if server.security == "starttls":
                session.starttls(context=ssl.create_default_context())
            if server.username is not None:
                session.login(server.username, server.password or "")
        except BaseException:
            session.close()
            raise
        return session

    def _sent(self, session: _Session, mail: EmailMessage) -> str:
        try:
            refused = session.send_message(mail)
        except (smtplib.SMTPServerDisconnected, TimeoutError, ConnectionError) as error:
            what = f"mail server {self._server} went away: {_said(error)}"
            raise SendError(what, uncertain=session.has_mail) from error
        except (smtplib.SMTPException, OSError) as error:
            raise SendError(f"mail server {self._server} did not take the mail: {_said(error)}") from error
        if refused:
            names = ", ".join(refused)
            raise SendError(f"mail server {self._server} took the mail, but not for {names}", uncertain=True)
        return f"{self._server} took it: {session.receipt}"


_PORTS = {"none": 25, "starttls": 587, "tls": 465}


def mail_server(account: Account) -> MailServer:
    """Return the SMTP server that an Airflow connection of the SMTP provider describes.

    It has host, port, login, password, and the extra `from_email`, `disable_ssl`, `disable_tls`.
    """
    extra = account.extra_dejson
    security: Literal["none", "starttls", "tls"] = "none" if _yes(extra.get("disable_tls")) else "starttls"
    if not _yes(extra.get("disable_ssl", True)):
        security = "tls"
    return MailServer(
        host=account.host or "localhost",
        sender=extra.get("from_email") or account.login or "deployplan@localhost",
        port=account.port or _PORTS[security],
        username=account.login or None,
        password=account.password or None,
        security=security,
    )


def _yes(value: object) -> bool:
    return str(value).lower() in {"true", "1", "yes"}


class _Session(smtplib.SMTP):
    """An SMTP session that keeps what the server said when it took the mail: that is the receipt."""

    receipt = ""
    has_mail = False
    """From here on a broken connection leaves open whether the mail went through."""

    def data(self, msg: object) -> tuple[int, bytes]:
        self.has_mail = True
        code, said = super().data(msg)  # type: ignore[arg-type]
        self.receipt = f"{code} {said.decode('utf-8', 'replace')}"
        return code, said


class _PlainSession(_Session):
    pass


class _TlsSession(_Session, smtplib.SMTP_SSL):
    pass


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(f"{who}: {code} {_decoded(said)}" for who, (code, said) in error.recipients.items())
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_decoded(error.smtp_error)}"
    return str(error) or type(error).__name__


def _decoded(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
