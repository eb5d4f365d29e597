"""A communication goes to a stakeholder of the plan, the approvers, the team, to one mail address, or to a #channel.

The address of a webhook, notifier or Apprise service, and its secret, stand in the settings of operations
(`DEPLOYPLAN_WEBHOOKS`, `DEPLOYPLAN_NOTIFIERS`, `DEPLOYPLAN_APPRISE`); a plan names it.

PASS
    impact: {stakeholders: {warehouse: {contact: warehouse@acme.example}}}
    communications: [{to: warehouse, "on": [success]}]

FAIL
    communications: [{to: warehose, "on": [success]}]
"""

from collections.abc import Iterator
from email.utils import getaddresses
from typing import Final

from deployplan.plan.draft import Draft
from deployplan.plan.model.people import GROUPS
from deployplan.plan.text.keys import did_you_mean
from deployplan.plan.text.problem import Problem

ID: Final = "recipient-known"
SEVERITY: Final = "error"


def check(draft: Draft) -> Iterator[Problem]:
    known = draft.plan.impact.stakeholders
    for number, message in enumerate(draft.plan.communications):
        place = draft.tree.place("communications", number, "to")
        contact, who = message.to, "a communication goes to"
        if message.to in known:
            place = draft.tree.place("impact", "stakeholders", message.to, "contact")
            contact, who = known[message.to].contact, f"the contact of {message.to!r} is"
        if "://" in contact:
            text = f"{who} an address of the web; addresses of webhooks stand in the settings of operations"
            hint = "name the channel, `#releases`, and have operations add releases=CONNECTION to DEPLOYPLAN_WEBHOOKS"
            yield Problem.at(place, ID, text, hint)
        elif "@" in contact and _is_several(contact):
            yield Problem.at(place, ID, f"{contact!r} is not one mail address", "write a communication for each")
        elif message.to not in {*known, *GROUPS} and "@" not in contact and not contact.startswith("#"):
            listed = f"stakeholders are {', '.join(known)}" if known else "the plan has no stakeholders"
            text = f"a communication goes to {message.to!r}; {listed}"
            yield Problem.at(place, ID, text, did_you_mean(message.to, tuple(known)))


def _is_several(address: str) -> bool:
    return len(getaddresses([address])) != 1 or ";" in address
