"""What a metric tells: asked of a real Prometheus, and of servers that answer nothing of use."""

import gzip
import json
import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from builders import a_criterion
from deployplan.checks.metric_check import MetricContext, read_metric
from deployplan.checks.prometheus import MOST_BODY, Server
from deployplan.checks.reading import Answer, Figure, Observation
from deployplan.plan.model.criterion_shapes import MetricCriterion
from real_prometheus import Written, prometheus_over, require_prometheus
from unit.checks.http_site import Anywhere, Site

NOW = datetime(2026, 11, 28, 22, 30, tzinfo=UTC)
SECOND = int(NOW.timestamp())
BEGAN = NOW - timedelta(minutes=5)


def load(of: str, value: float, *, until: int = 0, after: float | None = None, **labels: str) -> Written:
    """A gauge with one value up to when the wave began, and another since; it ends `until` seconds from now."""
    named = ",".join(f'{key}="{each}"' for key, each in {"of": of, **labels}.items())

    def at(second: int) -> float | None:
        if second - SECOND > until:
            return None
        return value if after is None or second <= BEGAN.timestamp() else after

    return Written(f"load{{{named}}}", "gauge", at)


WRITTEN = [
    load("well", 0.2),
    load("high", 7),
    load("low", -3),
    load("stopped", 0.2, until=-200),
    load("nan", math.nan),
    load("infinite", math.inf),
    load("two", 0.1, path="/a"),
    load("two", 3, path="/b"),
    load("half-nan", 0.5, path="/a"),
    load("half-nan", math.nan, path="/b"),
    load("risen", 0.2, after=0.8),
    load("from-zero", 0, after=0.8),
    load("still-zero", 0),
    load("sunk", 10, after=4),
    load("new", math.nan, after=1),
    load("node", 1, instance="web-1"),
    load("node", 0.4, instance="web-2"),
    load("node", 0.6, instance="web-3"),
    load("10x0x0x1", 9),
    Written('requests_total{of="dead"}', "counter", lambda at: float(at - SECOND + 900) if at <= SECOND - 60 else None),
]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    require_prometheus()
    times = range(SECOND - 900, SECOND + 1, 15)
    with prometheus_over(tmp_path_factory.mktemp("prometheus"), WRITTEN, times) as running:
        yield running


async def ask(url: str, query: str, expect: dict[str, float], **keys: Any) -> Observation:
    values, others = keys.pop("values", {}), keys.pop("others", None)
    criterion = a_criterion(metric=query, expect=expect, **{"timeout": "60s", **keys})
    assert isinstance(criterion, MetricCriterion)
    return await read_metric(criterion, MetricContext(Server(url), values, began=BEGAN, others=others), NOW)


@pytest.mark.parametrize(
    ("of", "expect", "answer", "observed"),
    [
        ("well", {"max": 1}, Answer.PASS, '0.2 of load{of="well"}, at most 1'),
        ("high", {"max": 1}, Answer.FAIL, '7 of load{of="high"}, expected at most 1'),
        ("low", {"min": 0}, Answer.FAIL, '-3 of load{of="low"}, expected at least 0'),
        ("low", {"min": -5, "max": 0}, Answer.PASS, '-3 of load{of="low"}, at least -5 and at most 0'),
        ("nan", {"max": 1}, Answer.UNKNOWN, 'NaN of load{of="nan"} is no number'),
        ("infinite", {"max": 1}, Answer.UNKNOWN, '+Inf of load{of="infinite"} is no number'),
        ("nowhere", {"max": 1}, Answer.UNKNOWN, "the query answers with no series"),
        ("stopped", {"max": 1}, Answer.UNKNOWN, 'the last sample of load{of="stopped"} is 3m30s old; 2m is allowed'),
        ("two", {"max": 1}, Answer.FAIL, '3 of load{of="two", path="/b"}, expected at most 1; the worst of 2 series'),
        (
            "half-nan",
            {"max": 1},
            Answer.UNKNOWN,
            'NaN of load{of="half-nan", path="/b"} is no number; the worst of 2 series',
        ),
    ],
)
async def test_every_series_must_be_within_the_bounds_and_the_worst_is_shown(
    url: str, of: str, expect: dict[str, float], answer: Answer, observed: str
) -> None:
    told = await ask(url, f'load{{of="{of}"}}', expect)
    assert (told.answer, told.observed) == (answer, observed)


async def test_the_number_and_its_bounds_are_kept_as_numbers(url: str) -> None:
    assert (await ask(url, 'load{of="two"}', {"max": 1})).figure == Figure(3, None, 1)


