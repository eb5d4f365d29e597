import asyncio
import gzip
import json
import socket
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from deployplan.checks.http_check import MOST_BODY, read_url
from deployplan.checks.reading import Answer, Observation, as_fail, as_pass, as_unknown
from deployplan.plan.model.criterion_shapes import HttpExpect
from deployplan.plan.model.reach import Reach
from unit.checks.http_site import HERE, Site

SECONDS_5 = timedelta(seconds=5)


def expecting(**keys: Any) -> HttpExpect:
    return HttpExpect.model_validate(keys)


async def ask(site: Site, timeout: timedelta = SECONDS_5, **keys: Any) -> Observation:
    return await read_url(site.url(), expecting(**keys), timeout, HERE)


@pytest.fixture
def refused_port() -> int:
    """A port on which nothing listens: it was free a moment ago."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


async def test_the_expected_status_passes(site: Site) -> None:
    site.says()
    assert await ask(site) == as_pass("status 200")


async def test_another_status_fails_and_both_are_named(site: Site) -> None:
    site.says(status=503)
    assert await ask(site) == as_fail("status 503, expected 200")


async def test_any_status_may_be_the_expected_one(site: Site) -> None:
    site.says(status=404)
    assert await ask(site, status=404) == as_pass("status 404")


async def test_a_redirect_is_an_answer_and_is_not_followed(site: Site) -> None:
    site.says(status=302, Location="/login")
    site.says(path="/login")
    assert await ask(site) == as_fail("status 302 to /login, expected 200")
    assert site.asked == ["/health"]


async def test_the_named_keys_of_a_json_answer_are_compared(site: Site) -> None:
    site.says(json.dumps({"version": "4.3.0", "uptime": 12}))
    assert await ask(site, json={"version": "4.3.0"}) == as_pass("status 200, version 4.3.0")


async def test_the_old_version_still_answering_is_a_failure(site: Site) -> None:
    site.says('{"version": "4.2.1"}')
    assert await ask(site, json={"version": "4.3.0"}) == as_fail("version is 4.2.1, expected 4.3.0")


async def test_a_body_that_is_not_json_fails_when_json_is_expected(site: Site) -> None:
    site.says("<h1>It works!</h1>")
    assert await ask(site, json={"version": "4.3.0"}) == as_fail("the body is not JSON: '<h1>It works!</h1>'")


async def test_json_nested_a_hundred_thousand_deep_is_no_answer_that_hurts(site: Site) -> None:
    site.says("[" * 100_000)
    assert (await ask(site, json={"version": "4.3.0"})).answer is Answer.FAIL


async def test_a_text_in_the_body_passes(site: Site) -> None:
    site.says("all good: Bestellung möglich")
    assert await ask(site, contains="möglich") == as_pass("status 200, contains 'möglich'")


async def test_a_text_that_is_not_in_the_body_fails(site: Site) -> None:
    site.says("maintenance")
    assert await ask(site, contains="good") == as_fail("the body does not contain 'good'")


async def test_text_and_json_must_both_be_right(site: Site) -> None:
    site.says('{"version": "4.2.1", "state": "good"}')
    assert (await ask(site, contains="good", json={"version": "4.3.0"})).answer is Answer.FAIL


async def test_a_body_in_another_charset_is_read_as_what_it_says(site: Site) -> None:
    site.says("möglich".encode("latin-1"), Content_Type="text/plain; charset=latin-1")
    assert (await ask(site, contains="möglich")).answer is Answer.PASS


async def test_a_charset_nobody_knows_does_not_stop_the_reading(site: Site) -> None:
    site.says("good", Content_Type="text/plain; charset=klingon")
    assert (await ask(site, contains="good")).answer is Answer.PASS


async def test_a_text_within_the_first_mebibyte_of_a_longer_body_passes(site: Site) -> None:
    site.says(b"good" + b"x" * (2 * MOST_BODY))
    assert (await ask(site, contains="good")).answer is Answer.PASS


async def test_a_text_not_found_in_the_first_mebibyte_of_a_longer_body_is_unknown(site: Site) -> None:
    site.says(b"x" * (2 * MOST_BODY) + b"good")
    assert await ask(site, contains="good") == as_unknown(
        f"the first {MOST_BODY} bytes of the body does not contain 'good'"
    )


async def test_json_longer_than_a_mebibyte_is_unknown(site: Site) -> None:
    site.says(json.dumps({"version": "4.3.0", "padding": "x" * MOST_BODY}))
    assert (await ask(site, json={"version": "4.3.0"})).answer is Answer.UNKNOWN


async def test_a_body_of_exactly_a_mebibyte_is_read_whole(site: Site) -> None:
    site.says(b"x" * (MOST_BODY - 4) + b"good")
    assert (await ask(site, contains="good")).answer is Answer.PASS


async def test_a_body_that_is_packed_although_it_was_asked_for_as_it_is_is_unknown(site: Site) -> None:
    site.says(gzip.compress(b"x" * 100_000), Content_Encoding="gzip")
    told = await ask(site, contains="x")
    assert (told.answer, "the answer is packed (Content-Encoding: 'gzip')" in told.observed) == (Answer.UNKNOWN, True)
    site.says(b"x", Content_Encoding="identity")
    assert (await ask(site, contains="x")).answer is Answer.PASS


async def test_an_endless_body_ends_the_reading_and_not_the_run(site: Site) -> None:
    def endless(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        while not site.released.is_set():
            request.wfile.write(b"x" * 65536)

    site.pages["/health"] = endless
    assert (await ask(site, contains="good")).answer is Answer.UNKNOWN


async def test_nothing_that_listens_is_a_failure(refused_port: int) -> None:
    found = await read_url(f"http://127.0.0.1:{refused_port}/health", HttpExpect(), SECONDS_5, HERE)
    assert found == as_fail("nothing listens there (connection refused)")


async def test_nothing_that_listens_on_any_address_of_a_name_is_a_failure(refused_port: int) -> None:
    """`localhost` may have two addresses, tried one after the other."""
    found = await read_url(f"http://localhost:{refused_port}/health", HttpExpect(), SECONDS_5, HERE)
    assert found.answer is Answer.FAIL


async def test_a_name_that_does_not_resolve_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_such_name(*_: object, **__: object) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
    found = await read_url("http://web-9.invalid/health", HttpExpect(), SECONDS_5, HERE)
    assert found.answer is Answer.UNKNOWN
    assert "Name or service not known" in found.observed


async def test_no_answer_in_time_is_unknown(site: Site) -> None:
    def silent(_: BaseHTTPRequestHandler) -> None:
        site.released.wait(10)

    site.pages["/health"] = silent
    found = await ask(site, timeout=timedelta(milliseconds=200))
    site.released.set()
    assert found == as_unknown("no answer within 0.2 s")


async def test_an_answer_that_trickles_for_ever_is_unknown_when_the_time_is_over(site: Site) -> None:
    """Each byte comes in time; only the whole does not."""

    def trickle(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        while not site.released.wait(0.02):
            request.wfile.write(b"x")

    site.pages["/health"] = trickle
    found = await ask(site, timeout=timedelta(milliseconds=300), contains="good")
    assert found == as_unknown("no answer within 0.3 s")


@pytest.fixture
async def hanging_up() -> Any:
    """A server that closes every connection without a word."""

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_a_connection_closed_without_an_answer_is_unknown(hanging_up: int) -> None:
    found = await read_url(f"http://127.0.0.1:{hanging_up}/", HttpExpect(), SECONDS_5, HERE)
    assert found.answer is Answer.UNKNOWN


async def test_no_tls_where_tls_is_wanted_is_a_failure(site: Site) -> None:
    found = await read_url(site.url().replace("http:", "https:"), HttpExpect(), SECONDS_5, HERE)
    assert found.answer is Answer.FAIL
    assert found.observed.startswith("TLS: ")


@pytest.mark.parametrize("url", ["web-1/health", "ftp://web-1/health", "http://", "http://web-1:port/"])
async def test_what_is_not_a_url_to_read_is_unknown(url: str) -> None:
    assert (await read_url(url, HttpExpect(), SECONDS_5, HERE)).answer is Answer.UNKNOWN


@pytest.fixture
def proxy(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy in the environment that would answer 200 to everything."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{site.port}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)


@pytest.mark.usefixtures("proxy")
async def test_a_proxy_in_the_environment_never_answers_in_productions_place(site: Site, refused_port: int) -> None:
    site.says(path=f"http://127.0.0.1:{refused_port}/health")
    found = await read_url(f"http://127.0.0.1:{refused_port}/health", HttpExpect(), SECONDS_5, HERE)
    assert found.answer is Answer.FAIL
    assert site.asked == []


NOWHERE = Reach(frozenset({"web-1"}), ())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "0.0.0.0"])
async def test_an_address_of_this_machine_is_asked_nothing_however_it_is_spelt(site: Site, host: str) -> None:
    site.says()
    found = await read_url(f"http://{host}:{site.port}/health", HttpExpect(), SECONDS_5, NOWHERE)
    assert found.answer is Answer.UNKNOWN
    assert "may not be read: it is no node, and not in the environment's `reach`" in found.observed
    assert site.asked == []


async def test_a_name_that_leads_to_this_machine_does_not_open_it(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.says()

    async def turned(*args: Any, **rest: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", site.port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", turned)
    found = await read_url(f"http://web-1:{site.port}/health", HttpExpect(), SECONDS_5, NOWHERE)
    assert (found.answer, site.asked) == (Answer.UNKNOWN, [])


async def test_a_user_name_in_the_address_does_not_pass_for_its_host(site: Site) -> None:
    site.says()
    found = await read_url(f"http://web-1@127.0.0.1:{site.port}/health", HttpExpect(), SECONDS_5, NOWHERE)
    assert (found.answer, site.asked) == (Answer.UNKNOWN, [])
