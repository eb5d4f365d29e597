"""What the middlewares of the API server have in common: the shapes of ASGI, a path as it was sent, a body at once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias
from urllib.parse import quote, unquote

Message: TypeAlias = MutableMapping[str, Any]
Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

_CARD = "deployplan.card"
_ANSWER = ("api", "v2", "dags", None, "dagRuns", None, "taskInstances", None, None, "hitlDetails")
"""The path of an answer to a card: plan, run, task and map index stand where nothing does here."""
OF_ONE_REQUEST = (b"content-length", b"content-type", b"accept-encoding", b"if-none-match", b"range")
"""Headers that are about a request's own body and answer: another one in the same name has its own."""
MOST_BODY = 16 * 1024 * 1024
"""Bytes of a request or an answer that are looked at."""


def path_of(scope: Scope) -> str:
    """Return the path by which Airflow finds its route, percent-quoted in one way only; "" for no request.

    Not as it was sent: `%64ags` and `dags%2Fshop` are unquoted before Airflow looks at them, and so they are here.
    """
    return quote(scope.get("path", "")) if scope["type"] == "http" else ""


def card_entry_of(scope: Scope) -> int | None:
    """The entry of the card that a request answers, as the evidence had it when Airflow was asked; see `note_card`."""
    entry: int | None = scope.get(_CARD)
    return entry


def note_card(scope: Scope, entry: int) -> None:
    """Leave with a request which card it answers: when Airflow has taken it, the next card may be up already."""
    scope[_CARD] = entry


def answered_card(scope: Scope) -> tuple[str, str, str] | None:
    """Return plan, run and task of the card that the request answers, however its path is spelt; None for another one.

    A part that is percent-quoted, and a map index of `-01`, reach the same card in Airflow.
    """
    if scope.get("method") != "PATCH" or not (path := path_of(scope)):
        return None
    parts = [unquote(part) for part in path.rstrip("/").split("/")][-len(_ANSWER) :]
    if len(parts) != len(_ANSWER) or any(want not in (None, part) for want, part in zip(_ANSWER, parts, strict=True)):
        return None
    return parts[3], parts[5], parts[7]


async def user_in(scope: Scope) -> Any:
    """Return who asks, found as Airflow's own routes find it: the bearer's token first, else the session's cookie.

    Read in any other way, a second header or a cookie of another application's would make us see somebody else. Raises
    HTTPException as Airflow does, also where nobody has logged in, and whatever else goes wrong.
    """
    from airflow.api_fastapi.core_api.security import bearer_scheme, get_user
    from fastapi import HTTPException, Request

    request = Request(scope)
    user = await get_user(request, None, await bearer_scheme(request))
    if user is None or not user.get_id():
        raise HTTPException(401, "Not authenticated")
    return user


async def read_body(receive: Receive, most: int = MOST_BODY) -> tuple[bytes, Receive]:
    """Return the whole body of a request, or a little more than `most` bytes of it, and a way to read it again."""
    body, more = bytearray(), True
    while more and len(body) <= most:
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


async def refuse(send: Send, why: str, status: int = 409) -> None:
    """Answer with this status, and say why."""
    body = json.dumps({"detail": why}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def headers_of(scope: Scope) -> dict[str, str]:
    """Return the headers of a request by their names in lower case; of one that comes twice, the last."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope.get("headers", ())}


async def ask_within(
    app: App, scope: Scope, method: str, path: str, body: object = None, query: str = ""
) -> tuple[int, Any]:
    """Ask an application in this process what the sender of the request `scope` asks for: with that person's rights.

    `path` is percent-quoted. Returns the status, and the answer's JSON; None when it is none.
    """
    answer = bytearray()
    status = await stream_within(app, scope, method, path, answer.extend, body=body, query=query)
    try:
        return status, json.loads(answer) if answer else None
    except ValueError:
        return status, None


async def stream_within(
    app: App,
    scope: Scope,
    method: str,
    path: str,
    take: Callable[[bytes], object],
    *,
    body: object = None,
    query: str = "",
    accept: bytes | None = None,
) -> int:
    """Ask as `ask_within` does; `take` is given the answer in the pieces in which it comes. Returns the status."""
    content = b"" if body is None else json.dumps(body).encode()
    dropped = OF_ONE_REQUEST if accept is None else (*OF_ONE_REQUEST, b"accept")
    headers = [each for each in scope["headers"] if each[0].lower() not in dropped]
    if body is not None:
        headers += [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
    if accept is not None:
        headers.append((b"accept", accept))
    asked: Scope = {**scope, "method": method, "path": unquote(path), "raw_path": path.encode()}
    asked.update(query_string=query.encode(), headers=headers, state=dict(scope.get("state", {})))
    status, sent = 0, False

    async def receive() -> Message:
        nonlocal sent
        if sent:  # whoever streams asks whether we are gone: we are not, until the answer is over
            await asyncio.Event().wait()
        sent = True
        return {"type": "http.request", "body": content, "more_body": False}

    async def listen(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        elif message["type"] == "http.response.body":
            take(message.get("body", b""))

    await app(asked, receive, listen)
    return status
