"""Sending messages to a URL: chat rooms, pagers, whatever takes JSON."""

from __future__ import annotations

from urllib.parse import urlsplit

from deployplan.comms.channel import SendError
from deployplan.comms.message import Message


class WebhookChannel:
    """Posts each message as JSON with `text` (what chat rooms show), `subject`, `body`, `to`, `moment` and `key`.

    The header `Idempotency-Key` lets the receiving side drop a message that comes twice.
    """

    def __init__(self, url: str | None = None, *, token: str | None = None, timeout: float = 30.0) -> None:
        """Post to `url`, or to the message's own address when that is a URL; `token` goes along as bearer token."""
        self._url = url
        self._token = token
        self._timeout = timeout

    async def send(self, message: Message) -> str:
        """Post the message and return the status. Raises SendError."""
        import httpx

        url = self._target(message)
        try:
            # Unlike checks this goes out of the house, where a proxy from the environment may be the only way.
            async with httpx.AsyncClient(timeout=self._timeout, follow_redirects=False) as client:
                response = await client.post(url, json=_content(message), headers=self._headers(message))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise SendError(f"{_shown(url)} cannot be reached: {str(error) or type(error).__name__}") from error
        except httpx.HTTPError as error:
            what = str(error) or type(error).__name__
            raise SendError(f"{_shown(url)} did not answer: {what}", uncertain=True) from error
        if not response.is_success:
            raise SendError(f"{_shown(url)} refused the message with status {response.status_code}")
        return f"{_shown(url)} took it: {response.status_code}"

    def _target(self, message: Message) -> str:
        if message.to.startswith(("http://", "https://")):
            return message.to
        # The configured token belongs to the configured URL only; see _headers.
        if self._url is None:
            raise SendError(
                f"{message.to!r} is not a URL and no webhook is configured, so {message.group} was not told"
            )
        return self._url

    def _headers(self, message: Message) -> dict[str, str]:
        headers = {"Idempotency-Key": message.key}
        if self._token is not None and self._target(message) == self._url:
            headers["Authorization"] = f"Bearer {self._token}"
        return headers


def _content(message: Message) -> dict[str, str]:
    return {
        "text": _for_a_chat(f"{message.subject}\n\n{message.body}"),
        "subject": message.subject,
        "body": message.body,
        "to": message.to,
        "group": message.group,
        "moment": str(message.moment),
        "key": message.key,
    }


def _for_a_chat(text: str) -> str:
    """Chat rooms read `<!channel>` and `<http://…|words>` as orders; so spelt they arrive as characters."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _shown(url: str) -> str:
    """The address without its path, which for chat rooms is the secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}"
