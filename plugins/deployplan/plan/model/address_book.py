"""How is somebody reached whom a plan names: a person, a group, a rota, an address, a #channel? And who is not?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from deployplan.plan.model.people import GROUPS, Communication
from deployplan.plan.model.plan import Plan
from deployplan.plan.model.roster import Roster
from deployplan.window.error import WindowError

NAMED = "named"
"""The channel that stands for whichever knows a #name, or a handle of a person."""
MAIL = "mail"
LOG = "log"
NO_HANDLES: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a message is for, as the plan calls them, and where it goes by which channel.

    `to` is a mail address, a `#name` of operations', or `@person`: then the channel finds one of the person's handles.
    """

    group: str
    to: str
    via: str


@dataclass(frozen=True, slots=True)
class Unreached:
    """What a plan says of people whom no message can reach: where it says so, and who they are, in words."""

    path: tuple[str | int, ...]
    told: str


@dataclass(frozen=True, slots=True)
class AddressBook:
    """What is known of the people whom a plan names: by people.yaml, where there is one, and by the plan itself."""

    plan: Plan
    roster: Roster | None = None

    def reach(self, contact: str, at: datetime) -> tuple[Recipient, ...]:
        """Return everybody who is meant, once each; nobody when it is not known how they are reached."""
        return tuple(dict.fromkeys(self._reach(contact, at)))

    def told_by(self, communication: Communication) -> tuple[Recipient, ...]:
        """Return whom a communication goes to, by each of its channels; each person of a group by their own address."""
        group = communication.to
        if not self._is_group(group):
            contact = contact_of(group, self.plan)
            return tuple(Recipient(group, contact, via) for via in communication.via)
        return tuple(each for via in communication.via for each in self._group_by(group, via))

    def handles_of(self, name: str) -> Mapping[str, str]:
        """Return what other services call a person, by the service."""
        person = self.roster.person(name) if self.roster else None
        return NO_HANDLES if person is None else person.handles

    def phone_of(self, name: str) -> str | None:
        """Return the telephone number of a person, where it is stated."""
        person = self.roster.person(name) if self.roster else None
        member = self.plan.delivery.team.get(name)
        return (person.phone if person else None) or (member.phone if member else None)

    def unreached(self) -> Iterator[Unreached]:
        """Yield what the plan wants people to be told by ways on which nobody knows an address of theirs."""
        for number, communication in enumerate(self.plan.communications):
            for place, via in enumerate(communication.via):
                if told := self._not_told_by(communication.to, via):
                    yield Unreached(("communications", number, "via", place), told)
        for number, rung in enumerate(self.plan.delivery.escalation):
            if not self._is_reachable(rung.contact):
                told = f"{rung.contact!r} is called by the escalation, and nobody knows an address of theirs"
                yield Unreached(("delivery", "escalation", number, "contact"), told)

    def _not_told_by(self, group: str, via: str) -> str | None:
        """Who of a communication is not told on this channel, and why; None when all are."""
        if self._is_group(group):
            missing = [name for name in self._members(group) if not self._by(name, via)]
            return f"{', '.join(missing)} of {group}: nobody knows {_address_on(via)}" if missing else None
        contact = contact_of(group, self.plan)
        if via == LOG or contact.startswith("#") == (via != MAIL):
            return None
        return f"{contact!r} is no address for {via}: mail goes to one with an @, everything else to a #name"

    def _is_reachable(self, contact: str) -> bool:
        if contact in self.plan.impact.stakeholders or contact.startswith("#"):
            return True
        if self._is_group(contact):
            return any(self._person(name) for name in self._members(contact))
        if self.roster is not None and contact in self.roster.on_call:
            return True  # who is on call then is seen then
        return bool(self._person(contact)) or "@" in contact

    def _reach(self, contact: str, at: datetime) -> Iterator[Recipient]:
        roster = self.roster
        if contact in self.plan.impact.stakeholders:
            where = self.plan.impact.stakeholders[contact].contact
            yield Recipient(contact, where, NAMED if where.startswith("#") else MAIL)
        elif self._is_group(contact):
            for name in self._members(contact):
                yield from self._person(name)
        elif contact.startswith("#"):
            yield Recipient(contact, contact, NAMED)
        elif roster is not None and contact in roster.on_call:
            yield from self._on_call(roster, contact, at)
        elif found := self._person(contact):
            yield from found
        elif "@" in contact:
            yield Recipient(contact, contact, MAIL)

    def _on_call(self, roster: Roster, rota: str, at: datetime) -> Iterator[Recipient]:
        """Those on call now; a pager is told by whichever channel knows its name."""
        try:
            found = roster.on_call_at(rota, at)
        except WindowError:
            return
        if found.pager is not None:
            yield Recipient(rota, f"#{found.pager}", NAMED)
        for person in found.people:
            yield from self._person(person.name)

    def _person(self, name: str) -> tuple[Recipient, ...]:
        """By mail where they have it, else by a handle."""
        return self._by(name, MAIL) or self._by(name, NAMED)

    def _group_by(self, group: str, via: str) -> Iterator[Recipient]:
        if via == LOG:
            yield Recipient(group, group, LOG)
            return
        for name in self._members(group):
            yield from self._by(name, via)

    def _by(self, name: str, via: str) -> tuple[Recipient, ...]:
        """A person on this very channel; nothing where nobody knows an address of theirs there."""
        if via == LOG:
            return (Recipient(name, name, LOG),)
        if via != MAIL:
            return (Recipient(name, f"@{name}", via),) if self.handles_of(name) else ()
        mail = self._mail_of(name)
        return (Recipient(name, mail, MAIL),) if mail else ()

    def _mail_of(self, name: str) -> str | None:
        person = self.roster.person(name) if self.roster else None
        member = self.plan.delivery.team.get(name)
        return (person.mail if person else None) or (member.mail if member else None)

    def _is_group(self, name: str) -> bool:
        return name in GROUPS and name not in self.plan.impact.stakeholders

    def _members(self, group: str) -> tuple[str, ...]:
        return tuple(self.plan.approval.authorities if group == GROUPS[0] else self.plan.delivery.team)


def contact_of(group: str, plan: Plan) -> str:
    """Return where a message to `group` goes: a stakeholder's contact, a team member's mail, or `group` itself."""
    if group in plan.impact.stakeholders:
        return plan.impact.stakeholders[group].contact
    member = plan.delivery.team.get(group)
    return member.mail if member is not None and member.mail else group


def _address_on(via: str) -> str:
    return "a mail address of theirs" if via == MAIL else f"a handle of theirs, so that {via} tells them nothing"
