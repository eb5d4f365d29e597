"""Runs that are triggered by the dozen are made a few at a time, so that the API server answers all the while.

Airflow 3.3.2 looks up a request's token on the event loop, with a database connection of the pool, and gives the
connections of other requests back only when that loop runs. So many requests at once as the pool has connections stop
each other for half a minute (docs/concepts/airflow-facts.md). Making a run is what takes longest; and tasks that beat,
cards and health checks shall not wait behind sixty of them.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]

TRIGGER = re.compile(r"/api/v2/dags/[^/]+/dagRuns/?$")
AT_ONCE = 4
"""Runs that are made at the same time; the others wait their turn in the order in which they came."""


class TriggersTakeTurns:
    """ASGI middleware of the API server."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and TRIGGER.search(scope.get("path", "")):
            async with self._turns:
                await self.app(scope, receive, send)
        else:
            await self.app(scope, receive, send)
