"""Sending a message to a #name by whichever channel knows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from deployplan.comms.channel import Channel, SendError
from deployplan.comms.message import Message


class NamingChannel(Channel, Protocol):
    """A channel whose destinations operations have named."""

    @property
    def names(self) -> frozenset[str]:
        """The names, without `#`."""
        ...


class ByName:
    """Hands a message to the first channel that knows the name; which ones are asked first is the plans' word order."""

    def __init__(self, channels: Iterable[NamingChannel]) -> None:
        self._channels = tuple(channels)

    async def send(self, message: Message) -> str:
        """Send it there, and return that channel's receipt. Raises SendError as it does, and for an unknown name."""
        name = message.to.removeprefix("#")
        for channel in self._channels:
            if name in channel.names:
                return await channel.send(message)
        known = ", ".join(sorted(f"#{each}" for channel in self._channels for each in channel.names)) or "none"
        raise SendError(
            f"{message.to!r} is no notifier, webhook or Apprise service of operations (known: {known}), "
            f"so {message.group} was not told"
        )


def naming(channels: Mapping[str, Channel]) -> tuple[NamingChannel, ...]:
    """Return those channels whose destinations have names."""
    return tuple(each for each in channels.values() if hasattr(each, "names"))  # type: ignore[misc]
