"""Sending a message to a #name, or to a person by a handle, by whichever channel knows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol, runtime_checkable

from deployplan.comms.channel import Channel, SendError
from deployplan.comms.message import Message

HANDLE = "{handle}"
"""Stands in what operations have set for a name, where the handle of the one person who is told goes."""


@runtime_checkable
class NamingChannel(Channel, Protocol):
    """A channel whose destinations operations have named."""

    @property
    def names(self) -> frozenset[str]:
        """The names, without `#`."""
        ...

    def reaches(self, handles: Mapping[str, str]) -> bool:
        """Whether it can tell a person who is called so by the services."""
        ...


@runtime_checkable
class TellsWhoAcknowledged(Protocol):
    """A channel of which some destinations can be asked whether somebody there has acknowledged a message."""

    @property
    def pagers(self) -> frozenset[str]:
        """The names of those, without `#`."""
        ...

    async def acknowledged_by(self, name: str, key: str) -> str | None:
        """Who has acknowledged the message with this key there; None when nobody has. Raises SendError."""
        ...


class ByName:
    """Hands a message to the first channel that knows the name, or the person; in the order of the plans' words."""

    def __init__(self, channels: Iterable[NamingChannel]) -> None:
        self._channels = tuple(channels)

    @property
    def names(self) -> frozenset[str]:
        """The names of all channels, without `#`."""
        return frozenset(name for channel in self._channels for name in channel.names)

    def reaches(self, handles: Mapping[str, str]) -> bool:
        """Whether one of the channels can tell a person who is called so."""
        return any(channel.reaches(handles) for channel in self._channels)

    @property
    def pagers(self) -> frozenset[str]:
        """The names that can be asked who has acknowledged a message, without `#`."""
        return frozenset(name for each in self._that_tell() for name in each.pagers)

    async def acknowledged_by(self, name: str, key: str) -> str | None:
        """Who has acknowledged the message with this key at that pager; None when nobody has. Raises SendError."""
        pager = next((each for each in self._that_tell() if name in each.pagers), None)
        return None if pager is None else await pager.acknowledged_by(name, key)

    def _that_tell(self) -> Iterator[TellsWhoAcknowledged]:
        return (each for each in self._channels if isinstance(each, TellsWhoAcknowledged))

    async def send(self, message: Message) -> str:
        """Send it there, and return that channel's receipt. Raises SendError as it does, and for an unknown name."""
        for channel in self._channels:
            if self._is_known(message, channel):
                return await channel.send(message)
        known = ", ".join(sorted(f"#{each}" for each in self.names)) or "none"
        if message.person is not None:
            raise SendError(no_handle(message, "notifier, webhook or Apprise service", self.names))
        raise SendError(
            f"{message.to!r} is no notifier, webhook or Apprise service of operations (known: {known}), "
            f"so {message.group} was not told"
        )

    def _is_known(self, message: Message, channel: NamingChannel) -> bool:
        if message.person is None:
            return message.to.removeprefix("#") in channel.names
        return channel.reaches(message.handles.get(message.person, {}))


def naming(channels: Mapping[str, Channel]) -> tuple[NamingChannel, ...]:
    """Return those channels whose destinations have names."""
    return tuple(each for each in channels.values() if isinstance(each, NamingChannel))


def no_handle(message: Message, kind: str, names: Iterable[str]) -> str:
    """Say that nothing here tells the person by any of their handles."""
    theirs = ", ".join(sorted(message.handles.get(message.person or "", {}))) or "none"
    known = ", ".join(sorted(f"#{each}" for each in names)) or "none"
    return (
        f"{message.person} has no handle of a {kind} of operations that tells one person (theirs: {theirs}; "
        f"known: {known}), so {message.group} was not told"
    )
