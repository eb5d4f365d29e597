"""An event loop whose time jumps to the next thing that is due: hours pass in milliseconds, in the very same order."""

from __future__ import annotations

import asyncio
import selectors
from asyncio.selector_events import BaseSelectorEventLoop
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from deployplan.errors import DeployPlanError

ROUNDING = 1e-6
"""Seconds by which a sum of times may miss the time that is meant."""


class Stuck(DeployPlanError):
    """Everything waits, and nothing will ever come."""


class VirtualLoop(BaseSelectorEventLoop):
    """An event loop that waits for nothing real: where all wait, its time is at once the one of the next timer.

    What is given to a thread is done in its place at once. Nothing may read or write a socket or a pipe here.
    """

    def __init__(self) -> None:
        self._elapsed = 0.0
        super().__init__(_Jumps(self._jump))

    def time(self) -> float:
        """Seconds since the loop was made, by its own time."""
        return self._elapsed

    def _jump(self, seconds: float) -> None:
        """Stand exactly where the next timer does: a time that is a rounding error before it would be no later."""
        self._elapsed += seconds
        timers: list[asyncio.TimerHandle] = getattr(self, "_scheduled", [])
        if timers and abs(timers[0].when() - self._elapsed) < ROUNDING:
            self._elapsed = max(self._elapsed, timers[0].when())

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """Do it now: the time of this loop stands still meanwhile."""
        done = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:
            done.set_exception(error)
        return done


class _Jumps(selectors.SelectSelector):
    """A selector that hears of nothing, and lets the time pass that it was to wait for."""

    def __init__(self, jump: Callable[[float], None]) -> None:
        super().__init__()
        self._jump_by = jump

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise Stuck("the run waits for something that never comes")
        if timeout > 0:
            self._jump_by(timeout)
        return []


class VirtualClock:
    """The time of a `VirtualLoop`, from an instant on."""

    def __init__(self, begins: datetime, loop: asyncio.AbstractEventLoop) -> None:
        self.begins = begins.astimezone(UTC)
        self._loop = loop
        self._told = (0.0, self.begins)

    def now(self) -> datetime:
        elapsed = self._loop.time()
        if elapsed != self._told[0]:
            self._told = elapsed, self.begins + timedelta(seconds=elapsed)
        return self._told[1]

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