@pytest.mark.parametrize(
    ("of", "expect", "answer", "observed"),
    [
        ("risen", {"ratio_max": 1.5}, Answer.FAIL, '0.8 of load{of="risen"}, expected at most 0.3 (0.2 before)'),
        ("risen", {"ratio_max": 5}, Answer.PASS, '0.8 of load{of="risen"}, at most 1 (0.2 before)'),
        ("risen", {"delta_max": 0.5}, Answer.FAIL, '0.8 of load{of="risen"}, expected at most 0.7 (0.2 before)'),
        ("sunk", {"ratio_min": 0.5}, Answer.FAIL, '4 of load{of="sunk"}, expected at least 5 (10 before)'),
        ("sunk", {"delta_min": -7}, Answer.PASS, '4 of load{of="sunk"}, at least 3 (10 before)'),
        ("still-zero", {"ratio_max": 1.5}, Answer.PASS, '0 of load{of="still-zero"}, as before (0 before)'),
        ("from-zero", {"ratio_max": 1.5}, Answer.UNKNOWN, "no ratio to 0 (0 before); expect a delta, too"),
        ("from-zero", {"ratio_max": 1.5, "delta_max": 1}, Answer.PASS, "0.8"),
        ("from-zero", {"ratio_max": 1.5, "delta_max": 0.1}, Answer.FAIL, "0.8"),
        ("from-zero", {"ratio_max": 1.5, "max": 0.5}, Answer.FAIL, "0.8"),
        ("low", {"ratio_max": 1.5}, Answer.UNKNOWN, "a ratio to -3 makes no sense; expect a delta"),
        ("new", {"ratio_max": 1.5}, Answer.UNKNOWN, 'there was no number of load{of="new"} when the wave began'),
    ],
)
async def test_a_value_is_compared_with_what_the_same_query_said_when_the_wave_began(
    url: str, of: str, expect: dict[str, float], answer: Answer, observed: str
) -> None:
    told = await ask(url, f'load{{of="{of}"}}', expect, compare="before")
    assert told.answer is answer, told
    assert observed in told.observed


OTHERS = {name: {"name": name} for name in ("web-2", "web-3")}
NODE = 'load{of="node", instance="{name}"}'


@pytest.mark.parametrize(
    ("query", "expect", "others", "answer", "observed"),
    [
        (NODE, {"ratio_max": 3}, OTHERS, Answer.PASS, "at most 1.5 (0.5 on 2 others)"),
        (NODE, {"ratio_max": 1.5}, OTHERS, Answer.FAIL, "expected at most 0.75 (0.5 on 2 others)"),
        (NODE, {"ratio_max": 3}, {}, Answer.UNKNOWN, "no node is left that does not have the release"),
        (NODE, {"ratio_max": 3}, {"web-9": {"name": "web-9"}}, Answer.UNKNOWN, "none of the 1 nodes"),
        ('load{of=~"two|{name}"}', {"ratio_max": 3}, OTHERS, Answer.UNKNOWN, "answers with 2 series"),
    ],
)
async def test_a_node_is_compared_with_the_median_of_those_that_do_not_have_the_release(
    url: str, query: str, expect: dict[str, float], others: Any, answer: Answer, observed: str
) -> None:
    told = await ask(url, query, expect, compare="others", values={"name": "web-1"}, others=others)
    assert told.answer is answer, told
    assert observed in told.observed


async def test_every_value_of_the_time_that_it_looks_back_must_hold(url: str) -> None:
    assert (await ask(url, 'load{of="sunk"}', {"max": 5})).answer is Answer.PASS
    back = await ask(url, 'load{of="sunk"}', {"max": 5}, over="10m", every="15s")
    assert (back.answer, back.observed) == (Answer.FAIL, '10 of load{of="sunk"}, expected at most 5')


async def test_of_the_time_that_it_looks_back_no_value_may_be_missing_unless_so_many_are_enough(url: str) -> None:
    missing = await ask(url, 'load{of="new"}', {"max": 5}, over="8m")
    assert (missing.answer, missing.observed) == (Answer.UNKNOWN, 'NaN of load{of="new"} is no number')
    enough = await ask(url, 'load{of="new"}', {"max": 5}, over="8m", min_samples=20)
    assert enough.answer is Answer.PASS, enough
    few = await ask(url, 'load{of="new"}', {"max": 5}, over="8m", min_samples=40)
    assert (few.answer, few.observed) == (Answer.UNKNOWN, '29 values of load{of="new"}; 40 are wanted')


