"""An emergency passes freezes when it cannot be approved without one of the controls' second authorities.

So many must approve that those who are no second authority cannot fill all the seats: two of one, three of two.

PASS
    scope: {reason: emergency, fixes: [BUG-7]}
    approval: {authorities: {mia: deployment manager, amir: product owner}, quorum: 2}
    # include/controls/production.yaml
    emergency: {second_authority: [mia]}

FAIL
    scope: {reason: emergency, fixes: [BUG-7]}
    approval: {authorities: {mia: deployment manager, amir: product owner, ann: developer}, quorum: 2}
    # include/controls/production.yaml
    emergency: {second_authority: [mia]}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.text.problem import Problem

ID: Final = "second-authority"
SEVERITY: Final = "warning"


def check(draft: Draft) -> Iterator[Problem]:
    snapshot, named = draft.snapshot(), draft.controls.emergency.second_authority
    if snapshot is None or snapshot.passes_freezes or not named or draft.plan.scope.reason != "emergency":
        return
    able = draft.plan.may_approve()
    others = [user for user in able if user not in snapshot.second_authorities]
    quorum = draft.plan.approval.quorum
    if snapshot.second_authorities:
        why = f"{quorum} of {', '.join(able)} can approve without {' or '.join(snapshot.second_authorities)}"
        hint = f"have at least {max(2, len(others) + 1)} approve, or fewer who may"
    else:
        why = f"none of {', '.join(named)} is an authority who may approve"
        hint = "name one of them in approval.authorities"
    place = draft.tree.key_place("approval", "quorum" if draft.tree.get("approval", "quorum") else "authorities")
    yield Problem.at(place, ID, f"freezes hold this emergency: {why}", hint, SEVERITY)
