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


@pytest.mark.parametrize("instead", [None, "mia has answered already: Reject"])
def test_an_answer_is_kept_beside_the_event_loop_and_confirmed_only_when_it_counts(
    monkeypatch: pytest.MonkeyPatch, instead: str | None
) -> None:
    told: list[Any] = []
    here = get_ident()

    def keep(*answer: Any) -> str | None:
        assert get_ident() != here
        told.append(answer)
        return instead

    async def send(message: Any) -> None:
        told.append(message.get("status", message.get("body")))

    monkeypatch.setattr(answers, "keep_answer", keep)
    monkeypatch.setattr(answers.CardUpkeep, "begin", lambda _self: None)
    asyncio.run(KeepAnswers(airflow)({"type": "http", "method": "PATCH", "path": CARD}, None, send))  # type: ignore[arg-type]
    confirmed = [200, BODY[:9], BODY[9:]]
    refused = [409, json.dumps({"detail": instead}).encode()]
    assert told == [("shop-2", "run-1", "review.approve_1", BODY, None), *(refused if instead else confirmed)]
