"""Asking the record store in the API server: in threads of their own, and waited for no longer than people wait.

A store that hangs would else take the threads in which Airflow's server does its own work.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from deployplan.errors import DeployPlanError

THREADS = 16
WITHIN = 20.0
"""Seconds for which a request waits for the store."""
MOST_ASKED = 500
"""Questions that wait at the same time; the next is refused at once."""

T = TypeVar("T")


class StoreSilent(DeployPlanError):
    """The record store did not answer in time; what was asked of it may still be done."""


class StoreThreads:
    """The threads of one process."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="deployplan-records")
        self._asked = 0

    async def ask(self, work: Callable[..., T], *given: object, within: float | None = None) -> T:
        """Return what `work` does there. Raises StoreSilent after `within` seconds; what was begun goes on."""
        if self._asked >= MOST_ASKED:
            raise StoreSilent(f"the record store does not answer, and {self._asked} requests wait for it: ask again")
        self._asked += 1
        waiting = asyncio.get_running_loop().run_in_executor(self._pool, work, *given)
        waiting.add_done_callback(self._answered)
        seconds = WITHIN if within is None else within
        # Not `timeout`: that would take what waits for a thread back, and evidence with it.
        done, _ = await asyncio.wait({waiting}, timeout=seconds)
        if not done:
            raise StoreSilent(f"the record store does not answer within {seconds:g} s: ask again")
        return waiting.result()

    def _answered(self, done: asyncio.Future[T]) -> None:
        self._asked -= 1
        if not done.cancelled():
            done.exception()  # that of what nobody waits for any more is no error of the loop


_threads = StoreThreads()
ask_store = _threads.ask
