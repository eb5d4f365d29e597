"""In the four weeks to come a rota names somebody at every time, and nobody whom include/people.yaml does not know.

Looked at when `deployplan lint` knows the time. The title of an event is the name of a person, and nothing else.

PASS
    # include/people.yaml
    people: {erin: {}, mia: {}}
    on_call: {storefront: {calendar: storefront.ics}}
    # include/storefront.ics
    BEGIN:VCALENDAR
    BEGIN:VEVENT
    DTSTART;VALUE=DATE:20260105
    DURATION:P7D
    RRULE:FREQ=WEEKLY
    SUMMARY:mia
    END:VEVENT
    END:VCALENDAR

FAIL
    # include/people.yaml
    people: {erin: {}, mia: {}}
    on_call: {storefront: {calendar: storefront.ics}}
    # include/storefront.ics
    BEGIN:VCALENDAR
    BEGIN:VEVENT
    DTSTART;VALUE=DATE:20260105
    DURATION:P5D
    RRULE:FREQ=WEEKLY
    SUMMARY:On call: Mia
    END:VEVENT
    END:VCALENDAR
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from deployplan.lint.known import Known
from deployplan.plan.model.roster import CalendarRota, Roster
from deployplan.plan.text.keys import did_you_mean
from deployplan.plan.text.located import Located
from deployplan.plan.text.problem import Problem
from deployplan.window.error import WindowError

ID: Final = "rota-people"
SEVERITY: Final = "warning"
AHEAD: Final = timedelta(weeks=4)


def check_roster(roster: Roster, tree: Located, known: Known) -> Iterator[Problem]:
    if known.now is None:
        return
    for name, rota in roster.on_call.items():
        if isinstance(rota, CalendarRota):
            place = tree.place("on_call", name, "calendar")
            try:
                for message, hint in _wrong(roster, name, rota, known.now):
                    yield Problem.at(place, ID, message, hint, SEVERITY)
            except WindowError:
                continue  # rota-readable says why


def _wrong(roster: Roster, name: str, rota: CalendarRota, now: datetime) -> Iterator[tuple[str, str | None]]:
    spans = list(roster.events_of(rota).between(now, now + AHEAD))
    covered, strange = now, dict[str, datetime]()
    for span in spans:
        if span.start > covered:
            break
        covered = max(covered, span.end)
    if covered < now + AHEAD:
        yield f"nobody is on call in {name} at {covered:%Y-%m-%d %H:%M} UTC", "add an event for that time"
    for span in spans:
        at = max(span.start, now)
        for title in roster.on_call_at(name, at).unknown:
            strange.setdefault(title, at)
    for title, at in strange.items():
        message = f"{title or 'an event without a title'!r} is on call in {name} at {at:%Y-%m-%d %H:%M} UTC"
        yield f"{message}, and is nobody of include/people.yaml", did_you_mean(title, sorted(roster.people))
