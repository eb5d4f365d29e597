"""The door of our own part of the API server: nobody gets behind it whom Airflow's auth manager does not know.

What lies behind is loaded with the first request, so that no other process of Airflow pays for it, and the API server
only when it is used. Whatever of it cannot be loaded, and whatever the auth manager raises, leaves the door shut.

Who comes with a session's cookie alone may be a browser that another site sends. So a request that changes anything
must then come from our own pages, by the browser's word: `Sec-Fetch-Site`, which no page can forge, or where a browser
has none, as over plain HTTP, an `Origin` that is this very host. A token in the `Authorization` header is set by
nobody but its owner, and needs no such proof.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack
from urllib.parse import quote, urlsplit

from deployplan.airflow_glue.server.asgi import App, Receive, Scope, Send, headers_of, read_body, refuse, user_in

MOST_BODY = 64 * 1024
"""Bytes of a request that are read: a reason and a few names."""
AT_ONCE = 16
"""Requests that are carried out at the same time: a record store that hangs must leave Airflow's own routes threads."""
READS_AT_ONCE = 12
"""Of them, requests that only read: however much is looked at, somebody can hold, stop and answer."""
WAITS = 10.0
"""Seconds for which another one waits for its turn."""
READS = frozenset({"GET", "HEAD"})
USER, AIRFLOW = "deployplan.user", "deployplan.airflow"
"""In the scope behind the door: who asks, and Airflow's own application with the scope to ask it in that name."""

log = logging.getLogger(__name__)


class ApiDoor:
    """ASGI application that Airflow mounts; `load` makes what lies behind it."""

    def __init__(self, load: Callable[[], App]) -> None:
        self._load = load
        self._behind: App | None = None
        self._loading = asyncio.Lock()
        self._turns, self._reading = asyncio.Semaphore(AT_ONCE), asyncio.Semaphore(READS_AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            return
        try:
            user = await user_in(scope)
        except Exception as error:
            if _opens_a_page(scope) and getattr(error, "status_code", None) in (401, 403):
                await _send_to_login(scope, send)
            else:
                await _turn_away(send, error)
            return
        if (why := foreign(scope)) is not None:
            await refuse(send, why, 403)
            return
        body, again = await read_body(receive, MOST_BODY)
        if len(body) > MOST_BODY:
            await refuse(send, f"the request has more than {MOST_BODY >> 10} KiB", 413)
            return
        try:
            behind = await self._load_once()
        except Exception:
            log.exception("what deployplan adds to the API server could not be loaded: nobody is let in")
            await refuse(send, "deployplan could not be loaded here, and lets nobody in; see the API server's log", 503)
            return
        await self._in_turn(behind, {**scope, USER: user, AIRFLOW: _airflow(scope)}, again, send)

    async def _in_turn(self, behind: App, scope: Scope, receive: Receive, send: Send) -> None:
        reads = scope["method"] in READS
        async with AsyncExitStack() as held:
            try:
                async with asyncio.timeout(WAITS):
                    for turns in (self._reading, self._turns) if reads else (self._turns,):
                        await held.enter_async_context(turns)
            except TimeoutError:
                of = f"{READS_AT_ONCE} requests that read" if reads else f"{AT_ONCE} requests"
                await refuse(send, f"{of} are at work and none ends: the record store may hang; ask again", 503)
                return
            await behind(scope, receive, send)

    async def _load_once(self) -> App:
        async with self._loading:
            if self._behind is None:
                self._behind = await asyncio.to_thread(self._load)
            return self._behind


def _opens_a_page(scope: Scope) -> bool:
    """Whether a person opens one of our pages, as by a link in a message, and no program asks."""
    return scope["method"] == "GET" and headers_of(scope).get("sec-fetch-mode") == "navigate"


async def _send_to_login(scope: Scope, send: Send) -> None:
    """Send a person to Airflow's login, which leads back to where they wanted to go."""
    back = quote(scope["path"])
    place = f"{scope.get('app_root_path', '')}/api/v2/auth/login?next={quote(back, safe='')}"
    headers = [(b"location", place.encode()), (b"content-length", b"0"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _turn_away(send: Send, error: Exception) -> None:
    status = getattr(error, "status_code", None)
    if status in (401, 403):
        await refuse(send, f"{getattr(error, 'detail', 'not authenticated')}: log in to Airflow", status)
        return
    log.error("who asks could not be found out; nobody is let in", exc_info=error)
    await refuse(send, "who you are could not be found out, so nothing is done; see the API server's log", 401)


def foreign(scope: Scope) -> str | None:
    """Why a request that changes something may be another site's; None when it is its sender's own."""
    headers = headers_of(scope)
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scope["method"] in READS or (scheme.lower() == "bearer" and token.strip()):
        return None
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None and site != "same-origin":
        return f"a page of another site sent this ({site}): nothing is done"
    if origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower():
        return f"a page of {origin[:200]!r} sent this, which is not this server: nothing is done"
    if site is None and origin is None:
        return "with a cookie alone, the browser has to say which page sends this; a program sends its token instead"
    return None


def _airflow(scope: Scope) -> tuple[App, Scope] | None:
    """Airflow's own application, and the scope as it came to it; None where this is not mounted in one."""
    root = scope.get("app")
    return None if root is None else (root, {**scope, "root_path": scope.get("app_root_path", "")})
