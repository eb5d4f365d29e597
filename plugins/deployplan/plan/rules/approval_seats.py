"""There are enough authorities besides the author to fill every seat of the quorum.

PASS
    approval: {authorities: {amir: product owner, mia: deployment manager}, quorum: 2}

FAIL
    approval: {authorities: {amir: product owner, erin: developer}, quorum: 3}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.text.problem import Problem

ID: Final = "approval-seats"
SEVERITY: Final = "error"


def check(draft: Draft) -> Iterator[Problem]:
    approval, able = draft.plan.approval, draft.plan.may_approve()
    if approval.quorum > len(able):
        barred = f"; {draft.plan.author} is the author and cannot" if draft.plan.author in approval.authorities else ""
        listed = f"{len(able)} can approve ({', '.join(able)})" if able else "nobody can approve"
        message = f"quorum is {approval.quorum} and {listed}{barred}"
        key = "quorum" if draft.tree.get("approval", "quorum") else "authorities"
        yield Problem.at(draft.tree.key_place("approval", key), ID, message)
