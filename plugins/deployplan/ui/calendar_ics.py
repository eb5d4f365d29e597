"""A calendar as an iCalendar file, for the calendars that people look at anyway."""

import hashlib
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from deployplan.runbook.calendar.calendar import Calendar
from deployplan.ui.calendar_rows import conflict_of, state_of
from deployplan.window.interval import FOREVER, Interval

SECOND = timedelta(seconds=1)


class _Entry(NamedTuple):
    at: Interval
    kind: str
    name: str
    detail: str


def as_ics(calendars: Iterable[Calendar], stamp: datetime, readable: Collection[str] | None = None) -> bytes:
    """Return the calendars as one iCalendar file (RFC 5545); `stamp` is when it was made.

    Plans that are not `readable` are left out; None: every plan may be read.

    Times are in UTC, which every calendar shows in local time. What has no known end ends with the calendar.
    """
    import icalendar

    file: Any = icalendar.Calendar()
    for key, value in (("prodid", "-//deployplan//calendar//EN"), ("version", "2.0"), ("method", "PUBLISH")):
        file.add(key, value)
    for calendar in calendars:
        for entry in _entries(calendar, readable):
            file.add_component(_event(icalendar.Event(), entry, calendar, stamp))
    return bytes(file.to_ical())


def _entries(calendar: Calendar, readable: Collection[str] | None) -> Iterator[_Entry]:
    yield from (_Entry(each.at, "window", each.name, "") for each in calendar.windows)
    yield from (_Entry(each.at, "freeze", each.name, "") for each in calendar.freezes)
    for plan in calendar.plans:
        if readable is not None and plan.name not in readable:
            continue
        nodes = f"nodes: {', '.join(sorted(plan.claim.works_on))}"
        told = (state_of(calendar, plan), nodes, conflict_of(calendar, plan, readable))
        yield _Entry(plan.at, "plan", plan.name, "\n".join(filter(None, told)))


def _event(event: Any, entry: _Entry, calendar: Calendar, stamp: datetime) -> Any:
    endless = entry.at.end == FOREVER
    detail = "\n".join(filter(None, (entry.detail, "no known end" if endless else "")))
    event.add("uid", _identity(calendar.environment, entry))
    event.add("dtstamp", stamp)
    starts = entry.at.start.replace(microsecond=0)
    event.add("dtstart", starts)
    # An event ends after it starts, in whole seconds: a run may have been shorter.
    event.add("dtend", max(calendar.span.end if endless else entry.at.end, starts + SECOND))
    event.add("summary", f"{entry.kind} {entry.name} ({calendar.environment})")
    event.add("categories", [entry.kind])
    event.add("transp", "TRANSPARENT" if entry.kind == "window" else "OPAQUE")
    if detail:
        event.add("description", detail)
    return event


def _identity(environment: str, entry: _Entry) -> str:
    """The same thing has the same identity in every file, so that it is updated and not added; a plan also moves."""
    when = "" if entry.kind == "plan" else entry.at.start.isoformat()
    told = "\0".join((environment, entry.kind, entry.name, when))
    return f"{hashlib.sha256(told.encode()).hexdigest()[:32]}@deployplan"
