"""A calendar as rows for people and as JSON: what happens when, and who is in whose way."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from deployplan.runbook.calendar.calendar import Calendar, Planned
from deployplan.runbook.calendar.plan_status import PlanState
from deployplan.window.interval import FOREVER, Interval
from deployplan.window.wall_time import find_zone, on_the_clock

_NAMED = 3
KINDS = ("window", "freeze", "plan", "free")


class CalendarRow(NamedTuple):
    """A line of the calendar, in local time."""

    start: str
    end: str
    kind: str
    what: str


class CalendarEntry(NamedTuple):
    """What stands in the calendar at a time; `what` says it in words, in the calendar's zone."""

    at: Interval
    kind: str
    what: str
    plan: Planned | None = None


def calendar_rows(calendar: Calendar) -> list[CalendarRow]:
    """Return windows, freezes, plans and free slots in order of time."""
    return [
        CalendarRow(*clock_times(each.at, calendar.timezone), each.kind, each.what)
        for each in calendar_entries(calendar)
    ]


def calendar_entries(calendar: Calendar, readable: Collection[str] | None = None) -> list[CalendarEntry]:
    """Return the same as typed values; of plans that are not `readable` nothing is told but that they are in the way.

    None: every plan may be read.
    """
    return sorted(_entries(calendar, readable), key=_order)


def _order(entry: CalendarEntry) -> tuple[datetime, int, str]:
    return entry.at.start, KINDS.index(entry.kind), entry.what


def _entries(calendar: Calendar, readable: Collection[str] | None) -> Iterator[CalendarEntry]:
    yield from (CalendarEntry(each.at, "window", each.name) for each in calendar.windows)
    yield from (CalendarEntry(each.at, "freeze", each.name) for each in calendar.freezes)
    for each in calendar.plans:
        if readable is None or each.name in readable:
            yield CalendarEntry(each.at, "plan", _plan(calendar, each, readable), each)
    yield from (CalendarEntry(slot, "free", "") for slot in calendar.free)


def _plan(calendar: Calendar, plan: Planned, readable: Collection[str] | None) -> str:
    nodes = ", ".join(sorted(plan.claim.works_on))
    told = f"{plan.name} on {nodes}"
    if state := state_of(calendar, plan):
        told += f"; {state}"
    return f"{told}; {conflict}" if (conflict := conflict_of(calendar, plan, readable)) else told


def state_of(calendar: Calendar, plan: Planned) -> str:
    """Return how a plan stands, in local time: `released 2026-11-29 01:12 CET`; nothing when it is just scheduled."""
    standing = plan.standing
    if standing.state is PlanState.SCHEDULED:
        return ""
    if standing.last is None or not (standing.state.over or standing.state is PlanState.MAY_RUN_AGAIN):
        return f"{standing.state}, owner {standing.owner}"
    ended = on_the_clock(standing.last.at.astimezone(find_zone(calendar.timezone)))
    if standing.state is PlanState.RELEASED:
        return f"released{'' if standing.last.outcome == 'success' else ' with issues'} {ended}"
    again = f", {standing.state}" if standing.state is PlanState.MAY_RUN_AGAIN else ""
    what = standing.state if standing.state is PlanState.MISSED else standing.last.outcome
    return f"{what} {ended}{again}, owner {standing.owner}"


def conflict_of(calendar: Calendar, plan: Planned, readable: Collection[str] | None = None) -> str:
    """Return in whose way a plan is, the first few by name; nothing when it is in nobody's."""
    told = [
        f"{each.name_for(readable)} ({', '.join(plan.claim.shares_with(each.claim))})"
        for each in (calendar.plans[number] for number in plan.rivals[:_NAMED])
    ]
    more = [f"{len(plan.rivals) - _NAMED} more"] if len(plan.rivals) > _NAMED else []
    return f"conflict with {', '.join(told + more)}" if told else ""


def clock_times(at: Interval, zone: str) -> tuple[str, str]:
    """Return when it begins and ends, as the clock in `zone` shows it."""
    start, end = _ends(at, zone)
    return on_the_clock(start), on_the_clock(end, "no known end")


def _ends(at: Interval, zone: str) -> tuple[datetime, datetime | None]:
    local = find_zone(zone)
    return at.start.astimezone(local), None if at.end == FOREVER else at.end.astimezone(local)


def as_json(calendar: Calendar) -> dict[str, Any]:
    """Return the calendar for programs, instants in ISO 8601 with the offset of the environment's zone."""

    def times(at: Interval) -> dict[str, str | None]:
        start, end = _ends(at, calendar.timezone)
        return {"start": start.isoformat(), "end": end.isoformat() if end else None}

    return {
        "environment": calendar.environment,
        "timezone": calendar.timezone,
        **{"from": times(calendar.span)["start"], "to": times(calendar.span)["end"]},
        "windows": [{"name": each.name, **times(each.at)} for each in calendar.windows],
        "freezes": [{"name": each.name, **times(each.at)} for each in calendar.freezes],
        "plans": [{**times(each.at), **_plan_as_json(calendar, each)} for each in calendar.plans],
        "free": [times(slot) for slot in calendar.free],
        "without_opening": list(calendar.without_opening),
        "any_time": list(calendar.any_time),
    }


def _plan_as_json(calendar: Calendar, plan: Planned) -> dict[str, Any]:
    last = plan.last_safe_start
    others = [calendar.plans[number] for number in plan.rivals]
    return {
        "plan": plan.name,
        "state": str(plan.standing.state),
        "owner": plan.standing.owner,
        "run": plan.standing.run_id,
        "outcome": plan.standing.last.outcome if plan.standing.last else None,
        "last_safe_start": last.astimezone(find_zone(calendar.timezone)).isoformat() if last else None,
        "nodes": sorted(plan.claim.works_on),
        "conflicts": [{"plan": each.name, "nodes": plan.claim.shares_with(each.claim)} for each in others],
    }
