"""What may end a wait before its time, looked at once for all triggers of a process: the hold switch, the freezes."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from weakref import WeakKeyDictionary

from deployplan.airflow_glue.settings import settings
from deployplan.clock import SystemClock
from deployplan.evidence.hold import Hold, HoldSwitch
from deployplan.plan.load.loading import load_infrastructure
from deployplan.plan.model.infrastructure import Infrastructure
from deployplan.runbook.calendar.waiting_runs import Beside

T = TypeVar("T")
Stamps = tuple[tuple[str, int, int, int], ...]

AT_ONCE = 6
"""Looks at once: each waits for the disk to keep its evidence, and many wait together."""
EVERY = 2.0
"""Seconds between two looks at the switch and at the environments' files."""
TICK = 2.0
"""Seconds for which a file that was just changed is read anew each time: it may change again under the same stamp."""
QUIET = 5.0
"""Seconds without a newcomer after which the copies of their DAGs are swept up."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The hold switch, and what tells that an environment's file has changed."""

    hold: Hold | None
    files: Stamps


class Watch:
    """One for all triggers that wait in a process. Files are read and written in threads, a few at a time."""

    def __init__(self) -> None:
        # What is there already stays, and is shared with the process that forked this one for as long as nobody
        # touches it; a sweep would touch all of it.
        gc.freeze()
        self.seen: Seen | None = None
        self.beside = Beside(settings().record_store(), SystemClock())
        self._changed = asyncio.Event()
        self._few = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._poll: asyncio.Task[None] | None = None
        self._sweep: asyncio.TimerHandle | None = None
        self._environments: dict[str, tuple[Stamps, Infrastructure]] = {}

    @contextmanager
    def joined(self) -> Iterator[None]:
        """Keep looking for as long as somebody waits."""
        if not self._waiting:
            self.seen = None  # what the last one saw is long ago
        self._waiting += 1
        if self._poll is None or self._poll.done():
            self._poll = asyncio.create_task(self._look_again_and_again(), name="deployplan: watch")
        self._sweep_later()
        try:
            yield
        finally:
            self._waiting -= 1
            if not self._waiting and self._poll is not None:
                self._poll.cancel()

    def _sweep_later(self) -> None:
        """Airflow makes a whole DAG for each trigger; left behind, it is a circle that only the collector can free.

        By itself the collector comes when a quarter more objects have gathered: for hundreds of runs, far too late.
        """
        if self._sweep is not None:
            self._sweep.cancel()
        self._sweep = asyncio.get_running_loop().call_later(QUIET, _sweep)

    async def change(self, since: Seen | None, seconds: float) -> None:
        """Wait until something is not as it was in `since`, for at most so many seconds."""
        if self.seen is not since:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()

    async def in_turn(self, work: Callable[[], T]) -> T:
        """Do what reads and writes files in a thread, a few at a time: hundreds wake at the same opening."""
        async with self._few:
            return await asyncio.to_thread(work)

    def environment(self, name: str) -> Infrastructure:
        """An environment as its file says now; parsed once for all until a file changes. Raises PlanRejected."""
        now = _stamps_now()
        known = self._environments.get(name)
        if known is not None and known[0] == now:
            return known[1]
        found = load_infrastructure(name, settings().documents())
        if _settled(now):
            self._environments[name] = (now, found)
        else:
            self._environments.pop(name, None)
        return found

    async def _look_again_and_again(self) -> None:
        while True:
            now = await self.in_turn(_look)
            if now != self.seen:
                self.seen = now
                event, self._changed = self._changed, asyncio.Event()
                event.set()
            await asyncio.sleep(EVERY)


def _sweep() -> None:
    """Free what nobody uses, and hand the pages back, where the C library can (glibc)."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _look() -> Seen:
    """A switch that cannot be read is on: fail closed."""
    try:
        hold = HoldSwitch(settings().records).state()
    except Exception as error:
        hold = Hold(f"the hold switch cannot be read: {error}", "deployplan", SystemClock().now())
    return Seen(hold, _stamps_now())


def _stamps_now() -> Stamps:
    return tuple(sorted(_stamps(settings().documents().infrastructure)))


def _settled(stamps: Stamps) -> bool:
    """Whether a file that is written from now on gets another stamp: clocks of file systems tick slowly."""
    now = SystemClock().now().timestamp()
    return all(changed < (now - TICK) * 1e9 for _, _, changed, _ in stamps)


def _stamps(folder: Path) -> Iterator[tuple[str, int, int, int]]:
    """Name, inode, time of change and size of every file below; unlike that of writing, nobody sets this time."""
    try:
        for place, _, names in os.walk(folder):
            for name in names:
                found = (Path(place) / name).lstat()
                yield str(Path(place) / name), found.st_ino, found.st_ctime_ns, found.st_size
    except OSError:  # a file that goes while it is looked at: the next look sees it
        yield "?", 0, int(SystemClock().now().timestamp() * 1e9), 0


_watches: WeakKeyDictionary[asyncio.AbstractEventLoop, Watch] = WeakKeyDictionary()


def watch_here() -> Watch:
    """The watch of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _watches.get(loop)
    if found is None:
        found = _watches[loop] = Watch()
    return found
