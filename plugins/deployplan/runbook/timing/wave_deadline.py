"""How long a whole wave may take: each script has its own timeout, but nodes may also be lost, found and lost again."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from deployplan.plan.model.component import Component
from deployplan.plan.service import draining_time
from deployplan.plan.text.scalars import spell_duration
from deployplan.runbook.run.concurrently import run_meanwhile
from deployplan.runbook.run.run import Run

BESIDE_THE_SCRIPT = timedelta(minutes=15)
"""What a wave may take beyond its scripts' timeout: connecting, staging what preflight could not, lost connections."""


def wave_timeout(component: Component) -> timedelta:
    """How long a wave of the component may take, from its start in this generation, whoever carries it out."""
    return component.wave_timeout or draining_time(component) + component.timeout + BESIDE_THE_SCRIPT


@asynccontextmanager
async def watching_the_deadline(
    run: Run, component: Component, began: datetime, tell: Callable[[str], None]
) -> AsyncIterator[None]:
    """Call `tell` once, with the reason, when a wave that `began` then is not over at its deadline."""
    allowed = wave_timeout(component)

    left = min(allowed, began + allowed - run.clock.now())

    async def watch() -> None:
        # From here on not by the clock: that somebody sets it must not end a healthy wave.
        await asyncio.sleep(max(0.0, left.total_seconds()))
        tell(f"not done on all its nodes within {spell_duration(allowed)} (wave_timeout)")

    async with run_meanwhile(watch()):
        yield
