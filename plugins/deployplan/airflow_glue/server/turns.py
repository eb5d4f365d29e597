"""Runs that are triggered by the dozen are made a few at a time, so that the API server answers all the while.

Airflow 3.3.2 looks up a request's token on the event loop, with a database connection of the pool, and gives the
connections of other requests back only when that loop runs. So many requests at once as the pool has connections stop
each other for half a minute (docs/concepts/airflow-facts.md). Making a run is what takes longest; and tasks that beat,
cards and health checks shall not wait behind sixty of them.
"""

from __future__ import annotations

import asyncio
import re

from deployplan.airflow_glue.server.asgi import MOST_BODY, App, Receive, Scope, Send, path_of, read_body, refuse

TRIGGER = re.compile(r"/api/v2/dags/[^/]+/dagRuns/?$")
AT_ONCE = 4
"""Runs that are made at the same time; the others wait their turn in the order in which they came."""
TOO_LONG = f"a trigger of more than {MOST_BODY >> 20} MiB is not taken"


class TriggersTakeTurns:
    """ASGI middleware of the API server.

    A turn begins when the whole request is there: who sends a part of one and no more takes no turn from anybody.
    """

    def __init__(self, app: App) -> None:
        self.app = app
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = path_of(scope)
        if not path or scope["method"] != "POST" or not TRIGGER.search(path):
            await self.app(scope, receive, send)
            return
        body, again = await read_body(receive)
        if len(body) > MOST_BODY:
            await refuse(send, TOO_LONG)
            return
        async with self._turns:
            await self.app(scope, again, send)
