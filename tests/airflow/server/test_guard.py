"""The API server refuses what would leave scripts unwatched, or an answer without a run; and nothing else."""

import asyncio
import json
import threading
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from deployplan.airflow_glue import context
from deployplan.airflow_glue.server import middleware, store_thread
from deployplan.airflow_glue.server.middleware import Guard, RunTarget, deleted_by
from deployplan.airflow_glue.settings import Settings
from deployplan.evidence.ledger import Ledger

pytestmark = pytest.mark.airflow

SEAT = "/api/v2/dags/shop/dagRuns/run-1/taskInstances/review.approve_1/-1/hitlDetails"
RUN = "/api/v2/dags/shop/dagRuns/run-1"


class Airflow:
    """An API server that shows a run in `state` to those whom it knows, and does whatever else it is asked."""

    def __init__(self, state: str | None = "running", *, status: int = 200) -> None:
        self.state, self.status = state, status
        self.done: list[tuple[str, str, bytes]] = []

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        if scope["method"] != "GET":
            self.done.append((scope["method"], scope["path"], body))
        status = self.status if self.state is not None or scope["method"] != "GET" else 404
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps({"state": self.state}).encode()})


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """The evidence of a run under way, with a card."""
    (tmp_path / "signing.key").write_bytes(b"k" * 32)
    settings = Settings(tmp_path / "include", str(tmp_path / "records"), tmp_path / "signing.key")
    for module in (context, middleware):
        monkeypatch.setattr(module, "settings", lambda: settings)

    async def amir(_: Any) -> str:
        return "amir"

    monkeypatch.setattr(middleware, "person_of", amir)
    settings.record_store().open_run("shop", "run-1", "d" * 64)
    found = context.ledger_of("shop", "run-1")
    found.record("plan_frozen", plan="shop", run="run-1", digest="d" * 64, triggered_by="erin")
    found.record("card_put", task="review.approve_1", clear=0, people=["amir"], subject="?")
    return found


def asked(
    airflow: Airflow, method: str, path: str, body: bytes = b"", *, sent: str | None = None
) -> tuple[int, dict[str, Any]]:
    """What a person is answered; `sent` is how they spelt the path."""
    answer: list[MutableMapping[str, Any]] = []
    parts = [body[:9], body[9:]]

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    async def send(message: MutableMapping[str, Any]) -> None:
        answer.append(message)

    scope = {"type": "http", "method": method, "path": path, "raw_path": (sent or path).encode(), "headers": []}
    asyncio.run(Guard(airflow)(scope, receive, send))
    return answer[0]["status"], json.loads(answer[1]["body"])


def bulk(*entities: Any) -> bytes:
    return json.dumps({"actions": [{"action": "delete", "entities": list(entities)}]}).encode()


DELETIONS = [
    ("DELETE", "/api/v2/dags/shop", b""),
    ("DELETE", RUN, b""),
    ("DELETE", f"{RUN}/taskInstances/deploy.app.wave_1", b""),
    ("PATCH", "/api/v2/dags/shop/dagRuns", bulk({"dag_run_id": "run-1"})),
    ("PATCH", "/api/v2/dags/~/dagRuns", bulk({"dag_id": "shop", "dag_run_id": "run-1"})),
    ("PATCH", f"{RUN}/taskInstances", bulk("deploy.app.wave_1")),
]


@pytest.mark.parametrize(("method", "path", "body"), DELETIONS)
def test_no_way_of_deleting_a_run_under_way_is_taken(ledger: Ledger, method: str, path: str, body: bytes) -> None:
    airflow = Airflow()
    status, told = asked(airflow, method, path, body)
    assert (status, airflow.done) == (409, [])
    assert "run run-1 of shop is under way" in told["detail"]
    assert "mark the run failed" in told["detail"]


@pytest.mark.parametrize(("method", "path", "body"), DELETIONS)
@pytest.mark.parametrize(
    "airflow", [Airflow("success"), Airflow("failed"), Airflow(None), Airflow(status=403), Airflow(status=401)]
)
def test_what_has_ended_what_airflow_has_forgotten_and_who_may_not_look_is_left_to_airflow(
    ledger: Ledger, airflow: Airflow, method: str, path: str, body: bytes
) -> None:
    airflow.done.clear()
    assert asked(airflow, method, path, body)[0] == airflow.status
    assert airflow.done == [(method, path, body)]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("DELETE", "/api/v2/dags/other", b""),
        ("DELETE", "/api/v2/dags/shop/dagRuns/run-0", b""),
        ("PATCH", RUN, b'{"state": "failed"}'),
        ("PATCH", "/api/v2/dags/shop/dagRuns", b'{"actions": [{"action": "update", "entities": []}]}'),
        ("PATCH", "/api/v2/dags/shop/dagRuns", b"no JSON"),
        ("PATCH", SEAT, b'{"chosen_options": ["Approve"]}'),
    ],
)
def test_everything_else_reaches_airflow_whole(ledger: Ledger, method: str, path: str, body: bytes) -> None:
    airflow = Airflow()
    assert asked(airflow, method, path, body)[0] == 200
    assert airflow.done == [(method, path, body)]


