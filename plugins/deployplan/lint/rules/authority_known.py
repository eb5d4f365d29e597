"""Who is asked for an answer can log in and answer: an approver, a backout authority, the tester of a manual criterion.

Looked at when `deployplan lint` knows who may log in: from AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS, or from the users
file of `make up` (DEPLOYPLAN_USERS, or that of this checkout for its own plans). A viewer can answer no card. With
another auth manager, or without such a list, nothing is said.

PASS
    approval: {authorities: {mia: deployment manager}}

FAIL
    approval: {authorities: {mai: deployment manager}}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.lint.known import READS_ONLY, Known
from deployplan.plan.draft import Draft
from deployplan.plan.text.keys import did_you_mean
from deployplan.plan.text.problem import Problem

ID: Final = "authority-known"
SEVERITY: Final = "warning"


def check_with(draft: Draft, known: Known) -> Iterator[Problem]:
    if known.users is None:
        return
    for named in draft.plan.people_named():
        if named.role == "author":
            continue
        user, who, place = _login_of(named.name, known), named.told, draft.tree.key_place(*named.path)
        if user not in known.users:
            message = f"{who} is no user of this Airflow, whose users stand in {known.users_from}"
            yield Problem.at(place, ID, message, did_you_mean(user, sorted(known.users)), SEVERITY)
        elif known.users[user] == READS_ONLY:
            message = f"{who} is a {READS_ONLY} in {known.users_from}, and can answer no card"
            yield Problem.at(place, ID, message, "give the role `user`, or name somebody else", SEVERITY)


def _login_of(name: str, known: Known) -> str:
    """Return what Airflow calls a person of a plan."""
    person = known.roster.person(name) if known.roster else None
    logins = person.all_ids() if person else (name,)
    return next((login for login in logins if known.users and login in known.users), name)
