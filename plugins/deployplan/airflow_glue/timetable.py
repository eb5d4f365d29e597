"""A release is triggered by a person; its runs carry names that can be read and typed."""

from __future__ import annotations

from typing import Any

from airflow.timetables.simple import NullTimetable


class ReleaseTimetable(NullTimetable):
    """Never by itself. Names runs `release-2026-11-28-220455` (UTC), not `manual__2026-11-28T22:04:55.123+00:00`."""

    description = "When a person triggers it"

    @property
    def summary(self) -> str:
        """What the list of DAGs shows as the schedule."""
        return "by hand"

    def generate_run_id(self, *, run_type: Any, run_after: Any, data_interval: Any, **extra: Any) -> str:
        """The run's name: when it was triggered, in UTC, without characters that need quoting."""
        return f"release-{run_after:%Y-%m-%d-%H%M%S}"