async def test_no_more_than_sixty_values_are_asked(url: str) -> None:
    assert (await ask(url, 'load{of="well"}', {"max": 5}, over="15m", every="1s", min_samples=61)).observed == (
        '57 values of load{of="well"}; 61 are wanted'
    )


@pytest.mark.parametrize(("wanted", "answer"), [(1, Answer.PASS), (2, Answer.UNKNOWN)])
async def test_an_answer_that_stands_on_too_few_samples_is_unknown(url: str, wanted: int, answer: Answer) -> None:
    query = 'load{of="well"}'
    told = await ask(url, query, {"max": 1}, samples=f"count({query})", min_samples=wanted)
    assert told.answer is answer, told


async def test_a_rate_of_a_target_that_is_gone_is_unknown_though_its_samples_are_still_within_its_time(
    url: str,
) -> None:
    rate = 'rate(requests_total{of="dead"}[10m])'
    fresh = await ask(url, rate, {"max": 5})
    assert fresh.answer is Answer.PASS, fresh  # a minute is no age
    old = await ask(url, rate, {"max": 5}, stale_after="30s")
    assert (old.answer, old.observed) == (
        Answer.UNKNOWN,
        'the last sample of requests_total{of="dead"} is 1m old; 30s is allowed',
    )


async def test_a_default_hides_no_target_that_is_gone_unless_the_plan_says_that_it_may_be(url: str) -> None:
    hidden = 'sum(load{of="nowhere"}) or vector(0)'
    told = await ask(url, hidden, {"max": 1})
    assert (told.answer, told.observed) == (
        Answer.UNKNOWN,
        'nothing that the query names has a sample: load{of="nowhere"}',
    )
    assert (await ask(url, hidden, {"max": 1}, stale_after="0s")).answer is Answer.PASS


@pytest.mark.parametrize("name", ['x"} or vector(0) or load{of="', "10.0.0.1", ".*", "\\", "a\nb"])
async def test_a_value_is_data_and_cannot_change_the_query(url: str, name: str) -> None:
    for query in ('load{of="{name}"}', 'load{of=~"{name}"}', "load{of='{name}'}", 'load{of!="{name}", of="nowhere"}'):
        told = await ask(url, query, {"max": 1}, values={"name": name})
        assert (told.answer, told.observed) == (Answer.UNKNOWN, "the query answers with no series"), query


@pytest.mark.parametrize(
    ("query", "observed"),
    [
        ('load{of="well"}[5m]', "the query answers with a matrix; a vector is wanted, one number a series"),
        ("load{of=", "status 400: invalid parameter"),
        ("load{of='{nobody}'}", "nothing stands for {nobody} there"),
    ],
)
async def test_what_cannot_be_asked_is_unknown_and_says_why(url: str, query: str, observed: str) -> None:
    told = await ask(url, query, {"max": 1}, values={"name": "web-1"})
    assert told.answer is Answer.UNKNOWN
    assert observed in told.observed, told


# --- servers that answer nothing of use

VECTOR = {"resultType": "vector", "result": [{"metric": {}, "value": [SECOND, "0.2"]}]}


def says(site: Site, body: object, status: int = 200) -> str:
    text = body if isinstance(body, str) else json.dumps(body)
    site.pages = Anywhere(text.encode(), status)
    return site.url("")


@pytest.mark.parametrize(
    ("body", "status", "observed"),
    [
        ({"status": "success", "data": VECTOR, "warnings": ["store-2 is away"]}, 200, "the answer is not whole"),
        ({"status": "error", "error": "too many samples"}, 422, "status 422: too many samples"),
        ({"status": "error", "error": "strange"}, 200, "status 200: strange"),
        ("<html>no</html>", 503, "status 503, and no JSON: '<html>no</html>'"),
        ("", 302, "status 302, and no JSON"),
        ({"status": "success", "data": VECTOR}, 401, "status 401: no success"),
        ({"status": "success"}, 200, "the answer is none of Prometheus'"),
        (
            {"status": "success", "data": {"resultType": "vector", "result": [{"metric": 1}]}},
            200,
            "is none of Prometheus'",
        ),
        ({"status": "success", "data": {"resultType": "string", "result": [0, "x"]}}, 200, "answers with a string"),
        ([], 200, "status 200: no success"),
        ("[" * 100_000, 200, "no JSON"),
        ({"status": "success", "data": {"resultType": "vector", "result": [VECTOR] * 1001}}, 200, "1001 series"),
    ],
)
async def test_what_a_server_says_besides_numbers_is_unknown(
    site: Site, body: object, status: int, observed: str
) -> None:
    told = await ask(says(site, body, status), "up", {"max": 1})
    assert told.answer is Answer.UNKNOWN
    assert observed in told.observed


