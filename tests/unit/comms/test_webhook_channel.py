import asyncio
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from deployplan.comms.channel import SendError
from deployplan.comms.webhook_channel import Webhook, WebhookChannel
from unit.comms.prepared import a_message


@dataclass
class Room:
    """A real HTTP server that takes one request a connection and says what it is told to say."""

    answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    port: int = 0
    requests: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)

    def url(self, path: str = "/services/T0/secret") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.requests.append((head[0], headers, json.loads(body)))
        writer.write(self.answer)
        await writer.drain()
        writer.close()


@pytest.fixture
async def room(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Room]:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    opened = Room()
    server = await asyncio.start_server(opened.serve, "127.0.0.1", 0)
    async with server:
        opened.port = server.sockets[0].getsockname()[1]
        yield opened


def channel(url: str, token: str | None = None) -> WebhookChannel:
    return WebhookChannel({"releases": Webhook(url, token)})


async def test_a_message_is_posted_as_json_that_chat_rooms_can_show(room: Room) -> None:
    await channel(room.url()).send(a_message(to="#releases", group="#releases"))
    ((request, headers, content),) = room.requests
    assert request == "POST /services/T0/secret HTTP/1.1"
    assert headers["content-type"] == "application/json"
    assert content == {
        "text": "storefront 4.3.0: live\n\nGrößere Bestellungen sind möglich.\n",
        "subject": "storefront 4.3.0: live",
        "body": "Größere Bestellungen sind möglich.\n",
        "to": "#releases",
        "group": "#releases",
        "moment": "success",
        "key": "0f" * 16,
    }


async def test_the_same_message_carries_the_same_idempotency_key(room: Room) -> None:
    await channel(room.url()).send(a_message(to="#releases", key="1a2b"))
    assert room.requests[0][1]["idempotency-key"] == "1a2b"


async def test_a_message_goes_to_no_address_but_one_that_operations_named(room: Room) -> None:
    with pytest.raises(SendError, match="is no webhook of operations \\(known: #releases\\), so ops"):
        await channel(room.url(), token="hush").send(a_message(to=room.url("/pager"), group="ops"))
    assert room.requests == []


async def test_the_secret_of_a_webhook_goes_along_as_bearer_token(room: Room) -> None:
    await channel(room.url(), token="hush").send(a_message(to="#releases"))
    assert room.requests[0][1]["authorization"] == "Bearer hush"


def test_neither_address_nor_secret_is_shown_by_accident() -> None:
    assert "hush" not in repr(Webhook("https://hooks.example/hush", "hush"))


async def test_the_receipt_names_who_took_it_and_not_the_secret_path(room: Room) -> None:
    assert await channel(room.url()).send(a_message(to="#releases")) == "http://127.0.0.1 took it: 200"


async def test_a_refusal_is_an_error_without_the_secret_path(room: Room) -> None:
    room.answer = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
    with pytest.raises(SendError, match=r"http://127.0.0.1 refused the message with status 403") as error:
        await channel(room.url()).send(a_message(to="#releases"))
    assert "secret" not in str(error.value)
    assert not error.value.uncertain


async def test_a_redirect_is_not_an_acceptance(room: Room) -> None:
    room.answer = b"HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n"
    with pytest.raises(SendError, match="status 302"):
        await channel(room.url()).send(a_message(to="#releases"))


async def test_no_answer_leaves_it_uncertain(room: Room) -> None:
    room.answer = b""
    with pytest.raises(SendError, match="did not answer") as error:
        await channel(room.url()).send(a_message(to="#releases"))
    assert error.value.uncertain
    assert len(room.requests) == 1


async def test_an_address_that_cannot_be_reached_certainly_did_not_get_it() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(SendError, match="cannot be reached") as error:
        await channel(f"http://127.0.0.1:{port}/secret").send(a_message(to="#releases"))
    assert not error.value.uncertain
    assert "secret" not in str(error.value)


async def test_a_message_with_nowhere_to_go_is_refused() -> None:
    with pytest.raises(
        SendError, match="'#releases' is no webhook of operations \\(known: none\\), so ops was not told"
    ):
        await WebhookChannel({}).send(a_message(to="#releases", group="ops"))


@pytest.mark.parametrize("url", ["ftp://hooks.example/x", "nowhere", "http://"])
async def test_a_url_that_cannot_be_posted_to_is_an_error(url: str) -> None:
    with pytest.raises(SendError):
        await channel(url).send(a_message(to="#releases"))


@pytest.mark.parametrize("token", ["hush\nhush", "h\u00fcsch"])
async def test_a_token_that_cannot_stand_in_a_header_is_told_without_it(room: Room, token: str) -> None:
    with pytest.raises(SendError, match="its token cannot stand in a header") as error:
        await channel(room.url(), token=token).send(a_message(to="#releases"))
    assert token not in str(error.value)
    assert not error.value.uncertain
    assert room.requests == []


@pytest.mark.parametrize(("status", "uncertain"), [(400, False), (429, False), (503, False), (502, True), (504, True)])
async def test_behind_a_gateway_that_gave_up_nobody_knows(room: Room, status: int, uncertain: bool) -> None:
    room.answer = f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode()
    with pytest.raises(SendError) as error:
        await channel(room.url()).send(a_message(to="#releases"))
    assert error.value.uncertain is uncertain
