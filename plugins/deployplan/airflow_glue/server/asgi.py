"""What the middlewares of the API server have in common: the shapes of ASGI, a path as it was sent, a body at once."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias
from urllib.parse import quote

Message: TypeAlias = MutableMapping[str, Any]
Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

ANSWER = re.compile(r"/api/v2/dags/([^/]+)/dagRuns/([^/]+)/taskInstances/([^/]+)/-1/hitlDetails/?$")
"""The path of an answer to a card: plan, run and task, percent-quoted."""
MOST_BODY = 16 * 1024 * 1024
"""Bytes of a request or an answer that are looked at."""


def path_of(scope: Scope) -> str:
    """Return the path as it was sent, percent-quoted, so that a name with a slash stays one name; "" for no request."""
    if scope["type"] != "http":
        return ""
    raw = scope.get("raw_path")
    return raw.decode("latin-1").partition("?")[0] if raw else quote(scope.get("path", ""))


async def read_body(receive: Receive) -> tuple[bytes, Receive]:
    """Return the whole body of a request, or a little more than MOST_BODY of it, and a way to read it again."""
    body, more = bytearray(), True
    while more and len(body) <= MOST_BODY:
        message = await receive()
        body.extend(message.get("body", b""))
        more = bool(message.get("more_body", False))
    sent = False

    async def again() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": bytes(body), "more_body": more}

    return bytes(body), again


async def refuse(send: Send, why: str) -> None:
    """Answer with 409, and say why."""
    body = json.dumps({"detail": why}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 409, "headers": headers})
    await send({"type": "http.response.body", "body": body})
