"""Our own routes in the API server: who is let in, what they may do, what it leaves behind; in the real application.

The users are those of Airflow's own auth manager, with tokens that it made.
"""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deployplan.airflow_glue.context import ledger_of
from deployplan.airflow_glue.server import api_door
from deployplan.airflow_glue.server.api_door import ApiDoor
from deployplan.airflow_glue.settings import settings
from deployplan.evidence.hold import HoldSwitch
from signed_in import as_user, login_token

pytestmark = pytest.mark.airflow

PLAN, RUN = "shop-2", "manual__2026-11-28T21:00:00+00:00"
HOLD, RESUME = "/deployplan/api/v1/hold", "/deployplan/api/v1/resume"
WHY = {"reason": "network works, INC0815"}


@pytest.fixture
def api(airflow_api: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The client, beside a record store in which a run has begun."""
    key = tmp_path / "signing.key"
    key.write_bytes(b"k" * 32)
    monkeypatch.setenv("DEPLOYPLAN_RECORDS", str(tmp_path / "records"))
    monkeypatch.setenv("DEPLOYPLAN_SIGNING_KEY_FILE", str(key))
    settings.cache_clear()
    ledger_of(PLAN, RUN).record("plan_frozen", plan=PLAN, run=RUN, digest="d" * 64)
    settings().record_store().open_run(PLAN, RUN, "d" * 64)
    airflow_api.cookies.clear()
    yield airflow_api
    settings.cache_clear()


def is_held() -> bool:
    return HoldSwitch(settings().records).state() is not None


def every_route() -> list[tuple[str, str]]:
    from deployplan.airflow_glue.server.api.app import make_app

    found = [
        (verb, re.sub(r"\{(\w+)(:\w+)?\}", lambda part: {"plan": PLAN, "run_id": RUN}.get(part[1], "x"), route.path))
        for route in make_app().routes
        for verb in sorted(getattr(route, "methods", ()))
    ]
    assert found
    return [*found, ("GET", "/api/v1/no-such-thing"), ("POST", "/api/v1/hold/x"), ("DELETE", "/api/v1/hold")]


def test_nobody_is_let_in_on_any_route_who_is_not_logged_in(api: Any) -> None:
    for verb, path in every_route():
        answers = [
            api.request(verb, f"/deployplan{path}", headers=headers, content=body)
            for headers in ({}, {"Authorization": "Basic bWlhOm1pYQ=="}, {"Authorization": "Bearer"})
            for body in (None, b"{", b'{"reason": "x"}')
        ]
        assert {each.status_code for each in answers} == {401}, (verb, path)
        forged = api.request(verb, f"/deployplan{path}", headers={"Authorization": "Bearer e30.e30.x"})
        assert forged.status_code in (401, 403)
    assert not is_held()


def test_a_viewer_reads_and_changes_nothing(api: Any) -> None:
    vic = as_user("vic", "VIEWER")
    assert api.get(HOLD, headers=vic).json() == {
        "held": False,
        "reason": None,
        "by": None,
        "since": None,
        "changed": False,
        "sentence": "nothing is held",
    }
    for path in (HOLD, RESUME):
        refused = api.post(path, json=WHY, headers=vic)
        assert refused.status_code == 403
        assert refused.json()["detail"].startswith("vic may not hold or resume all plans")
    assert not is_held()


def test_who_holds_and_resumes_is_evidence_of_every_run_under_way(api: Any) -> None:
    held = api.post(HOLD, json={"reason": "  network works, INC0815 "}, headers=as_user("erin"))
    assert (held.status_code, held.json()["by"], held.json()["changed"]) == (200, "erin", True)
    again = api.post(HOLD, json={"reason": "me too"}, headers=as_user("mia")).json()
    assert (again["by"], again["reason"], again["changed"]) == ("erin", "network works, INC0815", False)
    assert is_held()
    assert api.post(RESUME, json={"reason": "works are over"}, headers=as_user("mia")).json()["changed"]
    assert not is_held()
    ledgers = (ledger_of(PLAN, RUN), settings().record_store().people("~"))
    for found in ledgers:
        told = [(entry.kind, entry.facts["by"], entry.facts["reason"]) for entry in found.entries()[-2:]]
        assert told == [("all_held", "erin", "network works, INC0815"), ("all_resumed", "mia", "works are over")]


@pytest.mark.parametrize(
    ("headers", "let_in"),
    [
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}, True),
        ({"Origin": "http://localhost"}, True),
        ({}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example"}, False),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:8081"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Origin": "http://localhost:8081"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://localhost.evil.example"}, False),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://evil.example"}, False),
        ({"Origin": "http://localhost", "Authorization": "Bearer "}, True),
        ({"Authorization": "Bearer "}, False),
    ],
)
def test_a_sessions_cookie_acts_for_our_own_pages_only(api: Any, headers: dict[str, str], let_in: bool) -> None:
    api.cookies.set("_token", login_token("erin"))
    answer = api.post(HOLD, json=WHY, headers=headers)
    assert answer.status_code == (200 if let_in else 403), answer.json()
    assert is_held() is let_in
    assert api.get(HOLD, headers=headers).status_code == 200  # reading changes nothing


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"reason": ""}',
        b'{"reason": "   "}',
        b'{"reason": 7}',
        b'{"reason": "a", "by": "mia"}',
        b'{"reason": "' + b"x" * 1001 + b'"}',
        b'{"reason": "' + b"x" * 100_000 + b'"}',
        b"\xff\xfe",
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(api: Any, body: bytes) -> None:
    sent = as_user("erin") | {"Content-Type": "application/json"}
    answer = api.post(HOLD, content=body, headers=sent)
    assert answer.status_code in (400, 413, 422)
    assert 0 < len(str(answer.json()["detail"])) <= 1000
    assert isinstance(answer.json()["detail"], str)
    assert not is_held()


def test_a_reason_is_kept_as_one_line_that_can_steer_no_terminal(api: Any) -> None:
    held = api.post(HOLD, json={"reason": "works\n\x1b[2J forged \u202e line"}, headers=as_user("erin")).json()
    assert held["reason"].isprintable()
    assert held["reason"].startswith("works")
    assert ledger_of(PLAN, RUN).entries()[-1].facts["reason"] == held["reason"]


def test_a_body_that_is_not_said_to_be_json_does_nothing(api: Any) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        answer = api.post(HOLD, content=b'{"reason": "x"}', headers=as_user("erin") | {"Content-Type": kind})
        assert answer.status_code == 422
    assert not is_held()


def test_the_routes_are_described_for_those_who_are_logged_in(api: Any) -> None:
    described = api.get("/deployplan/api/v1/openapi.json", headers=as_user("vic", "VIEWER")).json()
    assert "/api/v1/hold" in described["paths"]


def ask_alone(door: ApiDoor, headers: dict[str, str]) -> int:
    """The status of a request to a doorway that is mounted nowhere."""
    status = 0

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status
        status = message.get("status", status)

    sent = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": "/api/v1/hold", "query_string": b"", "headers": sent}
    asyncio.run(door(scope, receive, send))
    return status


def test_what_cannot_be_loaded_lets_nobody_in(api: Any) -> None:
    def load() -> Any:
        raise ImportError("fastapi is not what it was")

    assert ask_alone(ApiDoor(load), as_user("erin", "ADMIN")) == 503
    assert ask_alone(ApiDoor(load), {}) == 401


def test_whatever_the_auth_manager_raises_lets_nobody_in(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.api_fastapi.core_api import security

    async def broken(*_: Any) -> Any:
        raise RuntimeError("the identity provider does not answer")

    async def nobody(*_: Any) -> Any:
        return None

    for found in (broken, nobody):
        monkeypatch.setattr(security, "get_user", found)
        assert ask_alone(ApiDoor(lambda: pytest.fail("nobody may get here")), as_user("erin", "ADMIN")) == 401


def test_a_route_that_is_reached_past_the_doorway_knows_nobody(api: Any) -> None:
    from fastapi.testclient import TestClient

    from deployplan.airflow_glue.server.api.app import make_app

    with TestClient(make_app()) as client:
        for verb, path in every_route()[:-3]:
            assert client.request(verb, path, headers=as_user("erin", "ADMIN"), json=WHY).status_code == 401, path


def test_where_rights_cannot_be_asked_nothing_is_done(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.api_fastapi.app import get_auth_manager

    def broken(**_: Any) -> bool:
        raise RuntimeError("the identity provider does not answer")

    monkeypatch.setattr(get_auth_manager(), "is_authorized_dag", broken)
    assert api.post(HOLD, json=WHY, headers=as_user("erin", "ADMIN")).status_code == 403
    assert not is_held()


def test_only_what_changes_something_needs_proof_of_where_it_comes_from() -> None:
    def asked(method: str, **headers: str) -> str | None:
        sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        return api_door.foreign({"method": method, "headers": sent})

    assert asked("GET", sec_fetch_site="cross-site") is None
    assert asked("DELETE", sec_fetch_site="cross-site") == (
        "a page of another site sent this (cross-site): nothing is done"
    )
    assert asked("POST", authorization="Bearer abc", sec_fetch_site="cross-site") is None


def test_who_sees_to_a_run_stands_by_name_in_its_evidence_and_needs_the_right_to_change_it(api: Any) -> None:
    ack = f"/deployplan/api/v1/plans/{PLAN}/ack"
    assert api.post(ack, json={}, headers=as_user("vera", "VIEWER")).status_code == 403
    nothing = api.post(ack, json={}, headers=as_user("olga"))
    assert (nothing.status_code, nothing.json()["detail"][:38]) == (409, "no run of shop-2 needs anybody now: no")
    ledger_of(PLAN, RUN).record("card_put", task="backout.decide", people=["mia"], subject="back out?")
    found = api.post(ack, json={"note": "on my way"}, headers=as_user("olga"))
    assert found.json()["sentence"] == f"olga has {PLAN}/{RUN} in hand, nobody else is called: back out?"
    last = ledger_of(PLAN, RUN).entries()[-1]
    assert (last.kind, last.facts) == ("acknowledged", {"by": "olga", "note": "on my way", "about": None})


async def test_what_hangs_behind_the_door_takes_a_part_of_the_servers_threads_and_the_next_is_told_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def somebody(_: Any) -> str:
        return "mia"

    at_work, goes_on = list[str](), asyncio.Event()

    async def behind(scope: Any, receive: Any, send: Any) -> None:
        at_work.append(scope["path"])
        await goes_on.wait()
        await api_door.refuse(send, "done", 200)

    async def ask(door: ApiDoor, path: str, method: str = "GET") -> int:
        answered: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            answered.append(message)

        headers = [(b"authorization", b"Bearer its-own")]
        await door({"type": "http", "method": method, "path": path, "headers": headers}, receive, send)
        return int(answered[0]["status"])

    monkeypatch.setattr(api_door, "user_in", somebody)
    monkeypatch.setattr(api_door, "WAITS", 0.2)
    door = ApiDoor(lambda: behind)
    hung = list[asyncio.Task[int]]()
    for method, most in (("GET", api_door.READS_AT_ONCE), ("POST", api_door.AT_ONCE)):
        while len(hung) < most:
            hung.append(asyncio.create_task(ask(door, f"/{len(hung)}", method)))
        async with asyncio.timeout(60):
            while len(at_work) < most:
                await asyncio.sleep(0.01)
        assert await ask(door, "/one-more", method) == 503  # and reads alone leave turns to who changes something
    goes_on.set()
    assert set(await asyncio.gather(*hung)) == {200}
    assert await ask(door, "/afterwards") == 200
    assert "/one-more" not in at_work
