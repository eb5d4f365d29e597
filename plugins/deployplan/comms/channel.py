"""How does a message leave the house?"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Protocol, cast

from deployplan.comms.message import Message
from deployplan.errors import DeployPlanError


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


class Account(Protocol):
    """What operations keep of a service, as an Airflow connection does: where it is, and what opens it."""

    @property
    def host(self) -> str | None: ...
    @property
    def port(self) -> int | None: ...
    @property
    def schema(self) -> str | None: ...
    @property
    def login(self) -> str | None: ...
    @property
    def password(self) -> str | None: ...
    @property
    def extra_dejson(self) -> dict[str, Any]: ...


class ChannelKind(Protocol):
    """The class of a channel: `MailChannel` in `mail_channel.py` for what plans call `mail`."""

    SETTING: str | None
    """The variable that names its connections, `NAME=CONNECTION ID` each; None when it needs none."""

    def of(self, accounts: Mapping[str, Account]) -> Channel | None:
        """Return the channel for these accounts by name; None where it needs one and there is none."""
        ...


def named_channel(word: str) -> ChannelKind:
    """Return the class of the channel that plans call by this word."""
    module = import_module(f"deployplan.comms.{word}_channel")
    return cast(ChannelKind, getattr(module, f"{word.capitalize()}Channel"))
