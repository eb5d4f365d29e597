"""Writing messages to the log, where nobody else can be told."""

import logging
from collections.abc import Mapping
from typing import ClassVar, Self

from deployplan.comms.channel import Account
from deployplan.comms.message import Message
from deployplan.printable import printable


class LogChannel:
    """Writes each message to the log, line by line."""

    SETTING: ClassVar[str | None] = None

    @classmethod
    def of(cls, accounts: Mapping[str, Account]) -> Self:
        """Return the channel; it needs no account."""
        return cls()

    def __init__(self, logger: logging.Logger | None = None) -> None:
        self._logger = logger or logging.getLogger("deployplan.comms")

    async def send(self, message: Message) -> str:
        """Write the message to the log."""
        for line in (f"message to {message.to}: {message.subject}", *message.body.splitlines()):
            self._logger.info("%s", printable(line))
        return "written to the log"
