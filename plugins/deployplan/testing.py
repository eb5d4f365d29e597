"""Fakes that implement the real protocols, for tests of deployplan and of what is built on it."""

from datetime import datetime, timedelta


class FrozenClock:
    """A clock that stands still until someone sleeps on it."""

    def __init__(self, at: datetime) -> None:
        self._now = at

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
