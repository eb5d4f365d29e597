"""Who has acknowledged at PagerDuty or Opsgenie, asked of a server that speaks their documented API."""

import gzip
import json
from typing import Any

import pytest

from deployplan.comms.channel import SendError
from deployplan.comms.notifier_channel import NotifierChannel, notifier_of
from deployplan.comms.pager_desk import MOST_BODY, PagerDesk, desk_of
from notifier_server import a_service
from unit.checks.http_site import Site, serving

KEY = "r3ad-only-key"
MESSAGE = "0a1b2c3d" * 4
PAGERDUTY = "airflow.providers.pagerduty.notifications.pagerduty.PagerdutyNotifier"
OPSGENIE = "airflow.providers.opsgenie.notifications.opsgenie.OpsgenieNotifier"
USER, SERVICE = {"type": "user_reference", "summary": "Olga Petrova"}, {"type": "service_reference", "summary": "ops"}


def incident(status: str, **more: Any) -> dict[str, Any]:
    return {"incidents": [{"id": "Q1", "type": "incident", "status": status, **more}]}


def alert(status: str = "open", *, acknowledged: bool = False, **report: str) -> dict[str, Any]:
    return {"data": {"status": status, "acknowledged": acknowledged, "owner": "", "report": report}}


ANSWERS: list[tuple[str, Any, str | None]] = [
    ("pagerduty", {"incidents": []}, None),
    ("pagerduty", incident("triggered", acknowledgements=[]), None),
    ("pagerduty", incident("acknowledged", acknowledgements=[{"acknowledger": USER}]), "Olga Petrova"),
    ("pagerduty", incident("acknowledged", acknowledgements=[{"acknowledger": SERVICE}]), None),
    ("pagerduty", incident("resolved", last_status_change_by=USER), "Olga Petrova"),
    ("pagerduty", incident("resolved", last_status_change_by=SERVICE), None),
    ("opsgenie", alert(), None),
    ("opsgenie", alert(acknowledged=True, acknowledgedBy="olga@acme.example"), "olga@acme.example"),
    ("opsgenie", alert(acknowledged=True, acknowledgedBy="Auto policy"), None),
    ("opsgenie", alert("closed", closedBy="olga@acme.example"), "olga@acme.example"),
    ("opsgenie", alert("closed", closedBy="System"), None),
]


@pytest.mark.parametrize(("service", "answer", "who"), ANSWERS)
async def test_a_person_who_acknowledged_is_named_and_what_happens_by_itself_is_nobody(
    service: str, answer: Any, who: str | None
) -> None:
    with a_service(answer=answer) as pager:
        assert await PagerDesk(service, pager.url, KEY).acknowledged_by(MESSAGE) == who
    method, path, headers, _ = pager.asked[0]
    assert method == "GET"
    if service == "pagerduty":
        assert path == f"/incidents?incident_key={MESSAGE}"
        assert headers["Authorization"] == f"Token token={KEY}"
        assert headers["Accept"] == "application/vnd.pagerduty+json;version=2"
    else:
        assert path == f"/v2/alerts/{MESSAGE}?identifierType=alias"
        assert headers["Authorization"] == f"GenieKey {KEY}"


@pytest.mark.parametrize("service", ["pagerduty", "opsgenie"])
@pytest.mark.parametrize(
    ("status", "answer", "why"),
    [(401, {}, "status 401"), (500, {}, "status 500"), (200, ["other"], "other words"), (200, {}, "other words")],
)
async def test_a_pager_that_does_not_say_is_told_without_its_key_and_counts_for_nothing(
    service: str, status: int, answer: Any, why: str
) -> None:
    told = f"{service} does not say who acknowledged: .*{why}"
    with a_service(status=status, answer=answer) as pager, pytest.raises(SendError, match=told) as caught:
        await PagerDesk(service, pager.url, KEY).acknowledged_by(MESSAGE)
    assert KEY not in str(caught.value)


async def test_a_pager_that_knows_nothing_of_the_call_yet_or_is_away() -> None:
    with a_service(status=404) as pager:
        assert await PagerDesk("opsgenie", pager.url, KEY).acknowledged_by(MESSAGE) is None
    with pytest.raises(SendError, match="pagerduty does not say who acknowledged: ConnectError"):
        await PagerDesk("pagerduty", "http://127.0.0.1:1", KEY).acknowledged_by(MESSAGE)


async def test_a_pagers_answer_that_is_packed_or_without_end_is_not_read_on() -> None:
    """A few kilobytes can unpack to gigabytes, in the process that serves everybody."""
    packed = gzip.compress(json.dumps(incident("acknowledged", acknowledgements=[{"acknowledger": USER}])).encode())
    with serving(Site()) as site:
        desk, path = PagerDesk("pagerduty", site.url(""), KEY), f"/incidents?incident_key={MESSAGE}"
        site.says(packed, path=path, Content_Encoding="gzip")
        with pytest.raises(SendError, match="the answer is packed"):
            await desk.acknowledged_by(MESSAGE)
        site.says(b" " * (MOST_BODY + 1), path=path)
        with pytest.raises(SendError, match=f"more than {MOST_BODY} bytes"):
            await desk.acknowledged_by(MESSAGE)
    assert {each["Accept-Encoding"] for each in site.headers} == {"identity"}


@pytest.mark.parametrize("address", ["http://192.0.2.1", "http://pager.example:8080", "ftp://127.0.0.1"])
async def test_a_pagers_key_is_sent_to_nobody_in_the_clear(address: str) -> None:
    with pytest.raises(SendError, match="where its key could be read on the way") as caught:
        await PagerDesk("opsgenie", address, KEY).acknowledged_by(MESSAGE)
    assert KEY not in str(caught.value)


async def test_a_pager_on_this_machine_is_asked_without_the_proxy_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with a_service() as proxy, a_service(answer={"incidents": []}) as pager:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        assert await PagerDesk("pagerduty", pager.url, KEY).acknowledged_by(MESSAGE) is None
    assert (len(proxy.asked), len(pager.asked)) == (0, 1)


class Kept:
    """A notifier's connection as operations keep it."""

    schema = login = port = None

    def __init__(self, notifier: str, *, host: str | None = None, password: str | None = None) -> None:
        self.host, self.password = host, password
        self.extra_dejson: dict[str, Any] = {"notifier": notifier}


def test_only_a_pager_with_a_key_that_operations_gave_is_asked() -> None:
    assert desk_of("pagerduty", Kept(PAGERDUTY)) is None
    assert desk_of("slack", Kept("x", password=KEY)) is None
    assert desk_of("pagerduty", Kept(PAGERDUTY, password=KEY)) == PagerDesk(
        "pagerduty", "https://api.pagerduty.com", KEY
    )
    eu = desk_of("opsgenie", Kept(OPSGENIE, host="api.eu.opsgenie.com", password=KEY))
    assert eu == PagerDesk("opsgenie", "https://api.eu.opsgenie.com", KEY)
    channel = NotifierChannel.of({"pd": Kept(PAGERDUTY, password=KEY), "og": Kept(OPSGENIE)})
    assert channel.pagers == {"pd"}
    assert KEY not in repr(notifier_of(Kept(PAGERDUTY, password=KEY)))
