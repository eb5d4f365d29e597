"""Sending messages to a URL: chat rooms, pagers, whatever takes JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from deployplan.comms.channel import Account, SendError
from deployplan.comms.message import Message
from deployplan.comms.named_channel import no_handle

NOBODY_KNOWS = frozenset({500, 502, 504})
"""Statuses behind which the message may have arrived: a gateway's, and that of a service that broke in the middle."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that operations have named, and the secret that goes along as bearer token."""

    url: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


class WebhookChannel:
    """Posts each message as JSON with `text` (what chat rooms show), `subject`, `body`, `to`, `moment` and `key`.

    `handles` has those of the people whom it is about, where people.yaml has one under the webhook's name.

    A plan names the channel, `#releases`; where that is, and its secret, operations have set: no plan can have a
    message posted to an address of its own. The header `Idempotency-Key` lets the receiving side drop a message that
    comes twice.
    """

    SETTING: ClassVar[str | None] = "DEPLOYPLAN_WEBHOOKS"

    @classmethod
    def of(cls, accounts: Mapping[str, Account]) -> Self:
        """Return the channel to the webhooks that operations have named."""
        return cls({name: webhook_of(account) for name, account in accounts.items()})

    def __init__(self, webhooks: Mapping[str, Webhook], *, timeout: float = 30.0) -> None:
        """`webhooks` are those of operations by name, without `#`."""
        self._webhooks = webhooks
        self._timeout = timeout

    @property
    def names(self) -> frozenset[str]:
        """The names that plans may use, without `#`."""
        return frozenset(self._webhooks)

    async def send(self, message: Message) -> str:
        """Post the message and return the status. Raises SendError."""
        import httpx

        name, webhook = self._meant_by(message)
        url, headers = webhook.url, {"Idempotency-Key": message.key}
        if webhook.token is not None:
            headers["Authorization"] = f"Bearer {webhook.token}"
        try:
            # Unlike checks this goes out of the house, where a proxy from the environment may be the only way.
            async with httpx.AsyncClient(timeout=self._timeout, follow_redirects=False) as client:
                response = await client.post(url, json=_content(message, name), headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise SendError(f"{_shown(url)} cannot be reached: {str(error) or type(error).__name__}") from error
        except (httpx.LocalProtocolError, UnicodeError):  # its words would tell the token
            raise SendError(f"{_shown(url)} was not asked: its token cannot stand in a header") from None
        except httpx.HTTPError as error:
            what = str(error) or type(error).__name__
            raise SendError(f"{_shown(url)} did not answer: {what}", uncertain=True) from error
        if not response.is_success:
            refused = f"{_shown(url)} refused the message with status {response.status_code}"
            raise SendError(refused, uncertain=response.status_code in NOBODY_KNOWS)
        return f"{_shown(url)} took it: {response.status_code}"

    def reaches(self, handles: Mapping[str, str]) -> bool:
        """Whether one of the webhooks has a name by which this person has a handle."""
        return bool(self._webhooks.keys() & handles.keys())

    def _meant_by(self, message: Message) -> tuple[str, Webhook]:
        if message.person is not None:
            handles = message.handles.get(message.person, {})
            found = next((each for each in self._webhooks if each in handles), None)
            if found is None:
                raise SendError(no_handle(message, "webhook", self._webhooks))
            return found, self._webhooks[found]
        name = message.to.removeprefix("#")
        if name not in self._webhooks:
            known = ", ".join(f"#{each}" for each in sorted(self._webhooks)) or "none"
            raise SendError(
                f"{message.to!r} is no webhook of operations (known: {known}), so {message.group} was not told"
            )
        return name, self._webhooks[name]


def webhook_of(account: Account) -> Webhook:
    """Return the webhook that an Airflow connection of the HTTP provider describes.

    The address stands in `host`, path and all; a token, if it wants one, as password.
    """
    host = account.host or ""
    if "://" not in host:
        port = f":{account.port}" if account.port else ""
        host = f"{account.schema or 'https'}://{host}{port}"
    return Webhook(host, (account.password or "").strip() or None)


def _content(message: Message, name: str) -> dict[str, Any]:
    handles = {person: known[name] for person, known in message.handles.items() if name in known}
    return {
        "text": _for_a_chat(f"{message.subject}\n\n{message.body}"),
        "subject": message.subject,
        "body": message.body,
        "to": message.to,
        "group": message.group,
        "moment": str(message.moment),
        "key": message.key,
        **({"handles": handles} if handles else {}),
    }


def _for_a_chat(text: str) -> str:
    """Chat rooms read `<!channel>` and `<http://…|words>` as orders; so spelt they arrive as characters."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _shown(url: str) -> str:
    """The address without its path, which for chat rooms is the secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}"
