"""The calendar of every rota can be read.

PASS
    # include/people.yaml
    people: {erin: {}, mia: {}}
    on_call: {storefront: {pager: pagerduty_storefront}}

FAIL
    # include/people.yaml
    people: {erin: {}, mia: {}}
    on_call: {storefront: {calendar: on-call/storefront.ics}}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.lint.known import Known
from deployplan.plan.model.roster import CalendarRota, Roster
from deployplan.plan.text.located import Located
from deployplan.plan.text.problem import Problem
from deployplan.window.error import WindowError

ID: Final = "rota-readable"
SEVERITY: Final = "error"


def check_roster(roster: Roster, tree: Located, known: Known) -> Iterator[Problem]:
    for name, rota in roster.on_call.items():
        if isinstance(rota, CalendarRota):
            try:
                roster.events_of(rota)
            except WindowError as error:
                yield Problem.at(tree.place("on_call", name, "calendar"), ID, str(error))