def test_a_card_takes_no_answer_after_the_run_has_come_to_its_outcome(ledger: Ledger) -> None:
    ledger.record("outcome", outcome="not_ready", because="nobody approved")
    airflow = Airflow()
    assert asked(airflow, "PATCH", SEAT) == (
        409,
        {"detail": "this card is closed: run run-1 of shop has ended in not_ready"},
    )
    assert airflow.done == []


def test_a_card_of_a_run_that_was_cleared_takes_answers_again(ledger: Ledger) -> None:
    ledger.record("outcome", outcome="not_ready", because="nobody approved")
    ledger.record("plan_frozen", plan="shop", run="run-1", digest="d" * 64, triggered_by="erin")
    assert asked(Airflow(), "PATCH", SEAT)[0] == 200


def test_a_bulk_request_that_is_too_long_to_be_looked_at_is_refused(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(middleware, "MOST_BULK", 16)
    airflow = Airflow()
    assert asked(airflow, "PATCH", "/api/v2/dags/shop/dagRuns", b"x" * 17)[0] == 409
    assert airflow.done == []


def test_a_bulk_request_names_its_runs_in_the_path_in_the_entity_or_not_at_all() -> None:
    assert list(deleted_by(bulk({"dag_run_id": "r"}, "s"), "a%2Fb", None)) == [
        RunTarget("a/b", "r"),
        RunTarget("a/b", "s"),
    ]
    assert list(deleted_by(bulk({"dag_run_id": "~"}), "shop", None)) == [RunTarget("shop", None)]
    assert list(deleted_by(bulk("task"), "shop", "run-1")) == [RunTarget("shop", "run-1")]


WAVE = f"{RUN}/taskInstances/deploy.app.wave_1/-1/hitlDetails"
OPTIONS = {"Try again": ["chen", "mia"], "Back out": ["mia"]}


def answering(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, person: str | None, *, until: str | None = None
) -> Airflow:
    """An API server with a card that says who may choose what; this person asks."""
    people = ["chen", "mia"]
    ledger.record("card_put", task="deploy.app.wave_1", clear=0, people=people, options=OPTIONS, until=until)

    async def who(_scope: Any) -> str | None:
        return person

    monkeypatch.setattr(middleware, "person_of", who)
    return Airflow()


def chosen(*options: str) -> bytes:
    return json.dumps({"chosen_options": options, "params_input": {}}).encode()


@pytest.mark.parametrize(
    ("person", "options", "why"),
    [
        ("olga", ["Try again"], "asked were chen, mia"),
        ("chen", ["Back out"], "'Back out' is for mia"),
        ("chen", ["Try again", "Back out"], "'Back out' is for mia"),
        ("mia", ["Accept with issues"], "is not offered"),
    ],
)
def test_a_card_that_says_who_may_choose_what_takes_no_other_answer(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, person: str, options: list[str], why: str
) -> None:
    airflow = answering(ledger, monkeypatch, person)
    status, told = asked(airflow, "PATCH", WAVE, chosen(*options))
    assert (status, airflow.done) == (403, [])
    assert why in told["detail"]


@pytest.mark.parametrize("spelt", ["/-01/hitlDetails", "/%2D1/hitlDetails", "/-1/hitlDetail%73/"])
def test_another_spelling_of_the_cards_path_is_no_way_round(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, spelt: str
) -> None:
    airflow = answering(ledger, monkeypatch, "chen")
    path = WAVE.replace("/-1/hitlDetails", spelt)
    assert asked(airflow, "PATCH", unquote(path), chosen("Back out"), sent=path)[0] == 403
    assert airflow.done == []


@pytest.mark.parametrize(("person", "option"), [("chen", "Try again"), ("mia", "Back out")])
def test_who_may_choose_it_reaches_airflow(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, person: str, option: str
) -> None:
    airflow = answering(ledger, monkeypatch, person, until="2999-01-01T00:00:00+00:00")
    assert asked(airflow, "PATCH", WAVE, chosen(option))[0] == 200
    assert airflow.done == [("PATCH", WAVE, chosen(option))]


def test_an_answer_after_the_clock_is_too_late(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    airflow = answering(ledger, monkeypatch, "mia", until="2020-01-01T00:00:00+00:00")
    status, told = asked(airflow, "PATCH", WAVE, chosen("Back out"))
    assert (status, airflow.done) == (409, [])
    assert "too late" in told["detail"]


def test_of_two_answers_at_once_the_second_is_told_who_was_first(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(ledger, monkeypatch, "mia")
    taken: list[bytes] = []

    async def airflow(_scope: Any, receive: Any, send: Any) -> None:
        taken.append((await receive())["body"])
        await asyncio.sleep(0.05)
        ledger.record("card_answered", task="deploy.app.wave_1", person="chen", option="Try again")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    guard, told = Guard(airflow), list[MutableMapping[str, Any]]()

    async def answer(option: str) -> None:
        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": chosen(option), "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            told.append(message)

        scope = {"type": "http", "method": "PATCH", "path": WAVE, "raw_path": WAVE.encode(), "headers": []}
        await guard(scope, receive, send)

    async def both() -> None:
        await asyncio.gather(answer("Try again"), answer("Back out"))

    asyncio.run(both())
    assert len(taken) == 1
    assert [each["status"] for each in told if "status" in each] == [200, 409]
    assert b"chen has answered already: Try again" in told[-1]["body"]


@pytest.mark.parametrize(
    "sent",
    [
        "/api/v2/%64ags/shop/dagRuns/run-1",
        "/api/v2/dags%2Fshop/dagRuns/run-1",
        "/api/v2/dags/shop/dagRuns%2Frun-1",
        "/api/v2/dags/sho%70/dagRuns/run%2D1",
    ],
)
def test_a_path_is_judged_as_airflow_reads_it_however_it_is_spelt(ledger: Ledger, sent: str) -> None:
    airflow = Airflow()
    assert asked(airflow, "DELETE", unquote(sent), sent=sent)[0] == 409
    assert airflow.done == []


def test_who_is_not_known_answers_no_card_of_ours(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    airflow = answering(ledger, monkeypatch, None)
    assert asked(airflow, "PATCH", WAVE, chosen("Try again"))[0] == 401
    assert airflow.done == []


def test_an_answer_that_does_not_come_whole_takes_no_turn_from_another(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    airflow = answering(ledger, monkeypatch, "mia")
    scope = {"type": "http", "method": "PATCH", "path": WAVE, "raw_path": WAVE.encode(), "headers": []}
    answered: list[int] = []

    async def never() -> MutableMapping[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    async def whole() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": chosen("Try again"), "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answered.append(message["status"])

    async def both() -> None:
        guard = Guard(airflow)
        slow = asyncio.create_task(guard(scope, never, send))
        await asyncio.sleep(0)
        async with asyncio.timeout(30):
            await guard(dict(scope), whole, send)
        slow.cancel()

    asyncio.run(both())
    assert answered == [200]


async def _nobody(_: Any) -> None:
    return None


@pytest.mark.parametrize(
    ("method", "path", "body"), [("PATCH", SEAT, b"{}"), ("PATCH", f"{RUN}/taskInstances", bulk("x"))]
)
def test_of_who_has_not_logged_in_nothing_is_looked_up_or_parsed(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, method: str, path: str, body: bytes
) -> None:
    monkeypatch.setattr(middleware, "person_of", _nobody)

    def looked_up(*_: Any) -> Any:
        raise AssertionError("somebody without a login had a record read, or a text parsed")

    for name in ("ledger_of", "settings", "deleted_by"):
        monkeypatch.setattr(middleware, name, looked_up)
    airflow = Airflow()
    status, answer = asked(airflow, method, path, body)
    assert (status, "log in to Airflow" in answer["detail"], airflow.done) == (401, True, [])


def test_a_bulk_request_is_not_parsed_where_all_other_requests_wait(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = list[int]()

    def parsed(*given: Any) -> Any:
        threads.append(threading.get_ident())
        return iter(())

    monkeypatch.setattr(middleware, "deleted_by", parsed)
    assert asked(Airflow(), "PATCH", f"{RUN}/taskInstances", bulk("x"))[0] == 200
    assert threads
    assert threading.get_ident() not in threads  # asyncio.run has the loop in this one


def test_a_store_that_hangs_refuses_what_cannot_be_judged_in_time(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    wakes = threading.Event()
    monkeypatch.setattr(store_thread, "WITHIN", 0.2)
    monkeypatch.setattr(middleware, "ledger_of", lambda *_: wakes.wait(60))
    try:
        airflow = Airflow()
        status, answer = asked(airflow, "PATCH", SEAT, b"{}")
        assert (status, airflow.done) == (503, [])
        assert answer["detail"].startswith("the record store does not answer within 0.2 s")
    finally:
        wakes.set()
