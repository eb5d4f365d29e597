"""What a criterion may ask with, and what it may want of an answer: classes of status, headers, an authority, lists."""

import asyncio
import json
import socket
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import ValidationError

from builders import a_criterion
from deployplan.checks.http_check import judge_body, read_url
from deployplan.checks.reading import Answer, Observation, as_fail, as_pass
from deployplan.plan.model.criterion_shapes import HttpExpect
from deployplan.plan.model.reach import Reach, parse_allowed
from unit.checks.http_site import HERE, Site, serving

WITHIN = timedelta(seconds=30)


async def ask(site: Site, **keys: Any) -> Observation:
    return await read_url(site.url(), HttpExpect.model_validate(keys), WITHIN, HERE)


@pytest.mark.parametrize(
    ("status", "expected", "observation"),
    [
        (204, "2xx", as_pass("status 204")),
        (200, "2xx", as_pass("status 200")),
        (302, "2xx", as_fail("status 302, expected 2xx")),
        (503, "5xx", as_pass("status 503")),
        (404, 404, as_pass("status 404")),
        (204, 200, as_fail("status 204, expected 200")),
    ],
)
async def test_a_class_of_status_is_any_of_its_codes(
    site: Site, status: int, expected: int | str, observation: Observation
) -> None:
    site.says(status=status)
    assert await ask(site, status=expected) == observation


@pytest.mark.parametrize("status", ["6xx", "2x", "20x", 99, 600, "ok"])
def test_what_is_no_status_is_refused(status: object) -> None:
    with pytest.raises(ValidationError, match="status code"):
        HttpExpect.model_validate({"status": status})


@pytest.mark.parametrize(
    ("expected", "observation"),
    [
        ({"Content-Type": "application/json"}, as_pass("status 200, Content-Type 'application/json'")),
        ({"x-release": "4.3; canary"}, as_pass("status 200, x-release '4.3; canary'")),
        ({"X-RELEASE": "4.3"}, as_pass("status 200, X-RELEASE '4.3'")),
        ({"x-release": "4.4"}, as_fail("header x-release is '4.3; canary', expected '4.4'")),
        ({"x-missing": "1"}, as_fail("the answer has no header x-missing, expected '1'")),
    ],
)
async def test_the_headers_of_an_answer_are_compared_whole_or_up_to_their_first_semicolon(
    site: Site, expected: dict[str, str], observation: Observation
) -> None:
    site.says("{}", Content_Type="application/json; charset=utf-8", X_Release="4.3; canary")
    assert await ask(site, headers=expected) == observation


async def test_headers_text_and_json_must_all_be_right(site: Site) -> None:
    site.says('{"ready": true}', X_Release="4.3")
    wanted = {"headers": {"x-release": "4.3"}, "json": {"ready": True}, "contains": "ready"}
    assert (await ask(site, **wanted)).observed.startswith("status 200, x-release '4.3', contains 'ready'")
    assert (await ask(site, **wanted | {"headers": {"x-release": "4.2"}})).answer is Answer.FAIL


def test_an_expected_header_that_names_the_release_is_that_of_the_previous_one_in_a_backout() -> None:
    expected = HttpExpect.model_validate({"headers": {"x-release": "4.3"}}).with_version("4.3", "4.2")
    assert expected.headers == {"x-release": "4.2"}


async def test_headers_are_sent_but_for_those_that_the_url_and_the_reading_decide(site: Site) -> None:
    site.says()
    headers = {"X-Probe": "deploy", "Host": "elsewhere", "Accept-Encoding": "gzip"}
    await read_url(site.url(), HttpExpect(), WITHIN, HERE, headers=headers)
    (sent,) = site.headers
    assert (sent["X-Probe"], sent["Host"]) == ("deploy", f"127.0.0.1:{site.port}")
    assert sent["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(
    ("pattern", "observation"),
    [
        (r"^release 4\.[0-9]+$", as_pass(r"status 200, matches '^release 4\\.[0-9]+$'")),
        ("release 5", as_fail("the body does not match 'release 5'")),
        ("up.*down", as_fail("the body does not match 'up.*down'")),  # each line by itself
        ("(?i)RELEASE", as_pass("status 200, matches '(?i)RELEASE'")),
        ("größe", as_pass("status 200, matches 'größe'")),
    ],
)
async def test_a_line_of_the_body_matches_a_pattern(site: Site, pattern: str, observation: Observation) -> None:
    site.says("up\nrelease 4.12\ngröße\ndown")
    assert await ask(site, matches=pattern) == observation


async def test_a_pattern_that_would_keep_other_engines_busy_is_answered_at_once(site: Site) -> None:
    site.says("a" * 1_000_000 + "!")
    assert (await ask(site, matches="^(a+)+$")).answer is Answer.FAIL


@pytest.mark.parametrize(("complete", "answer"), [(True, Answer.FAIL), (False, Answer.UNKNOWN)])
def test_what_was_not_read_whole_may_still_match(complete: bool, answer: Answer) -> None:
    assert judge_body(b"up", complete, HttpExpect.model_validate({"matches": "down"})).answer is answer


async def test_another_host_is_asked_for_at_the_address_of_the_url(site: Site) -> None:
    site.says()
    assert (await read_url(site.url(), HttpExpect(), WITHIN, HERE, host="shop.example:8443")).answer is Answer.PASS
    assert site.headers[0]["Host"] == "shop.example:8443"


