"""The API server sends what is due, from its first request on, through the connections that operations keep."""

import asyncio
import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deployplan.airflow_glue.server.outbox import CarryMessages
from deployplan.airflow_glue.settings import settings
from deployplan.clock import SystemClock
from unit.runbook.telling.told_runs import KEY, a_post, armed, begin, telling

pytestmark = pytest.mark.airflow


async def until(found: Any) -> None:
    while not found():
        await asyncio.sleep(0.05)


def outboxes() -> set[threading.Thread]:
    return {each for each in threading.enumerate() if each.name == "deployplan-outbox"}


async def test_the_first_request_begins_it_once_and_people_are_told_by_mail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_bytes(KEY)
    monkeypatch.setenv("DEPLOYPLAN_SIGNING_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("DEPLOYPLAN_RECORDS", str(tmp_path / "records"))
    monkeypatch.setenv("DEPLOYPLAN_INCLUDE", str(tmp_path / "include"))
    monkeypatch.setenv("DEPLOYPLAN_MAIL_CONNECTION", "mail")
    CarryMessages.end()  # another test's application may have begun one in this process
    before = outboxes()  # which may take its time to end
    monkeypatch.setattr(CarryMessages, "_begun", False)
    settings.cache_clear()
    served = list[str]()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        served.append(scope["type"])

    try:
        async with a_post() as post:
            extra = {"disable_tls": True, "disable_ssl": True, "from_email": "r@acme.example"}
            mail = {"conn_type": "smtp", "host": "127.0.0.1", "port": post.port, "extra": extra}
            monkeypatch.setenv("AIRFLOW_CONN_MAIL", json.dumps(mail))
            record, snapshot = begin(tmp_path / "records", SystemClock(), telling("started"))
            record.ledger().keep(armed(snapshot))
            server = CarryMessages(app)
            for kind in ("lifespan", "http", "http"):
                await server({"type": kind, "method": "GET", "path": "/x"}, None, None)  # type: ignore[arg-type]
            await asyncio.wait_for(until(lambda: post.taken), 120)
            assert post.subjects() == ["shop 2: the release has started"]
            sent = lambda: record.ledger().entries()[-1].kind == "message_sent"  # noqa: E731
            await asyncio.wait_for(until(sent), 60)
        assert served == ["lifespan", "http", "http"]
        assert len(outboxes() - before) == 1
        assert datetime.now(UTC) - record.ledger().entries()[-1].at < timedelta(minutes=5)
    finally:
        CarryMessages.end()
        settings.cache_clear()
