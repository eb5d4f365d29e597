"""Ask a server that speaks Prometheus' API: series of numbers at an instant or over a time, or why there are none."""

from __future__ import annotations

import asyncio
import json
import math
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from deployplan.checks.reading import clip
from deployplan.checks.tls import tls_of
from deployplan.errors import DeployPlanError
from deployplan.http_body import PackedAnswer, read_raw_body
from deployplan.plan.text.scalars import spell_duration
from deployplan.remote.masking import Masks

if TYPE_CHECKING:
    import httpx

MOST_BODY = 4 * 1024 * 1024
"""Bytes of an answer that are read: a thousand series with sixty values each are a quarter of that."""
MOST_SERIES = 1000


class NoMetrics(DeployPlanError):
    """The server gave no answer that can be judged; the message says why."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where metrics are asked: the address before `/api/v1/query`, who signs its certificate, who logs in."""

    url: str
    ca: str | None = None
    login: str | None = None
    password: str | None = field(default=None, repr=False)

    def headers(self) -> Mapping[str, str]:
        """The header that logs in: a login and its password, or a password alone as bearer token."""
        if self.password is None:
            return {}
        if self.login:
            return {"Authorization": f"Basic {b64encode(f'{self.login}:{self.password}'.encode()).decode()}"}
        return {"Authorization": f"Bearer {self.password}"}

    def masks(self) -> Masks:
        """What hides the password and the header that holds it in whatever is told: a proxy may echo what it gets."""
        header = self.headers().get("Authorization", "").partition(" ")[2]
        return Masks(each for each in (self.password, header) if each)


@dataclass(frozen=True, slots=True)
class TimeSeries:
    """One series of an answer: its labels, and its values by time in seconds since 1970, in order."""

    labels: tuple[tuple[str, str], ...]
    points: tuple[tuple[float, float], ...]

    @property
    def name(self) -> str:
        """What tells it from the others, as PromQL has it; nothing for one without labels."""
        name = dict(self.labels).get("__name__", "")
        rest = ", ".join(f'{key}="{value}"' for key, value in self.labels if key != "__name__")
        return clip(f"{name}{{{rest}}}" if rest else name)


@dataclass(frozen=True, slots=True)
class Prometheus:
    """A conversation with a server; it has as long as the reading that it is for."""

    server: Server
    client: httpx.AsyncClient
    within: timedelta

    async def at(self, query: str, when: datetime) -> tuple[TimeSeries, ...]:
        """Return what a query comes to at an instant. Raises NoMetrics."""
        return await self._ask("query", ("vector", "scalar"), query=query, time=_stamp(when))

    async def over(self, query: str, began: datetime, ended: datetime, step: timedelta) -> tuple[TimeSeries, ...]:
        """Return what a query comes to over a time, a value each `step`. Raises NoMetrics."""
        times = {"start": _stamp(began), "end": _stamp(ended), "step": f"{step.total_seconds():g}"}
        return await self._ask("query_range", ("matrix",), query=query, **times)

    async def _ask(self, path: str, kinds: tuple[str, ...], **words: str) -> tuple[TimeSeries, ...]:
        params = {**words, "timeout": f"{max(1, math.ceil(self.within.total_seconds()))}s"}
        async with self.client.stream("GET", f"{self.server.url}/api/v1/{path}", params=params) as response:
            body, complete = await read_raw_body(response, MOST_BODY)
            if not complete:
                raise NoMetrics(f"the answer is longer than {MOST_BODY} bytes; have the query aggregate")
            return read_answer(response.status_code, body, kinds, self.server.masks())


@asynccontextmanager
async def asking(server: Server, within: timedelta) -> AsyncIterator[Prometheus]:
    """Hold a conversation with the server, for at most so long; no proxy, no redirects.

    Raises NoMetrics for whatever goes wrong on the way.
    """
    import httpx

    seconds, masks = within.total_seconds(), server.masks()
    try:
        async with (
            asyncio.timeout(seconds),
            httpx.AsyncClient(
                trust_env=False,
                follow_redirects=False,
                timeout=seconds,
                verify=tls_of(server.ca),
                headers={**server.headers(), "Accept-Encoding": "identity"},
            ) as client,
        ):
            yield Prometheus(server, client, within)
    except (TimeoutError, httpx.TimeoutException):
        raise NoMetrics(f"{server.url} gave no answer within {spell_duration(within)}") from None
    except (httpx.LocalProtocolError, UnicodeError):  # its words would tell the password
        raise NoMetrics(f"{server.url} was not asked: its password cannot stand in a header") from None
    except PackedAnswer as packed:
        raise NoMetrics(f"{server.url}: {packed}") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NoMetrics(f"{server.url} gave no answer: {masks(str(error)) or type(error).__name__}") from None


def read_answer(
    status: int, body: bytes, kinds: tuple[str, ...], masks: Callable[[str], str] = str
) -> tuple[TimeSeries, ...]:
    """Return the series of an answer, which is of one of the kinds; `masks` replaces what must not be told of it.

    Raises NoMetrics for an error, for warnings, and for what is no series.
    """

    def told(what: object, most: int = 200) -> str:
        return clip(masks(str(what)), most)  # masked before it is cut: half a secret would not be found

    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise NoMetrics(f"status {status}, and no JSON: {told(body[:4096].decode('utf-8', 'replace'), 80)!r}") from None
    if not isinstance(answer, dict) or status != 200 or answer.get("status") != "success":
        said = answer.get("error") if isinstance(answer, dict) else None
        raise NoMetrics(f"status {status}: {told(said or 'no success')}")
    if answer.get("warnings"):
        raise NoMetrics(f"the answer is not whole: {told(answer['warnings'])}")
    try:
        return _series_of(answer["data"], kinds)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NoMetrics(f"the answer is none of Prometheus': {type(error).__name__}: {told(error)}") from None


def _series_of(data: dict[str, Any], kinds: tuple[str, ...]) -> tuple[TimeSeries, ...]:
    kind, result = data["resultType"], data["result"]
    if kind not in kinds:
        raise NoMetrics(f"the query answers with a {kind}; a {kinds[0]} is wanted, one number a series")
    if kind == "scalar":
        return (TimeSeries((), (_point(result),)),)
    if len(result) > MOST_SERIES:
        raise NoMetrics(
            f"the query answers with {len(result)} series; at most {MOST_SERIES} are judged, aggregate them"
        )
    if kind == "vector":
        return tuple(TimeSeries(_labels(each["metric"]), (_point(each["value"]),)) for each in result)
    return tuple(TimeSeries(_labels(each["metric"]), tuple(map(_point, each["values"]))) for each in result)


def _labels(metric: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((str(key), str(value)) for key, value in metric.items()))


def _point(pair: Any) -> tuple[float, float]:
    when, value = pair
    return float(when), float(value)


def _stamp(when: datetime) -> str:
    return f"{when.timestamp():.3f}"
