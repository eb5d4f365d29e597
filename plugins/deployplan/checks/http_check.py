"""Does a URL answer as expected?"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from deployplan.checks.addresses import OutOfReach, addresses_of
from deployplan.checks.json_subset import differences, find_parts
from deployplan.checks.reading import Observation, as_fail, as_pass, as_unknown
from deployplan.checks.tls import tls_of
from deployplan.http_body import PackedAnswer, read_raw_body
from deployplan.plan.model.criterion_shapes import HttpExpect
from deployplan.plan.model.reach import Reach
from deployplan.plan.text.pattern import compile_pattern

if TYPE_CHECKING:
    import httpx

_PORTS = {"http": 80, "https": 443}
MOST_BODY = 1024 * 1024
"""Bytes of an answer that are read; health pages are small, and a wrong URL may be a download."""

MOST_SHOWN = 200
"""Characters of a header that are told."""


async def read_url(
    url: str,
    expect: HttpExpect,
    timeout: timedelta,
    reach: Reach,
    *,
    headers: Mapping[str, str] | None = None,
    ca: str | None = None,
    host: str | None = None,
) -> Observation:
    """Read `url` once with GET: no proxy, no redirects, at most 1 MiB; never raises for what the other side does.

    The name is looked up here, and only addresses that `reach` allows are asked: a name that leads elsewhere by the
    next look-up leads nowhere. What may not be read is unknown. `host` is asked for there instead of the URL's own,
    and must be a name in `reach` where the URL's own host may be read only because it is one.
    Nothing listens, or the certificate is not valid: fail. No name, no route, no answer in time: unknown.
    """
    import httpx  # half a second to import, and DAG parsing comes past this room

    seconds = timeout.total_seconds()
    try:
        async with asyncio.timeout(seconds):  # httpx counts each operation on its own; a trickle would never end
            return await _read_first(url, _Asking(expect, seconds, dict(headers or {}), ca, host), reach)
    except (TimeoutError, httpx.TimeoutException):
        return as_unknown(f"no answer within {seconds:g} s")
    except (OutOfReach, PackedAnswer) as refused:
        return as_unknown(str(refused))
    except socket.gaierror as error:
        return as_unknown(f"the name is not known: {error}")
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError) as error:
        return as_unknown(f"{url!r} is not a URL to read: {error}")
    except httpx.HTTPError as error:
        return _trouble(error)


@dataclass(frozen=True, slots=True)
class _Asking:
    """What a reading asks with, and what it wants to see."""

    expect: HttpExpect
    seconds: float
    headers: Mapping[str, str]
    ca: str | None
    host: str | None


async def _read_first(url: str, asking: _Asking, reach: Reach) -> Observation:
    """Read from the first address of the host that takes the connection."""
    import httpx

    target = httpx.URL(url)
    if target.scheme not in _PORTS:
        raise httpx.UnsupportedProtocol("it begins with neither http:// nor https://")
    if not target.host:
        raise httpx.InvalidURL("it names no host")
    port = target.port or _PORTS[target.scheme]
    *others, last = await addresses_of(target.raw_host.decode("ascii"), port, reach, asking.host)
    for address in others:
        try:
            return await _read(target, address, asking)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            continue
    return await _read(target, last, asking)


async def _read(target: httpx.URL, address: str, asking: _Asking) -> Observation:
    import httpx

    expect = asking.expect
    # What is read is not unpacked; whose answer it is, is the URL's to say, or `host`'s.
    stated = {name: value for name, value in asking.headers.items() if name.lower() not in ("accept-encoding", "host")}
    headers = {**stated, "Accept-Encoding": "identity", "Host": asking.host or target.netloc.decode("ascii")}
    name = (asking.host or "").partition(":")[0] or target.raw_host.decode("ascii").strip("[]")
    # trust_env: a proxy from the environment would answer in production's place.
    async with (
        httpx.AsyncClient(
            trust_env=False, follow_redirects=False, timeout=asking.seconds, verify=tls_of(asking.ca)
        ) as client,
        client.stream(
            "GET", target.copy_with(host=address), headers=headers, extensions={"sni_hostname": name}
        ) as response,
    ):
        if not is_status(response.status_code, expect.status):
            return as_fail(_wrong_status(response, expect.status))
        if wrong := list(_wrong_headers(response.headers, expect.headers)):
            return as_fail(", ".join(wrong))
        seen = [f"status {response.status_code}", *(f"{name} {value!r}" for name, value in expect.headers.items())]
        if expect.json_ is None and expect.contains is None and expect.matches is None:
            return as_pass(", ".join(seen))
        body, complete = await read_raw_body(response, MOST_BODY)
        return judge_body(body, complete, expect, response.charset_encoding or "utf-8", seen)


def judge_body(
    body: bytes, complete: bool, expect: HttpExpect, charset: str = "utf-8", right: Sequence[str] = ("status 200",)
) -> Observation:
    """Judge the body of an answer of which everything else was `right`."""
    seen = [*right]
    for found, verb, what in _wanted_texts(_decoded(body, charset), expect):
        if not found:
            where = "the body" if complete else f"the first {MOST_BODY} bytes of the body"
            answer = as_fail if complete else as_unknown
            return answer(f"{where} does not {verb} {what!r}")
        seen.append(f"{verb}{'es' if verb == 'match' else 's'} {what!r}")
    if expect.json_ is None:
        return as_pass(", ".join(seen))
    if not complete:
        return as_unknown(f"the body is longer than {MOST_BODY} bytes, so its JSON was not read")
    try:
        actual = json.loads(body)
    except (ValueError, RecursionError):
        return as_fail(f"the body is not JSON: {_decoded(body, charset)[:80]!r}")
    wrong = list(differences(expect.json_, actual))
    return as_fail(", ".join(wrong)) if wrong else as_pass(", ".join([*seen, *find_parts(expect.json_, actual)]))


def _wanted_texts(text: str, expect: HttpExpect) -> Iterator[tuple[bool, str, str]]:
    """Whether a body has each text that it should have: contain one, or match a pattern in one of its lines."""
    if expect.contains is not None:
        yield expect.contains in text, "contain", expect.contains
    if expect.matches is not None:
        yield compile_pattern(expect.matches).search(text) is not None, "match", expect.matches


def is_status(code: int, expected: int | str) -> bool:
    """Whether a code is the one that is expected, or of the class: 204 is a `2xx`."""
    return code == expected if isinstance(expected, int) else str(code)[0] == expected[0]


def _wrong_status(response: httpx.Response, expected: int | str) -> str:
    target = response.headers.get("location")
    to = f" to {target}" if response.is_redirect and target else ""
    return f"status {response.status_code}{to}, expected {expected}"


def _wrong_headers(headers: Mapping[str, str], expected: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with the headers of an answer; a value may go on behind a `;`, as a content type does."""
    for name, value in expected.items():
        found = headers.get(name)
        if found is None:
            yield f"the answer has no header {name}, expected {value!r}"
        elif value not in (found, found.partition(";")[0].strip()):
            yield f"header {name} is {found[:MOST_SHOWN]!r}, expected {value!r}"


def _decoded(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset, "replace")
    except LookupError:
        return body.decode("utf-8", "replace")


def _trouble(error: Exception) -> Observation:
    causes = list(_causes(error))
    text = str(error) or type(error).__name__
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return as_fail(f"TLS: {text}")
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return as_unknown(f"the name is not known: {text}")
    attempts = [cause for cause in causes if isinstance(cause, OSError) and cause.errno is not None]
    if attempts and all(isinstance(cause, ConnectionRefusedError) for cause in attempts):
        return as_fail("nothing listens there (connection refused)")
    return as_unknown(f"no answer: {text}")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and all that led to it; a name with several addresses gives a group of errors."""
    waiting, seen = [error], set[int]()
    while waiting:
        cause = waiting.pop()
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [each for each in (cause.__cause__, cause.__context__) if each is not None]
        if isinstance(cause, BaseExceptionGroup):
            waiting += cause.exceptions
