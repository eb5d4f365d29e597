"""Runs that are triggered by the dozen take turns in the API server; whoever asks for anything else does not wait."""

import asyncio
from typing import Any

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
