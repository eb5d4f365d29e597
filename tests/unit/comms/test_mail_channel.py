import asyncio
import email
import email.policy
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope

from deployplan.comms.channel import SendError
from deployplan.comms.mail_channel import MailChannel, MailServer
from deployplan.testing import FrozenClock
from unit.comms.prepared import a_message

NIGHT = datetime(2026, 11, 28, 22, tzinfo=UTC)


class Post:
    """A mail server's handler: keeps what it takes, refuses what it is told to refuse."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.recipient_answer = "250 OK"
        self.data_answer = "250 2.0.0 Ok: queued as 4F1"
        self.hang_up_after_data = False
        self.logins: list[Any] = []
        self.port = 0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: Any) -> str:
        if self.recipient_answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Envelope) -> str:
        self.taken.append(envelope)
        if self.hang_up_after_data:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        return self.data_answer

    def login(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"right", handled=False)

    def text(self) -> str:
        return str(self.mail().get_content()).replace("\r\n", "\n")

    def mail(self) -> EmailMessage:
        content = self.taken[0].content
        assert isinstance(content, bytes)
        found = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(found, EmailMessage)
        return found


@asynccontextmanager
async def open_post(post: Post, **options: Any) -> AsyncIterator[Post]:
    def session() -> SMTP:
        return SMTP(post, hostname="mail.test", authenticator=post.login, **options)

    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", 0)
    async with server:
        post.port = server.sockets[0].getsockname()[1]
        yield post


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    async with open_post(Post()) as opened:
        yield opened


def a_channel(post: Post, **settings: Any) -> MailChannel:
    fields: dict[str, Any] = {"host": "127.0.0.1", "port": post.port, "sender": "Releases <release@acme.example>"}
    return MailChannel(MailServer(**fields | {"timeout": 5.0} | settings), clock=FrozenClock(NIGHT))


async def test_a_message_arrives_as_it_was_written(post: Post) -> None:
    await a_channel(post).send(a_message())
    assert post.taken[0].rcpt_tos == ["warehouse@acme.example"]
    assert post.taken[0].mail_from == "release@acme.example"
    mail = post.mail()
    assert mail["Subject"] == "storefront 4.3.0: live"
    assert mail["To"] == "warehouse@acme.example"
    assert mail["From"] == "Releases <release@acme.example>"
    assert mail["Date"].datetime == NIGHT
    assert mail["Auto-Submitted"] == "auto-generated"
    assert post.text() == "Größere Bestellungen sind möglich.\n"


async def test_the_receipt_is_what_the_server_said(post: Post) -> None:
    assert await a_channel(post).send(a_message()) == (f"127.0.0.1:{post.port} took it: 250 2.0.0 Ok: queued as 4F1")


async def test_the_same_message_has_the_same_message_id_whenever_it_is_sent(post: Post) -> None:
    """Where it is read, a mail that came twice after all shows as one."""
    await a_channel(post).send(a_message(key="1a2b"))
    assert post.mail()["Message-ID"] == "<1a2b@acme.example>"


async def test_a_long_subject_in_any_script_arrives(post: Post) -> None:
    subject = "Größe " * 40 + "終わり"
    await a_channel(post).send(a_message(subject=subject))
    assert " ".join(post.mail()["Subject"].split()) == subject


async def test_a_line_of_a_single_dot_does_not_end_the_mail(post: Post) -> None:
    await a_channel(post).send(a_message(body="one\n.\ntwo\n"))
    assert post.text() == "one\n.\ntwo\n"


async def test_a_name_beside_the_address_is_kept(post: Post) -> None:
    await a_channel(post).send(a_message(to="The Warehouse <warehouse@acme.example>"))
    assert post.taken[0].rcpt_tos == ["warehouse@acme.example"]


@pytest.mark.parametrize("to", ["warehouse", "#releases", ""])
async def test_what_is_not_a_mail_address_is_refused_before_the_server_is_asked(post: Post, to: str) -> None:
    with pytest.raises(SendError, match="is not a mail address, so warehouse was not told by mail"):
        await a_channel(post).send(a_message(to=to))
    assert post.taken == []


async def test_a_line_break_cannot_smuggle_in_another_header(post: Post) -> None:
    with pytest.raises(SendError, match=r"no mail can be made|is not a mail address"):
        await a_channel(post).send(a_message(to="a@x.example\r\nBcc: eve@x.example"))
    with pytest.raises(SendError, match="no mail can be made"):
        await a_channel(post).send(a_message(subject="hello\r\nBcc: eve@x.example"))
    assert post.taken == []


async def test_a_refused_recipient_is_an_error_with_the_servers_words(post: Post) -> None:
    post.recipient_answer = "550 5.1.1 no such user"
    with pytest.raises(SendError, match=r"did not take the mail: warehouse@acme.example: 550 5.1.1 no such user") as e:
        await a_channel(post).send(a_message())
    assert not e.value.uncertain


async def test_a_mail_that_the_server_refuses_for_now_certainly_did_not_go(post: Post) -> None:
    post.data_answer = "451 4.3.1 disk full"
    with pytest.raises(SendError, match=r"451 4.3.1 disk full") as error:
        await a_channel(post).send(a_message())
    assert not error.value.uncertain


async def test_a_server_that_goes_away_after_it_has_the_mail_leaves_it_uncertain(post: Post) -> None:
    """It may have taken the mail: only a person may decide to send it again."""
    post.hang_up_after_data = True
    with pytest.raises(SendError, match="went away") as error:
        await a_channel(post).send(a_message())
    assert error.value.uncertain


async def test_a_server_that_is_not_there_certainly_did_not_get_the_mail(post: Post) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(SendError, match=rf"mail server 127.0.0.1:{port} cannot be used: .*refused") as error:
        await a_channel(post, port=port).send(a_message())
    assert not error.value.uncertain


async def test_a_server_that_never_greets_ends_with_an_error_in_time() -> None:
    silent = await asyncio.start_server(lambda reader, writer: asyncio.sleep(0), "127.0.0.1", 0)
    async with silent:
        port = silent.sockets[0].getsockname()[1]
        server = MailServer("127.0.0.1", "release@acme.example", port=port, timeout=0.2)
        with pytest.raises(SendError, match=r"cannot be used: .*timed out"):
            await MailChannel(server).send(a_message())


async def test_the_user_logs_in() -> None:
    async with open_post(Post(), auth_require_tls=False) as post:
        await a_channel(post, username="erin", password="right").send(a_message())
        assert post.logins == [(b"erin", b"right")]
        assert len(post.taken) == 1


async def test_a_wrong_password_is_an_error_that_does_not_tell_it() -> None:
    async with open_post(Post(), auth_require_tls=False) as post:
        with pytest.raises(SendError, match="cannot be used: 535") as error:
            await a_channel(post, username="erin", password="guess").send(a_message())
        assert "guess" not in str(error.value)
        assert post.taken == []


async def test_a_server_without_tls_gets_no_mail_when_tls_is_wanted(post: Post) -> None:
    for security in ("starttls", "tls"):
        with pytest.raises(SendError, match="cannot be used"):
            await a_channel(post, security=security).send(a_message())
    assert post.taken == []


async def test_other_work_goes_on_while_the_server_takes_its_time(post: Post) -> None:
    sending = asyncio.create_task(a_channel(post).send(a_message()))
    turns = 0
    while not sending.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 1


def test_the_password_is_never_shown() -> None:
    assert "right" not in repr(MailServer("mail", "a@x.example", username="erin", password="right"))