async def test_what_reach_names_is_asked_for_no_name_that_reach_does_not_name(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One address has many sites; operations allowed one of them."""
    site.says()
    url = f"http://shop.example:{site.port}/health"

    async def looked_up(*args: Any, **rest: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("198.51.100.7", site.port))]

    named = tuple(map(parse_allowed, ("shop.example", "*.pay.example")))
    with monkeypatch.context() as other:
        other.setattr(asyncio.get_running_loop(), "getaddrinfo", looked_up)
        told = await read_url(url, HttpExpect(), WITHIN, Reach(frozenset(), named), host="admin.example")
    assert (told.answer, site.asked) == (Answer.UNKNOWN, [])
    assert "admin.example may not be asked for at shop.example" in told.observed


@pytest.mark.parametrize(
    ("allowed", "hosts", "asked", "may"),
    [
        (["shop.example"], [], "admin.example", False),
        (["shop.example"], [], "Shop.example:8443", True),
        (["shop.example", "*.pay.example"], [], "a.pay.example", True),
        (["shop.example", "admin.example:8443"], [], "admin.example", False),  # on another port
        (["shop.example", "198.51.100.0/24"], [], "admin.example", True),  # the whole address is allowed
        ([], ["shop.example"], "admin.example", True),  # a node
    ],
)
def test_which_names_may_be_asked_for_at_a_host(allowed: list[str], hosts: list[str], asked: str, may: bool) -> None:
    reach = Reach(frozenset(hosts), tuple(map(parse_allowed, allowed)))
    assert reach.takes_for(asked, "shop.example", 443, ip_address("198.51.100.7")) is may
    assert reach.may_take_for(asked, "shop.example", 443) is may


async def test_the_certificate_must_be_that_of_the_host_that_is_asked_for(tmp_path: Path) -> None:
    context, authority = a_certificate(tmp_path)
    with serving(Site(), context) as site:
        site.says()
        url = site.url().replace("http:", "https:")
        told = await read_url(url, HttpExpect(), WITHIN, HERE, ca=authority, host="shop.example")
        assert told.answer is Answer.FAIL
        assert "shop.example" in told.observed


@pytest.mark.parametrize("host", ["shop.example/", "tom@shop", "a b", "", "[::1]", "x" * 300])
def test_a_host_is_a_name_with_or_without_a_port(host: str) -> None:
    with pytest.raises(ValidationError):
        a_criterion(http="http://web-1/", host=host)


@pytest.mark.parametrize("headers", [{"X-A": "b\r\nX-C: d"}, {"X A": "b"}, {"X-A": ""}])
def test_a_header_that_is_more_than_one_line_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        a_criterion(http="http://web-1/", headers=headers)


def test_headers_and_an_authority_have_no_meaning_for_a_command() -> None:
    with pytest.raises(ValidationError, match="headers has no meaning there"):
        a_criterion(command="true", headers={"X-A": "b"})


@pytest.mark.parametrize(
    ("answer", "observation"),
    [
        ([{"state": "up"}, {"state": "up"}], as_pass("status 200, nodes.every.state up (2 times)")),
        ([{"state": "up"}, {"state": "down"}], as_fail("nodes.1.state is down, expected up")),
        ([{"state": "up"}, {}], as_fail("nodes.1.state is missing, expected up")),
        ([], as_fail("nodes.every.state is missing, expected up")),
        ({"every": {"state": "up"}}, as_pass("status 200, nodes.every.state up")),
    ],
)
async def test_every_element_of_a_list_is_compared_and_an_empty_list_is_none(
    site: Site, answer: object, observation: Observation
) -> None:
    site.says(json.dumps({"nodes": answer}))
    assert await ask(site, json={"nodes.every.state": "up"}) == observation


async def test_every_may_stand_in_lists_of_lists_and_at_the_end(site: Site) -> None:
    site.says(json.dumps({"zones": [{"up": [1, 1]}, {"up": [1, 0]}]}))
    assert await ask(site, json={"zones.every.up.every": 1}) == as_fail("zones.1.up.1 is 0, expected 1")


def a_certificate(folder: Path) -> tuple[ssl.SSLContext, str]:
    """A server's context with a certificate for 127.0.0.1 that is its own authority, and that authority in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "practice authority")])
    begins = datetime.now(UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number(), begins, begins + timedelta(9)
        )
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    unlocked = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.pem").write_bytes(pem + key.private_bytes(serialization.Encoding.PEM, *unlocked))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context, pem.decode("ascii")


async def test_an_answer_is_believed_when_the_named_authority_has_signed_and_not_otherwise(tmp_path: Path) -> None:
    context, authority = a_certificate(tmp_path)
    with serving(Site(), context) as site:
        site.says()
        url = site.url().replace("http:", "https:")
        assert await read_url(url, HttpExpect(), WITHIN, HERE, ca=authority) == as_pass("status 200")
        assert (await read_url(url, HttpExpect(), WITHIN, HERE)).answer is Answer.FAIL


@pytest.mark.parametrize("ca", ["", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_an_authority_that_is_no_certificate_is_refused(ca: str) -> None:
    with pytest.raises(ValidationError, match="no certificate in PEM"):
        a_criterion(http="https://web-1/", ca=ca)
