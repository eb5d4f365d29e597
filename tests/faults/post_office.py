"""A mail server in a thread of its own, for Airflow's processes; it may keep its word back that it took a mail."""

import asyncio
import email
import email.policy
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope


class PostOffice:
    """What the mail server took, whether or not who sent it has heard so."""

    def __init__(self) -> None:
        self._taken: list[tuple[str, str]] = []
        self._kept_back: str | None = None
        self.port = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self._taken += [(to, str(mail["Subject"])) for to in envelope.rcpt_tos]
        while self._kept_back is not None and self._kept_back in str(mail["Subject"]):
            await asyncio.sleep(0.05)
        return "250 2.0.0 Ok: queued"

    def to(self, address: str) -> list[str]:
        """The subjects of the mails to an address, in the order in which they came."""
        return [subject for to, subject in list(self._taken) if to == address]

    @contextmanager
    def receipts_kept_back(self, subject: str) -> Iterator[None]:
        """Take mails whose subjects have this in them, and do not say so."""
        self._kept_back = subject
        try:
            yield
        finally:
            self._kept_back = None


@contextmanager
def a_post_office() -> Iterator[PostOffice]:
    """The mail server is up, on a port of its own."""
    post, over = PostOffice(), threading.Event()
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        post.port = listening.getsockname()[1]
        serving = threading.Thread(target=lambda: asyncio.run(_serve(post, listening, over)), daemon=True)
        serving.start()
        try:
            yield post
        finally:
            over.set()
            serving.join(60)


async def _serve(post: PostOffice, listening: socket.socket, over: threading.Event) -> None:
    smtp = partial(SMTP, post, hostname="mail.test")
    server = await asyncio.get_running_loop().create_server(smtp, sock=listening)
    while not over.is_set():
        await asyncio.sleep(0.1)
    server.close()
