"""A card that a task puts up once more says what it says now, and not what the task asked the first time.

On PostgreSQL the card of a try moves along to the next one, and Airflow 3.3.2 then takes nothing but the answer from
it: a wave that asks again, or a seat that a person cleared, would show the text, options and people of before.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from typing import Any
from uuid import UUID

from deployplan.airflow_glue.server.asgi import App, Message, Receive, Scope, Send, path_of, read_body
from deployplan.airflow_glue.server.card_query import OURS
from deployplan.clock import SystemClock

PUT = re.compile(r"/execution/hitlDetails/([0-9a-f-]{36})/?$")
"""The path by which a task puts its card up."""

log = logging.getLogger(__name__)


class FreshCards:
    """ASGI middleware of the API server: what Airflow has let a task put up is on its card before the task parks."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = path_of(scope)
        found = PUT.search(path) if path and scope["method"] == "POST" else None
        if found is None:
            await self.app(scope, receive, send)
            return
        body, again = await read_body(receive)

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 201:
                await asyncio.to_thread(renew, UUID(found[1]), body)
            await send(message)

        await self.app(scope, again, tell)


def renew(task: UUID, body: bytes) -> None:
    """Have the card of this task instance say what the request says. A failure is logged: then it says what it did."""
    from airflow.utils.session import create_session

    try:
        wanted = json.loads(body)
        with create_session() as session:
            _renew(session, task, wanted)
    except Exception:
        log.exception("the card of task instance %s may show what it asked before", task)


def _renew(session: Any, task: UUID, wanted: dict[str, Any]) -> None:
    from airflow.models.hitl import HITLDetail
    from airflow.models.taskinstance import TaskInstance

    query = session.query(HITLDetail).join(TaskInstance, HITLDetail.ti_id == TaskInstance.id)
    mine = query.filter(HITLDetail.ti_id == task, HITLDetail.responded_at.is_(None), TaskInstance.operator.in_(OURS))
    card = mine.with_for_update(of=HITLDetail).one_or_none()
    same = card is not None and all(getattr(card, name) == wanted.get(name) for name in ("options", "subject", "body"))
    if card is None or (same and (card.assignees or []) == (wanted.get("assigned_users") or [])):
        return
    card.options, card.subject, card.body = wanted["options"], wanted["subject"], wanted.get("body")
    card.params, card.assignees = wanted.get("params") or {}, wanted.get("assigned_users") or []
    card.created_at = SystemClock().now()
