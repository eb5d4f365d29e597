"""A communication goes to a stakeholder of the plan, a mail address, a #channel or a URL.

PASS
    impact: {stakeholders: {warehouse: {contact: warehouse@acme.example}}}
    communications: [{to: warehouse, on: [success]}]

FAIL
    communications: [{to: warehose, on: [success]}]
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.keys import did_you_mean
from deployplan.plan.problem import Problem

ID: Final = "recipient-known"
SEVERITY: Final = "error"


def check(draft: Draft) -> Iterator[Problem]:
    known = tuple(draft.plan.impact.stakeholders)
    for number, message in enumerate(draft.plan.communications):
        if message.to not in known and not _is_address(message.to):
            listed = f"stakeholders are {', '.join(known)}" if known else "the plan has no stakeholders"
            text = f"a communication goes to {message.to!r}; {listed}"
            place = draft.tree.place("communications", number, "to")
            yield Problem.at(place, ID, text, did_you_mean(message.to, known))


def _is_address(to: str) -> bool:
    return "@" in to or "://" in to or to.startswith("#")
