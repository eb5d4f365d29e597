"""The calendar and next slots of this installation, found out beside the requests and kept for a moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache

from deployplan.airflow_glue.server.api.answers_kept import AnswersKept
from deployplan.airflow_glue.server.api.tonight_keeper import plans_now
from deployplan.airflow_glue.settings import Settings, settings
from deployplan.clock import SystemClock
from deployplan.evidence.hold import HoldSwitch
from deployplan.plan.load.loading import load_infrastructure
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.calendar.calendar import Calendar, calendar_of
from deployplan.runbook.calendar.next_slot import AHEAD, NextSlot, find_next_slot
from deployplan.ui.calendar_view import CalendarPeriod, look_at
from deployplan.window.interval import Interval

BEHIND = timedelta(days=30)
"""How far back an office calendar is told of; ahead it is as far as slots are looked for."""


class CalendarKeeper:
    """Looks into the calendar of one installation. Threads may share it."""

    def __init__(self, known: Settings) -> None:
        self._include = known.documents()
        self._records = known.record_store()
        self._switch = HoldSwitch(known.records)
        self._calendars: AnswersKept[Calendar] = AnswersKept("calendar")
        self._slots: AnswersKept[NextSlot] = AnswersKept("slots")

    def period(self, environment: str, period: CalendarPeriod, plans: Mapping[str, Snapshot]) -> Calendar:
        """The calendar of a period. Raises PlanRejected and WindowError of the environment's file, and 503."""

        def find() -> Calendar:
            today = load_infrastructure(environment, self._include)
            return look_at(environment, today, plans, period, at=_now(), records=self._records)

        return self._calendars.ask((environment, period), find)

    def for_office(self, environment: str, plans: Mapping[str, Snapshot]) -> Calendar:
        """The calendar from a month ago to three months ahead. Raises as `period`."""

        def find() -> Calendar:
            now = _now()
            span = Interval(now - BEHIND, now + AHEAD)
            today = load_infrastructure(environment, self._include)
            return calendar_of(environment, today, plans, span, at=now, records=self._records)

        return self._calendars.ask((environment, "office"), find)

    def next_slot(self, snapshot: Snapshot, plans: Mapping[str, Snapshot]) -> NextSlot:
        """Where a plan fits next. Raises as `period`."""

        def find() -> NextSlot:
            hold = self._switch.state()
            return find_next_slot(snapshot, plans, self._include, self._records, at=_now(), hold=hold)

        return self._slots.ask((snapshot.plan.name, snapshot.digest), find)


def calendar_keeper() -> CalendarKeeper:
    """The one of this process."""
    return _keeper(settings())


def known_plans() -> Mapping[str, Snapshot]:
    """The plans as their files are."""
    return plans_now().snapshots


def zone_of(environment: str) -> str:
    """The zone in which an environment's times are written. Raises PlanRejected when its file cannot be used."""
    return load_infrastructure(environment, settings().documents()).timezone or "UTC"


def _now() -> datetime:
    return SystemClock().now()


@lru_cache(maxsize=1)
def _keeper(known: Settings) -> CalendarKeeper:
    return CalendarKeeper(known)
