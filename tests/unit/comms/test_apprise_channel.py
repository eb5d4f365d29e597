"""Messages through the real Apprise, to real servers: a name of operations, every service told, bounded, no secret."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, get_args

import pytest

from deployplan.comms import apprise_channel
from deployplan.comms.apprise_channel import AppriseChannel, Services, _without_secrets, urls_of
from deployplan.comms.channel import SendError, named_channel
from deployplan.plan.model.moment import Moment
from deployplan.plan.model.people import Via
from unit.comms.prepared import a_message

SECRET = "s3cretpath"


@dataclass
class Room:
    """A real HTTP server that says what it is told to, or nothing, slowly."""

    answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
    trickles: bool = False
    port: int = 0
    posted: list[dict[str, Any]] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self) -> str:
        return f"json://127.0.0.1:{self.port}/{SECRET}/"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = next(int(line.split(":")[1]) for line in head.splitlines() if line.startswith("content-length"))
        self.posted.append(json.loads(await reader.readexactly(length)))
        try:
            if self.trickles:
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                while not self.over.is_set():
                    writer.write(b".")
                    await writer.drain()
                    await asyncio.sleep(0.2)
            else:
                writer.write(self.answer)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
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
        opened.over.set()


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Apprise loads a hundred modules, beside other tests on two cores."""
    monkeypatch.setattr(apprise_channel, "STARTING", 120.0)


def channel(*urls: str, timeout: float = 30.0) -> AppriseChannel:
    return AppriseChannel({"on-call": Services(urls)}, timeout=timeout)


def nobody() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"json://127.0.0.1:{free.getsockname()[1]}/{SECRET}/"


async def test_a_message_arrives_as_it_is_written_and_calls_nobody(room: Room) -> None:
    body = "{{7*7}} <!channel> @here :smile: a\\nb <b> & ${HOME}\nsecond line\n"
    message = a_message(to="#on-call", body=body, moment=Moment.FAILED)

    receipt = await channel(room.url()).send(message)

    assert receipt == "#on-call: JSON took it"
    (posted,) = room.posted
    assert posted["title"] == message.subject
    assert posted["message"].rstrip() == "{{7*7}} < !channel> @ here :smile: a\\nb <b> & ${HOME}\nsecond line"
    assert posted["type"] == "failure"


async def test_a_name_that_operations_have_not_named_is_told_with_those_they_have(room: Room) -> None:
    with pytest.raises(SendError, match="is no Apprise service of operations \\(known: #on-call\\), so ops") as error:
        await channel(room.url()).send(a_message(to=room.url(), group="ops"))

    assert not error.value.uncertain
    assert room.posted == []


async def test_who_did_not_take_it_is_named_with_why_beside_who_did_and_no_secret(room: Room) -> None:
    with pytest.raises(SendError, match=r"#on-call was not told by JSON: .*; JSON took it") as error:
        await channel(room.url(), nobody()).send(a_message(to="#on-call"))

    assert error.value.uncertain
    assert SECRET not in str(error.value)
    assert len(room.posted) == 1


async def test_a_refusal_says_the_status(room: Room) -> None:
    room.answer = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

    with pytest.raises(SendError, match=r"JSON: .*503"):
        await channel(room.url()).send(a_message(to="#on-call"))


async def test_an_address_that_apprise_does_not_know_has_nothing_sent_anywhere(room: Room) -> None:
    with pytest.raises(SendError, match="nonsense: it is no address that Apprise knows") as error:
        await channel(room.url(), f"nonsense://{SECRET}").send(a_message(to="#on-call"))

    assert not error.value.uncertain
    assert SECRET not in str(error.value)
    assert room.posted == []


async def test_a_service_that_never_ends_its_answer_is_given_up_in_time(room: Room) -> None:
    room.trickles = True
    began = time.monotonic()

    with pytest.raises(SendError, match="#on-call was not told by JSON") as error:
        await channel(room.url(), timeout=1.0).send(a_message(to="#on-call"))

    assert error.value.uncertain
    assert not room.over.is_set()
    assert time.monotonic() - began < 100


async def test_a_sender_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apprise_channel, "STARTING", 0.2)
    monkeypatch.setattr(apprise_channel, "_HERE", "import time; time.sleep(600)")

    with pytest.raises(SendError, match=r"Apprise did not end within 0\.3 s") as error:
        await channel("json://127.0.0.1/", timeout=0.1).send(a_message(to="#on-call"))

    assert error.value.uncertain


async def test_a_sender_that_fails_is_told_by_its_last_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apprise_channel, "_HERE", f"raise SystemExit('no module for {SECRET}')")

    with pytest.raises(SendError, match=r"could not be asked for #on-call: no module for \*\*\*"):
        await channel(f"json://127.0.0.1/{SECRET}/").send(a_message(to="#on-call"))


@dataclass
class Kept:
    extra_dejson: dict[str, Any]
    host: str | None = None
    port: int | None = None
    schema: str | None = None
    login: str | None = None
    password: str | None = None


@pytest.mark.parametrize(
    ("extra", "urls"),
    [
        ({"config": {"path": "slack://a/b/c", "tag": "alerts"}}, ("slack://a/b/c",)),
        ({"config": [{"path": "slack://a"}, {"path": "mailto://b"}]}, ("slack://a", "mailto://b")),
        ({"config": '{"path": "json://a"}'}, ("json://a",)),
        ({"config": "json://a"}, ()),
        ({"config": [None, {}]}, ()),
        ({}, ()),
    ],
)
def test_a_connection_is_written_as_airflows_provider_writes_it(extra: dict[str, Any], urls: tuple[str, ...]) -> None:
    assert urls_of(Kept(extra)) == urls


async def test_a_connection_without_an_address_is_told() -> None:
    with pytest.raises(SendError, match="is no Apprise service of operations"):
        await AppriseChannel.of({"on-call": Kept({})}).send(a_message(to="#on-call"))


@pytest.mark.parametrize(
    ("said", "url", "told"),
    [
        ("cannot reach hooks.example", "json://hooks.example/abcdefgh/", "cannot reach hooks.example"),
        ("GET /abcdefgh failed", "json://hooks.example/abcdefgh/", "GET /*** failed"),
        ("token TokenABC is old", "slack://TokenABC/TokenDEF/TokenGHI", "token *** is old"),
        ("login of a-person with hush-hush", "mailto://a-person:hush-hush@mail.example", "login of *** with ***"),
    ],
)
def test_what_could_be_a_secret_of_an_address_is_masked(said: str, url: str, told: str) -> None:
    assert _without_secrets(said, [url]) == told


def test_no_address_is_shown_by_accident() -> None:
    assert SECRET not in repr(Services((f"json://h/{SECRET}",)))


def test_every_word_of_via_is_a_channel_in_a_file_of_its_name() -> None:
    for word in get_args(Via):
        kind = named_channel(word)
        assert kind.SETTING is None or kind.SETTING.startswith("DEPLOYPLAN_")
        made = kind.of({})
        assert made is None or callable(made.send)
