"""The reserve at the end of the window is at least as long as a backout is expected to take.

PASS
    schedule: {backout_reserve: 30m}
    backout: {expected_duration: 25m}

FAIL
    schedule: {backout_reserve: 20m}
    backout: {expected_duration: 25m}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.text.problem import Problem
from deployplan.plan.text.scalars import spell_duration

ID: Final = "reserve-covers-backout"
SEVERITY: Final = "warning"


def check(draft: Draft) -> Iterator[Problem]:
    reserve, expected = draft.plan.schedule.backout_reserve, draft.plan.backout.expected_duration
    if expected is not None and reserve < expected:
        message = f"a backout takes {spell_duration(expected)} and {spell_duration(reserve)} are kept for it"
        yield Problem.at(draft.tree.place("schedule", "backout_reserve"), ID, message, None, SEVERITY)
