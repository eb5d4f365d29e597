"""A calendar from which freezes are taken freezes something: an empty one is more often a wrong export than a wish.

PASS
    # include/infrastructure/production.yaml
    freezes: [{name: changes, calendar: change-freeze.ics}]
    # include/infrastructure/change-freeze.ics
    BEGIN:VCALENDAR
    BEGIN:VEVENT
    DTSTART;VALUE=DATE:20261224
    END:VEVENT
    END:VCALENDAR

FAIL
    # include/infrastructure/production.yaml
    freezes: [{name: changes, calendar: change-freeze.ics}]
    # include/infrastructure/change-freeze.ics
    BEGIN:VCALENDAR
    BEGIN:VEVENT
    DTSTART:20261224T080000Z
    SUMMARY:begins and lasts no time
    END:VEVENT
    END:VCALENDAR
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.model.freezes import CalendarFreeze
from deployplan.plan.text.problem import Problem

ID: Final = "freeze-empty"
SEVERITY: Final = "warning"
_HINT: Final = "what freezes is an event that lasts and is not cancelled; see docs/reference/windows.md"


def check(draft: Draft) -> Iterator[Problem]:
    if draft.environment is None:
        return
    for number, freeze in enumerate(draft.environment.model.freezes):
        if isinstance(freeze, CalendarFreeze) and freeze.freeze().empty:
            place = draft.environment.tree.place("freezes", number, "calendar")
            message = f"calendar {freeze.calendar} holds nothing that freezes, on any day"
            yield Problem.at(place, ID, message, _HINT, SEVERITY)
