"""What a task puts up stands on its card, also where the card of an earlier try has moved along."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from apart import run_apart
from deployplan.airflow_glue.server import fresh_cards
from deployplan.airflow_glue.server.fresh_cards import FreshCards

pytestmark = pytest.mark.airflow
CARD = "/execution/hitlDetails/01990000-0000-7000-8000-000000000001"


def told_by(status: int, method: str, path: str, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What happens, in order, when a task sends this and Airflow answers with the status."""
    told: list[Any] = []

    async def airflow(scope: Any, receive: Any, send: Any) -> None:
        told.append((await receive())["body"])
        await send({"type": "http.response.start", "status": status})
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> Any:
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(message: Any) -> None:
        told.append(message["type"])

    monkeypatch.setattr(fresh_cards, "renew", lambda task, body: told.append((task, body)))
    asyncio.run(FreshCards(airflow)({"type": "http", "method": method, "path": path}, receive, send))
    return told


def test_a_card_is_renewed_before_its_task_hears_that_it_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    renewed = (UUID(CARD[-36:]), b"{}")
    assert told_by(201, "POST", CARD, monkeypatch) == [b"{}", renewed, "http.response.start", "http.response.body"]


@pytest.mark.parametrize(
    ("status", "method", "path"),
    [(403, "POST", CARD), (200, "PATCH", CARD), (201, "POST", "/execution/task-instances/1/run")],
)
def test_what_airflow_refuses_and_what_is_no_card_renews_none(
    status: int, method: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told_by(status, method, path, monkeypatch) == [b"{}", "http.response.start", "http.response.body"]


def test_only_a_card_of_ours_that_nobody_has_answered_is_renewed_and_then_wholly(tmp_path: Path) -> None:
    found = run_apart("renewed_cards.py", tmp_path)
    new = ["Try again", "now?", "text", [{"id": "mia", "name": "mia"}]]
    old = ["Approve", "then?", None, []]
    assert found == {"asks": new, "asks_others": new, "answered": old, "another_dags": old}


def test_an_execution_api_server_of_its_own_loads_no_plugin_as_the_documentation_warns() -> None:
    from airflow.api_fastapi.app import create_app

    names = [str(each.cls) for each in create_app(apps="execution").user_middleware]
    assert not any(FreshCards.__name__ in name for name in names)
