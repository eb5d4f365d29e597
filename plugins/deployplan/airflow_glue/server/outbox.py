"""The outbox: sends the messages of all runs, in the API server, which outlives worker, triggerer and scheduler.

It has a thread and an event loop of its own, so that no request waits for a mail server, and no message for a request.
With several API servers each has one: the evidence decides which of them sends a message (`runbook/telling/outbox.py`).
"""

from __future__ import annotations

import asyncio
import atexit
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock, Thread
from time import monotonic

from deployplan.airflow_glue.channels import channels, pages_of
from deployplan.airflow_glue.server.asgi import App, Receive, Scope, Send, path_of
from deployplan.airflow_glue.settings import settings
from deployplan.clock import SystemClock
from deployplan.comms.channel import Channel
from deployplan.plan.load.roster_file import load_roster
from deployplan.printable import printable
from deployplan.runbook.telling.courier import Courier

CHANNELS_KEPT = 60.0
"""Seconds for which the connections of the channels are not read again."""
THREADS = 128
"""In which channels wait for what does not answer; each way out takes a few at most (`courier.LANE`)."""

SEEN_WITHIN = 0.5
"""Seconds in which the end is noticed."""

log = logging.getLogger(__name__)


class CarryMessages:
    """ASGI middleware of the API server: the outbox begins with the first request that the server takes."""

    _begun = False
    _lock = Lock()
    _over = Event()

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._begun and path_of(scope):
            self._begin()
        await self.app(scope, receive, send)

    @classmethod
    def _begin(cls) -> None:
        with cls._lock:
            if not cls._begun:
                cls._begun = True
                cls._over = Event()  # its own: the end of one before it is not taken back
                Thread(target=carry_messages, args=(cls._over,), name="deployplan-outbox", daemon=True).start()
                atexit.register(cls.end)

    @classmethod
    def end(cls) -> None:
        """Begin no more messages; those under way end by themselves."""
        cls._over.set()


def carry_messages(over: Event) -> None:
    """Carry messages until it is over."""
    try:
        asyncio.run(_carry(over))
    except Exception:
        log.exception("messages are not sent by this API server any more")


async def _carry(over: Event) -> None:
    from deployplan.airflow_glue.server.metrics import publish_gauges  # which reads plans; no task needs it

    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS, thread_name_prefix="deployplan-send"))
    settings().signing_key()  # without one nobody could be sure that a message was not sent before
    documents = settings().documents()
    courier = Courier(settings().record_store(), _Ways(), SystemClock(), _say, pages_of, lambda: load_roster(documents))
    carrying = asyncio.create_task(courier.carry())
    watched = asyncio.create_task(publish_gauges(lambda: courier.looked_at))
    while not over.is_set() and not carrying.done():
        await asyncio.wait({carrying}, timeout=SEEN_WITHIN)
    carrying.cancel()
    watched.cancel()


class _Ways:
    """The channels, read again now and then: connections change while the server lives."""

    def __init__(self) -> None:
        self._known: Mapping[str, Channel] = {}
        self._read_at: float | None = None

    def __call__(self) -> Mapping[str, Channel]:
        if self._read_at is None or monotonic() - self._read_at >= CHANNELS_KEPT:
            self._known, self._read_at = channels(), monotonic()
        return self._known


def _say(line: str) -> None:
    log.warning("%s", printable(line))
