"""Runs that are triggered by the dozen take turns in the API server; whoever asks for anything else does not wait."""

import asyncio
from typing import Any

import pytest

from deployplan.airflow_glue.server import asgi, turns
from deployplan.airflow_glue.server.turns import AT_ONCE, TriggersTakeTurns

HOUR = 3600.0


class Server:
    """Stands behind the middleware: keeps every request until it is let go, and counts."""

    def __init__(self) -> None:
        self.inside, self.most, self.order = 0, 0, list[str]()
        self.go = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.order.append(scope["path"])
        self.inside += 1
        self.most = max(self.most, self.inside)
        await self.go.wait()
        self.inside -= 1


async def ask(app: TriggersTakeTurns, method: str, path: str) -> None:
    async def nothing(*_: Any) -> Any:
        return {}

    await app({"type": "http", "method": method, "path": path}, nothing, nothing)


async def send_a_part(app: TriggersTakeTurns, path: str, more: asyncio.Event) -> None:
    """A trigger of which only the beginning comes, until `more`."""
    parts = iter([{"type": "http.request", "body": b"{", "more_body": True}])

    async def receive() -> Any:
        if (part := next(parts, None)) is not None:
            return part
        await more.wait()
        return {"type": "http.request", "body": b"}", "more_body": False}

    async def send(_: Any) -> None:
        pass

    await app({"type": "http", "method": "POST", "path": path}, receive, send)


def test_sixty_triggers_are_carried_out_a_few_at_a_time_in_the_order_in_which_they_came() -> None:
    async def scene() -> None:
        server = Server()
        app = TriggersTakeTurns(server)
        paths = [f"/api/v2/dags/plan-{number}/dagRuns" for number in range(60)]
        async with asyncio.timeout(HOUR), asyncio.TaskGroup() as group:
            for path in paths:
                group.create_task(ask(app, "POST", path))
            while server.inside < AT_ONCE:
                await asyncio.sleep(0)
            assert server.order == paths[:AT_ONCE]
            server.go.set()
        assert server.most == AT_ONCE
        assert server.order == paths

    asyncio.run(scene())


def test_nobody_else_waits_behind_them() -> None:
    async def scene() -> None:
        server = Server()
        app = TriggersTakeTurns(server)
        others = [
            ("GET", "/api/v2/version"),
            ("GET", "/api/v2/dags/a/dagRuns"),
            ("PATCH", "/execution/task-instances/1"),
        ]
        async with asyncio.timeout(HOUR), asyncio.TaskGroup() as group:
            for number in range(60):
                group.create_task(ask(app, "POST", f"/api/v2/dags/plan-{number}/dagRuns/"))
            for method, path in others:
                group.create_task(ask(app, method, path))
            while server.inside < AT_ONCE + len(others):
                await asyncio.sleep(0)
            server.go.set()
        assert [path for path in server.order if "plan-" not in path] == [path for _, path in others]

    asyncio.run(scene())


def test_who_sends_a_part_of_a_trigger_and_no_more_holds_nobody_up() -> None:
    async def scene() -> None:
        server, more = Server(), asyncio.Event()
        server.go.set()
        app = TriggersTakeTurns(server)
        slow = [f"/api/v2/dags/slow-{number}/dagRuns" for number in range(2 * AT_ONCE)]
        async with asyncio.timeout(HOUR), asyncio.TaskGroup() as group:
            for path in slow:
                group.create_task(send_a_part(app, path, more))
            await group.create_task(ask(app, "POST", "/api/v2/dags/mine/dagRuns"))
            assert server.order == ["/api/v2/dags/mine/dagRuns"]
            more.set()
        assert server.order[1:] == slow

    asyncio.run(scene())


def test_a_trigger_without_end_is_refused_and_a_whole_one_arrives_as_it_was_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    got: list[Any] = []

    async def airflow(_scope: Any, receive: Any, _send: Any) -> None:
        got.append(await receive())

    async def trigger(*parts: bytes) -> list[Any]:
        waiting, sent = list(parts), list[Any]()

        async def receive() -> Any:
            return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": "/api/v2/dags/a/dagRuns"}
        await TriggersTakeTurns(airflow)(scope, receive, send)
        return sent

    for module in (asgi, turns):
        monkeypatch.setattr(module, "MOST_BODY", 16)
    assert asyncio.run(trigger(b'{"conf"', b": {}}")) == []
    assert got == [{"type": "http.request", "body": b'{"conf": {}}', "more_body": False}]
    assert asyncio.run(trigger(b"x" * 10, b"x" * 10, b"x" * 10))[0]["status"] == 409
    assert len(got) == 1
