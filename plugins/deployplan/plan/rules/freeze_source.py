"""What a freeze takes from elsewhere is there: the holidays of a country, the calendar in a file.

PASS
    # include/infrastructure/production.yaml
    freezes: [{name: holidays, holidays: FR}]

FAIL
    # include/infrastructure/production.yaml
    freezes: [{name: holidays, holidays: France}, {name: changes, calendar: change-freeze.ics}]
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Environment
from deployplan.plan.model.freezes import CalendarFreeze, HolidayFreeze
from deployplan.plan.text.problem import Problem
from deployplan.window.error import WindowError

ID: Final = "freeze-source"
SEVERITY: Final = "error"


def check_environment(environment: Environment) -> Iterator[Problem]:
    for number, freeze in enumerate(environment.model.freezes):
        try:
            if isinstance(freeze, HolidayFreeze | CalendarFreeze):
                freeze.freeze()
        except WindowError as error:
            source = "subdivision" if "has no holidays of" in str(error) else freeze.telling[0]
            yield Problem.at(environment.tree.place("freezes", number, source), ID, str(error))
