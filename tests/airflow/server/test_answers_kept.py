"""An accepted answer is evidence before the person hears that it was accepted, and no other request waits for that."""

import asyncio
import json
from threading import get_ident
from typing import Any

import pytest

from deployplan.airflow_glue.server import answers
from deployplan.airflow_glue.server.answers import KeepAnswers

CARD = "/api/v2/dags/shop-2/dagRuns/run-1/taskInstances/review.approve_1/-1/hitlDetails"
BODY = json.dumps({"responded_by": {"id": "amir"}, "chosen_options": ["Approve"]}).encode()


async def airflow(scope: Any, receive: Any, send: Any) -> None:
    """Accepts the answer, in two pieces."""
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": BODY[:9], "more_body": True})
    await send({"type": "http.response.body", "body": BODY[9:], "more_body": False})


def test_an_answer_is_kept_beside_the_event_loop_and_before_it_is_confirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    here = get_ident()

    def keep(*answer: Any) -> None:
        assert get_ident() != here
        told.append(answer)

    async def send(message: Any) -> None:
        told.append(message["type"])

    monkeypatch.setattr(answers, "keep_answer", keep)
    monkeypatch.setattr(answers.CardUpkeep, "begin", lambda _self: None)
    asyncio.run(KeepAnswers(airflow)({"type": "http", "method": "PATCH", "path": CARD}, None, send))  # type: ignore[arg-type]
    assert told == [
        "http.response.start",
        "http.response.body",
        ("shop-2", "run-1", "review.approve_1", BODY),
        "http.response.body",
    ]