async def test_an_answer_without_end_is_read_no_further_than_it_may_be_long(site: Site) -> None:
    sent = []

    def respond(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        for _ in range(2000):
            request.wfile.write(b" " * 65536)
            sent.append(65536)

    site.pages = Anywhere(respond)
    told = await ask(site.url(""), "up", {"max": 1})
    assert (told.answer, told.observed) == (
        Answer.UNKNOWN,
        f"the answer is longer than {MOST_BODY} bytes; have the query aggregate",
    )
    assert sum(sent) < 64 * MOST_BODY


async def test_a_trickle_ends_with_the_time_of_the_reading(site: Site) -> None:
    def respond(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        while not site.released.wait(0.05):
            request.wfile.write(b" ")
            request.wfile.flush()

    site.pages = Anywhere(respond)
    told = await ask(site.url(""), "up", {"max": 1}, timeout="1s")
    assert (told.answer, told.observed) == (Answer.UNKNOWN, f"{site.url('')} gave no answer within 1s")


async def test_a_server_that_is_not_there_is_unknown() -> None:
    told = await ask("http://127.0.0.1:1", "up", {"max": 1})
    assert told.answer is Answer.UNKNOWN
    assert told.observed.startswith("http://127.0.0.1:1 gave no answer: ")


@pytest.mark.parametrize(
    ("login", "password", "header"),
    [("tom", "word", "Basic dG9tOndvcmQ="), (None, "token", "Bearer token"), ("tom", None, None), (None, None, None)],
)
async def test_a_login_goes_along_as_basic_authentication_and_a_password_alone_as_bearer_token(
    site: Site, login: str | None, password: str | None, header: str | None
) -> None:
    url = says(site, {"status": "success", "data": VECTOR})
    criterion = a_criterion(metric="up", expect={"max": 1}, stale_after="0s", timeout="60s")
    assert isinstance(criterion, MetricCriterion)
    context = MetricContext(Server(url, login=login, password=password), {})
    told = await read_metric(criterion, context, NOW)
    assert (told.answer, told.observed) == (Answer.PASS, "0.2, at most 1")
    assert site.headers[0].get("Authorization") == header
    assert "word" not in repr(context)


@pytest.mark.parametrize("login", ["tom", None])
@pytest.mark.parametrize(
    "echo",
    [
        lambda header: f"<pre>you sent {header}</pre>",
        lambda header: json.dumps({"status": "error", "error": f"{'x' * 180} not for {header}"}),
        lambda header: json.dumps({"status": "success", "data": VECTOR, "warnings": [header]}),
        lambda header: json.dumps(
            {"status": "success", "data": {"resultType": "scalar", "result": [1, header.rpartition(" ")[2]]}}
        ),
    ],
)
async def test_a_proxy_that_echoes_the_authorization_brings_it_into_no_evidence(
    site: Site, login: str | None, echo: Callable[[str], str]
) -> None:
    server = Server(site.url(""), login=login, password="s3cret-tok3n-of-the-metrics")
    header = server.headers()["Authorization"]
    says(site, echo(header), 407 if echo(header).startswith("<") else 200)
    criterion = a_criterion(metric="up", expect={"max": 1}, timeout="60s")
    assert isinstance(criterion, MetricCriterion)
    told = await read_metric(criterion, MetricContext(server, {}), NOW)
    assert told.answer is Answer.UNKNOWN
    assert header.rpartition(" ")[2][:8] not in told.observed
    assert "s3cret" not in told.observed


async def test_an_answer_that_is_packed_although_it_was_asked_for_as_it_is_is_unknown(site: Site) -> None:
    site.pages = Anywhere(_packed)
    told = await ask(site.url(""), "up", {"max": 1})
    assert (told.answer, "the answer is packed (Content-Encoding: 'gzip')" in told.observed) == (Answer.UNKNOWN, True)


def _packed(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Encoding", "gzip")
    request.end_headers()
    request.wfile.write(gzip.compress(b" " * 1_000_000))


async def test_a_password_that_cannot_be_sent_is_not_told(site: Site) -> None:
    criterion = a_criterion(metric="up", expect={"max": 1})
    assert isinstance(criterion, MetricCriterion)
    told = await read_metric(criterion, MetricContext(Server(site.url(""), password="a\nsecret"), {}), NOW)
    assert told.answer is Answer.UNKNOWN
    assert "secret" not in told.observed
