"""How does a message leave the house?"""

from __future__ import annotations

import logging
from typing import Protocol

from deployplan.comms.message import Message
from deployplan.errors import DeployPlanError
from deployplan.printable import printable


class SendError(DeployPlanError):
    """A message could not be handed over.

    `uncertain` means that it may have arrived all the same: sending it again could double it.
    """

    def __init__(self, message: str, *, uncertain: bool = False) -> None:
        super().__init__(message)
        self.uncertain = uncertain


class Channel(Protocol):
    """A way to send messages."""

    async def send(self, message: Message) -> str:
        """Hand over the message and return the receipt: who took it. Raises SendError."""
        ...


class LogChannel:
    """Writes messages to the log, where nobody else can be told."""

    def __init__(self, logger: logging.Logger | None = None) -> None:
        self._logger = logger or logging.getLogger("deployplan.comms")

    async def send(self, message: Message) -> str:
        """Write the message to the log."""
        for line in (f"message to {message.to}: {message.subject}", *message.body.splitlines()):
            self._logger.info("%s", printable(line))
        return "written to the log"
