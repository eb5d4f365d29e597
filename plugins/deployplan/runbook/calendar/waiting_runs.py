"""The runs that wait beside a run, as the records told a moment ago; shared by all that wait in a process."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import Lock

from deployplan.clock import Clock
from deployplan.evidence.record import Records
from deployplan.evidence.waiting import WaitingRun

FRESH = timedelta(seconds=1)
"""So long one reading serves: when hundreds of runs wait for one opening, each would read hundreds of entries."""


class Beside:
    """Reads entries of others together; what was said through this object is known at once. Threads may share it."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self._records = records
        self._clock = clock
        self._read_at: datetime | None = None
        self._waiting: dict[str, WaitingRun] = {}
        self._active: Mapping[str, str] = {}
        self._lock = Lock()

    def waiting(self) -> tuple[WaitingRun, ...]:
        """Every run that waits or has started."""
        with self._lock:
            self._refresh()
            return tuple(self._waiting.values())

    def active(self) -> Mapping[str, str]:
        """The ids of the runs that are not over, by plan."""
        with self._lock:
            self._refresh()
            return self._active

    def said(self, plan: str, run_id: str) -> WaitingRun | None:
        """What this run said last, if it did."""
        with self._lock:
            self._refresh()
            found = self._waiting.get(plan)
        return found if found is not None and found.run_id == run_id else None

    def say(self, run: WaitingRun) -> None:
        """Let others know about a run. OSError when the records cannot be written."""
        self._records.waiting.put(run)
        with self._lock:
            self._waiting[run.plan] = run

    def forget(self, plan: str, run_id: str) -> None:
        """Let others know that a run waits no longer."""
        self._records.waiting.remove(plan, run_id)
        with self._lock:
            found = self._waiting.get(plan)
            if found is not None and found.run_id == run_id:
                del self._waiting[plan]

    def _refresh(self) -> None:
        now = self._clock.now()
        if self._read_at is None or not self._read_at <= now < self._read_at + FRESH:
            self._waiting = {run.plan: run for run in self._records.waiting.all()}
            self._active = {plan: run_id for plan, (run_id, _) in self._records.active_plans().items()}
            self._read_at = now
