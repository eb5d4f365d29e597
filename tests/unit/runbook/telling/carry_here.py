"""A process that sends what is due in a store, until it is killed: STORE, PORT of the mail server, INSTANT."""

import asyncio
import sys
from datetime import datetime
from pathlib import Path

from deployplan.testing import FrozenClock
from unit.runbook.telling.told_runs import Post, carry_once, courier_of


async def carry(store: str, port: str, at: str) -> None:
    post = Post()
    post.port = int(port)
    async with courier_of(Path(store), FrozenClock(datetime.fromisoformat(at)), {"mail": post.channel()}) as courier:
        await carry_once(courier)


asyncio.run(carry(*sys.argv[1:]))
