"""Where include/people.yaml says who is who, everybody whom a plan names is one of its people.

Where the controls of the environment say `approvers: people`, they have the roles there in which they approve.
The author, who may approve, who decides on a backout, who tests: of a name that stands for nobody no one can say
whether it is somebody else's, too. Nobody is asked and no run starts until the name is known.

PASS
    author: ann
    approval: {authorities: {mia: deployment manager}}
    # include/people.yaml
    people: {ann: {ids: ["7"]}, mia: {ids: ["3"]}}

FAIL
    author: ann
    approval: {authorities: {Mia: deployment manager}}
    # include/people.yaml
    people: {ann: {ids: ["7"]}, mia: {ids: ["3"]}}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.lint.known import Known
from deployplan.plan.draft import Draft
from deployplan.plan.judges import strangers
from deployplan.plan.model.roster import Roster
from deployplan.plan.text.keys import did_you_mean
from deployplan.plan.text.problem import Problem

ID: Final = "person-known"
SEVERITY: Final = "error"


def check_with(draft: Draft, known: Known) -> Iterator[Problem]:
    if known.roster is None:
        return
    for named in draft.plan.people_named():
        if named.name not in known.roster.people:
            message = f"{named.told} is nobody of include/people.yaml"
            hint = did_you_mean(named.name, sorted(known.roster.people)) or "add the person, or name somebody else"
            yield Problem.at(draft.tree.key_place(*named.path), ID, message, hint)
    yield from _named_by_controls(draft, known.roster)
    for named in strangers(draft.plan, draft.controls, known.roster):
        if named.name in known.roster.people:
            message = f"{named.told} in include/people.yaml, which the controls ask for"
            yield Problem.at(draft.tree.key_place(*named.path), ID, message)


def _named_by_controls(draft: Draft, roster: Roster) -> Iterator[Problem]:
    """Whom the controls of the environment name; told where the plan names the environment."""
    named = {user for user, _ in draft.controls.documented.named_approvers}
    strange = sorted({*named, *draft.controls.emergency.second_authority} - roster.people.keys())
    if strange:
        message = f"the controls of {draft.plan.environment} name {', '.join(strange)}: nobody of include/people.yaml"
        yield Problem.at(draft.tree.place("environment"), ID, message, did_you_mean(strange[0], sorted(roster.people)))
