"""How is somebody reached whom a plan names: a person, a group, a rota, an address, a #channel?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from deployplan.plan.model.people import GROUPS
from deployplan.plan.model.plan import Plan
from deployplan.plan.model.roster import Roster
from deployplan.window.error import WindowError

NAMED = "named"
"""The channel that stands for whichever knows a #name."""
MAIL = "mail"
LOG = "log"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a message is for, as the plan calls them, and where it goes by which channel."""

    group: str
    to: str
    via: str


@dataclass(frozen=True, slots=True)
class AddressBook:
    """What is known of the people whom a plan names: by people.yaml, where there is one, and by the plan itself."""

    plan: Plan
    roster: Roster | None = None

    def reach(self, contact: str, at: datetime) -> tuple[Recipient, ...]:
        """Return everybody who is meant, once each; nobody when it is not known how they are reached."""
        return tuple(dict.fromkeys(self._reach(contact, at)))

    def phone_of(self, name: str) -> str | None:
        """Return the telephone number of a person, where it is stated."""
        person = self.roster.person(name) if self.roster else None
        member = self.plan.delivery.team.get(name)
        return (person.phone if person else None) or (member.phone if member else None)

    def _reach(self, contact: str, at: datetime) -> Iterator[Recipient]:
        plan, roster = self.plan, self.roster
        if contact in plan.impact.stakeholders:
            where = plan.impact.stakeholders[contact].contact
            yield Recipient(contact, where, NAMED if where.startswith("#") else MAIL)
        elif contact in GROUPS:
            for name in plan.approval.authorities if contact == GROUPS[0] else plan.delivery.team:
                yield from self._person(name)
        elif contact.startswith("#"):
            yield Recipient(contact, contact, NAMED)
        elif roster is not None and contact in roster.on_call:
            yield from self._on_call(roster, contact, at)
        elif found := list(self._person(contact)):
            yield from found
        elif "@" in contact:
            yield Recipient(contact, contact, MAIL)

    def _person(self, name: str) -> Iterator[Recipient]:
        person = self.roster.person(name) if self.roster else None
        member = self.plan.delivery.team.get(name)
        mail = (person.mail if person else None) or (member.mail if member else None)
        if mail:
            yield Recipient(name, mail, MAIL)

    def _on_call(self, roster: Roster, rota: str, at: datetime) -> Iterator[Recipient]:
        """Those on call now; a pager is told by whichever channel knows its name."""
        try:
            found = roster.on_call_at(rota, at)
        except WindowError:
            return
        if found.pager is not None:
            yield Recipient(rota, f"#{found.pager}", NAMED)
        for person in found.people:
            if person.mail:
                yield Recipient(person.name, person.mail, MAIL)
