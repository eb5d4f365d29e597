"""Tonight, read once for all who look: every viewer asks every few seconds, and what they see is the same."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from time import monotonic

from deployplan.airflow_glue.settings import Settings, settings
from deployplan.clock import SystemClock
from deployplan.evidence.hold import HoldSwitch
from deployplan.plan.load.loading import LoadResult
from deployplan.plan.model.infrastructure import Infrastructure
from deployplan.ui.plan_reader import NOTHING, PlanReader
from deployplan.ui.run_reader import RunReader
from deployplan.ui.tonight import Sources, Tonight, read_tonight

FRESH = 2.0
"""Seconds for which one reading serves everybody."""
WAITS = 3.0
"""Seconds that a request waits for another one that reads."""
IN_TIME = 0.6
"""Seconds that one look may take for what was not read before; the rest is read by the next looks."""


class TonightKeeper:
    """Reads plans and records of one installation. Threads may share it. `loaded` are the plans of the last look."""

    def __init__(self, known: Settings) -> None:
        self._records = known.record_store()
        self._switch = HoldSwitch(known.records)
        self._plans = PlanReader(known.documents())
        self._runs = RunReader(self._records)
        self._include = known.documents()
        self._lock = Lock()
        self._found: tuple[float, Tonight] | None = None
        self.loaded: LoadResult = NOTHING

    def look(self) -> Tonight:
        """Return what is known now, or was a moment ago. Raises OSError when the records cannot be reached.

        Nobody waits long for who looks: a store that hangs takes one thread of the server, and not all.
        """
        if not self._lock.acquire(timeout=WAITS):
            raise OSError("the records do not answer: somebody has been looking at them for too long; ask again")
        try:
            began, found = monotonic(), self._found
            if found is None or began - found[0] >= FRESH:
                self._found = found = monotonic(), self._read(began)
            return found[1]
        finally:
            self._lock.release()

    def forget(self) -> None:
        """Let the next look be a new one."""
        self._found = None

    def environment(self, name: str) -> Infrastructure:
        """Return an environment as its file says now; raises as `load_infrastructure` does."""
        return self._plans.today(name)

    def _read(self, began: float) -> Tonight:
        plans, unread = self._plans.read(IN_TIME / 2)
        self.loaded = plans
        sources = Sources(
            include=self._include,
            records=self._records,
            reader=self._runs,
            snapshots=plans.snapshots,
            today=self._plans.today,
            hold=self._switch.state(),
            rejected=len({problem.path for problem in plans.problems}),
            unread=unread,
        )
        return read_tonight(sources, SystemClock().now(), lambda: monotonic() - began < IN_TIME)


def tonight_now() -> Tonight:
    """Return what this installation knows now."""
    return keeper(settings()).look()


def plans_now() -> LoadResult:
    """Return this installation's plans as the page of tonight knows them."""
    tonight = keeper(settings())
    tonight.look()
    return tonight.loaded


def forget_tonight() -> None:
    """Let the next who looks see what somebody has just done."""
    keeper(settings()).forget()


@lru_cache(maxsize=1)
def keeper(known: Settings) -> TonightKeeper:
    """The one of this process."""
    return TonightKeeper(known)
