"""`backout.when` and `risks` name criteria of the plan.

PASS
    backout: {when: {health: ask}}

FAIL
    backout: {when: {helth: automatic}}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.text.keys import did_you_mean
from deployplan.plan.text.located import Step
from deployplan.plan.text.problem import Position, Problem

ID: Final = "criterion-known"
SEVERITY: Final = "error"
FAILED_SCRIPT = "deploy"


def check(draft: Draft) -> Iterator[Problem]:
    for name in draft.plan.backout.when:
        if name != FAILED_SCRIPT:
            path: tuple[Step, ...] = ("backout", "when", name)
            yield from _unless_known(draft, name, "backout.when", draft.tree.key_place(*path))
    for number, risk in enumerate(draft.plan.risks):
        if risk.watched_by is not None:
            place = draft.tree.place("risks", number, "watched_by")
            yield from _unless_known(draft, risk.watched_by, f"risk {risk.id!r}", place)


def _unless_known(draft: Draft, name: str, subject: str, place: Position) -> Iterator[Problem]:
    known = tuple(draft.plan.success)
    if name not in known:
        listed = f"criteria are {', '.join(known)}" if known else "the plan has no criteria"
        yield Problem.at(place, ID, f"{subject} names criterion {name!r}; {listed}", did_you_mean(name, known))
