"""A period of the calendar, and the next slot of a plan, as JSON for one person."""

from collections.abc import Collection, Iterable
from datetime import datetime

from deployplan.runbook.calendar.calendar import Calendar, Planned
from deployplan.runbook.calendar.next_slot import NextSlot, Slot
from deployplan.ui.calendar_rows import CalendarEntry, clock_times, conflict_of, state_of
from deployplan.ui.calendar_view import CalendarPeriod, CalendarView
from deployplan.ui.json_values import shown_text
from deployplan.window.interval import FOREVER
from deployplan.window.wall_time import find_zone

VERSION = 1
MOST_SLOTS = 20
"""Openings of a plan that are listed."""


def calendar_as_json(
    view: CalendarView, environments: Iterable[str], own_zone: str, now: datetime, readable: Collection[str] | None
) -> dict[str, object]:
    """Return JSON values; `own_zone` is the environment's own, whatever zone is shown."""
    period, calendar = view.period, view.calendar
    return {
        "version": VERSION,
        "environment": calendar.environment,
        "environments": list(environments),
        "timezone": own_zone,
        "zone": period.zone,
        "scale": str(period.scale),
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "before": period.before.isoformat(),
        "after": period.after.isoformat(),
        "today": now.astimezone(find_zone(period.zone)).date().isoformat(),
        "start": _at(period.span.start, period.zone),
        "end": _at(period.span.end, period.zone),
        "days": _days(period),
        "entries": [_entry(calendar, entry, readable) for entry in view.entries],
        "left_out": dict(view.left_out),
        "without_opening": _named(calendar.without_opening, readable),
        "any_time": _named(calendar.any_time, readable),
    }


def slot_as_json(found: NextSlot, readable: Collection[str] | None) -> dict[str, object]:
    """Return where a plan fits next, and its openings, as JSON values."""
    return {
        "version": VERSION,
        "plan": found.plan,
        "sentence": shown_text(found.told(readable)),
        "fits": found.first is not None,
        "slots": [_slot(slot, readable) for slot in found.slots[:MOST_SLOTS]],
        "left_out": max(0, len(found.slots) - MOST_SLOTS),
    }


def _days(period: CalendarPeriod) -> list[dict[str, object]]:
    return [
        {
            "date": day.isoformat(),
            "begins": _at(period.begin_of(day), period.zone),
            "asked_for": period.first <= day <= period.last,
        }
        for day in period.days
    ]


def _entry(calendar: Calendar, entry: CalendarEntry, readable: Collection[str] | None) -> dict[str, object]:
    plan = entry.plan
    begins, ends = clock_times(entry.at, calendar.timezone)
    return {
        "kind": entry.kind,
        "what": shown_text(entry.what),
        "start": _at(entry.at.start, calendar.timezone),
        "end": None if entry.at.end == FOREVER else _at(entry.at.end, calendar.timezone),
        "begins": begins,
        "ends": ends,
        "plan": None if plan is None else _plan(calendar, plan, readable),
    }


def _plan(calendar: Calendar, plan: Planned, readable: Collection[str] | None) -> dict[str, object]:
    standing, last = plan.standing, plan.last_safe_start
    return {
        "name": shown_text(plan.name),
        "state": str(standing.state),
        "outcome": None if standing.last is None or not standing.state.over else standing.last.outcome,
        "told": shown_text(state_of(calendar, plan)),
        "owner": shown_text(standing.owner),
        "run": shown_text(standing.run_id),
        "conflict": shown_text(conflict_of(calendar, plan, readable)),
        "last_safe_start": None if last is None else _at(last, calendar.timezone),
    }


def _slot(slot: Slot, readable: Collection[str] | None) -> dict[str, object]:
    rivals = [shown_text(each.name_for(readable)) for each in slot.rivals]
    return {**slot.opening.as_json(), "taken_by": list(dict.fromkeys(rivals))}


def _named(plans: Iterable[str], readable: Collection[str] | None) -> list[str]:
    return [shown_text(plan) for plan in plans if readable is None or plan in readable]


def _at(instant: datetime, zone: str) -> str:
    return instant.astimezone(find_zone(zone)).isoformat()
