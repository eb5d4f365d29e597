"""Whom a plan wants told has an address on that channel, and each contact of its escalation has one at all.

`approvers` and `team` are told person by person: by mail where include/people.yaml or `delivery.team` has an address,
by a notifier, webhook or Apprise where include/people.yaml has a handle. A contact of the escalation whom nobody knows
how to reach is called in vain, and the ladder climbs on without them.

PASS
    approval: {authorities: {mia: deployment manager}}
    communications: [{to: approvers, "on": [success], via: [mail]}]
    # include/people.yaml
    people: {erin: {}, mia: {mail: mia@shop.example}}

FAIL
    approval: {authorities: {mia: deployment manager}}
    communications: [{to: approvers, "on": [success], via: [notifier]}]
    # include/people.yaml
    people: {erin: {}, mia: {mail: mia@shop.example}}
"""

from collections.abc import Iterator
from typing import Final

from deployplan.lint.known import Known
from deployplan.plan.draft import Draft
from deployplan.plan.model.address_book import AddressBook
from deployplan.plan.text.problem import Problem

ID: Final = "people-reached"
SEVERITY: Final = "warning"
HINT: Final = "say it in include/people.yaml (`mail`, `handles`) or with `mail` in delivery.team"


def check_with(draft: Draft, known: Known) -> Iterator[Problem]:
    for each in AddressBook(draft.plan, known.roster).unreached():
        yield Problem.at(draft.tree.place(*each.path), ID, each.told, HINT, SEVERITY)
