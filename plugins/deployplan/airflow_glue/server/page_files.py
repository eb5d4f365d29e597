"""The page's script, served to everybody: it is the same for all, and says nothing of any release.

It stands outside the door: Airflow's own pages load it, and one that is refused would put "not found" above them all.
"""

from __future__ import annotations

from pathlib import Path

import deployplan.ui
from deployplan.airflow_glue.server.asgi import App, Message, Receive, Scope, Send

BUNDLE = Path(deployplan.ui.__file__).parent / "bundle"
HEADERS = ((b"cache-control", b"no-cache"), (b"x-content-type-options", b"nosniff"))


class PageFiles:
    """ASGI application that Airflow mounts; what it needs is loaded with the first request."""

    def __init__(self, folder: Path = BUNDLE) -> None:
        self._folder = folder
        self._files: App | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS]
            await send(message)

        await self._load()(scope, receive, with_headers)

    def _load(self) -> App:
        if self._files is None:
            from fastapi.staticfiles import StaticFiles

            self._files = StaticFiles(directory=self._folder)
        return self._files
