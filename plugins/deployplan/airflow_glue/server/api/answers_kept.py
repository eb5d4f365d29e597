"""What takes long to find out is found out beside the requests, a bounded number at once, and kept for a moment."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookLonger
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

from fastapi import HTTPException

T = TypeVar("T")
AT_ONCE = 2
"""Answers that are found out at the same time."""


class AnswersKept(Generic[T]):
    """Answers by what was asked. Few threads work; whoever asks waits a moment, and is then told to ask again.

    So what takes for ever, as a calendar that somebody made to, holds up its own page and nobody else's.
    """

    def __init__(self, name: str, *, fresh: float = 5.0, waits: float = 4.0, most: int = 32) -> None:
        """`fresh`: seconds for which an answer serves; `waits`: how long a request may wait; `most`: kept at once."""
        self._worker = ThreadPoolExecutor(AT_ONCE, thread_name_prefix=f"deployplan-{name}")
        self._fresh, self._waits, self._most = fresh, waits, most
        self._kept: dict[Hashable, tuple[float, Future[T]]] = {}
        self._lock = Lock()

    def ask(self, what: Hashable, find: Callable[[], T]) -> T:
        """Return what `find` found. Raises what it raised, and 503 while it is not known yet or too much is asked."""
        with self._lock:
            future = self._begun(what, find)
        try:
            return future.result(self._waits)
        except TookLonger:
            raise _later("this takes longer than a moment; ask again") from None

    def _begun(self, what: Hashable, find: Callable[[], T]) -> Future[T]:
        now = monotonic()
        found = self._kept.get(what)
        if found is not None and (not found[1].done() or now - found[0] < self._fresh):
            return found[1]
        old = {key: each for key, each in self._kept.items() if not each[1].done() or now - each[0] < self._fresh}
        if len(old) >= self._most:
            raise _later("too much is asked at once; ask again")
        future = self._worker.submit(find)
        self._kept = {**old, what: (now, future)}
        return future


def _later(why: str) -> HTTPException:
    return HTTPException(503, why, headers={"Retry-After": "1"})
