"""A login that keeps trying while Airflow is busy."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from deployplan.local.rest_session import AirflowRefused, RestSession

Handler = Callable[[httpx.Request], httpx.Response]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda _seconds: None)


def a_session(handler: Handler, *, patience: float = 5.0) -> RestSession:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/auth/token":
            return httpx.Response(201, json={"access_token": "token"})
        return handler(request)

    return RestSession("http://airflow", "erin", "secret", patience=patience, transport=httpx.MockTransport(answer))


def each(*answers: httpx.Response | Exception) -> Handler:
    remaining: Iterator[httpx.Response | Exception] = iter(answers)

    def handler(_request: httpx.Request) -> httpx.Response:
        answer = next(remaining)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return handler


def test_a_locked_database_and_a_dead_connection_are_tried_again() -> None:
    handler = each(
        httpx.Response(500, json={"detail": "database is locked"}),
        httpx.RemoteProtocolError("server disconnected"),
        httpx.Response(503),
        httpx.Response(200, json={"state": "running"}),
    )
    assert a_session(handler).call("GET", "/api/v2/x") == {"state": "running"}


def test_patience_ends_and_the_last_answer_is_told() -> None:
    session = a_session(lambda _request: httpx.Response(500, json={"detail": "database is locked"}), patience=0.01)
    with pytest.raises(AirflowRefused, match="500 to GET /api/v2/x: database is locked"):
        session.call("GET", "/api/v2/x")


def test_a_server_that_stays_away_is_told_as_what_it_is() -> None:
    def refuse(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused")

    with pytest.raises(httpx.ConnectError):
        a_session(refuse, patience=0.01).call("GET", "/api/v2/x")


def test_what_more_tries_cannot_better_is_not_tried_again() -> None:
    session = a_session(each(httpx.Response(403, json={"detail": "Forbidden"})))
    with pytest.raises(AirflowRefused) as caught:
        session.call("PATCH", "/api/v2/x")
    assert (caught.value.status, caught.value.detail) == (403, "Forbidden")


def test_an_expired_login_is_renewed_once() -> None:
    handler = each(httpx.Response(401), httpx.Response(200, json={"fine": True}))
    assert a_session(handler).call("GET", "/api/v2/x") == {"fine": True}
    with pytest.raises(AirflowRefused, match="401"):
        a_session(each(httpx.Response(401), httpx.Response(401, json={"detail": "no"}))).call("GET", "/api/v2/x")


def test_a_wrong_password_is_told_without_the_password() -> None:
    transport = httpx.MockTransport(lambda _request: httpx.Response(401, json={"detail": "Invalid credentials"}))
    with pytest.raises(AirflowRefused, match="Invalid credentials") as caught:
        RestSession("http://airflow", "erin", "hunter2", transport=transport).call("GET", "/api/v2/x")
    assert "hunter2" not in str(caught.value)
