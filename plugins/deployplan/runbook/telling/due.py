"""Which messages are due, to whom and by which channel? A pure function of the plan, the evidence, and the clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from deployplan.comms.message import Message, message_key, render
from deployplan.plan.model.address_book import MAIL, AddressBook, Recipient
from deployplan.plan.model.moment import Moment
from deployplan.plan.model.people import Communication
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.run.state import RunState
from deployplan.runbook.telling.occasions import PASSING, Around, Occasion, occasions
from deployplan.runbook.timing.chosen_window import chosen_in


@dataclass(frozen=True, slots=True)
class RunPages:
    """Where people see a run, and where they answer what it asks them; None where nobody knows."""

    run: str | None
    card: str | None


@dataclass(frozen=True, slots=True)
class DueMessage:
    """A message that is to be sent on a channel. What was sent under its key and `via` is not sent again.

    `communication` is the plan's own, where the plan has it sent. `is_courtesy`: it goes only where its channel is.
    `handles` are those of the person who is told, and of those who are asked something. `is_mailed_too`: one with its
    key goes by mail.
    """

    key: str
    recipient: Recipient
    occasion: Occasion
    communication: Communication | None = None
    handles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    is_mailed_too: bool = False

    @property
    def via(self) -> str:
        """The word of its channel."""
        return self.recipient.via

    @property
    def name(self) -> tuple[str, str]:
        """What names it in the evidence."""
        return self.key, self.via

    @property
    def name_as_mail(self) -> tuple[str, str] | None:
        """What names it in the evidence of a version that told the people of a group by mail, whatever `via` said."""
        is_of_group = self.communication is not None and self.recipient.group != self.communication.to
        return (self.key, MAIL) if is_of_group and not self.is_mailed_too else None

    @property
    def moment(self) -> Moment:
        """What it is about."""
        return self.occasion.moment

    @property
    def is_courtesy(self) -> bool:
        """Whether nobody has asked for it: it goes only where its channel is."""
        return self.communication is None and not self.occasion.is_call


def due_messages(
    snapshot: Snapshot, run_id: str, state: RunState, *, now: datetime, around: Around
) -> tuple[DueMessage, ...]:
    """Return every message that should have left by now and may still, the earliest first, whether or not it has."""
    found: dict[tuple[str, str], DueMessage] = {}
    for occasion in occasions(snapshot, state, around):
        if occasion.at <= now:
            for each in messages_of(snapshot, run_id, occasion, around):
                if now < occasion.until or _is_wanted_again(each, now, state, around.late):
                    found.setdefault(each.name, each)
    return tuple(sorted(found.values(), key=lambda each: each.occasion.at))


def _is_wanted_again(due: DueMessage, now: datetime, *states: RunState) -> bool:
    """Whether a person wants it sent again, although its time is over."""
    traces = [state.messages.get(due.name) for state in states]
    return any(each is not None and each.again_at is not None and now - each.again_at < PASSING for each in traces)


def messages_of(snapshot: Snapshot, run_id: str, occasion: Occasion, around: Around) -> Iterator[DueMessage]:
    """Return the messages of an occasion: those that the plan has sent, then those to who is asked or called."""
    plan, book = snapshot.plan, AddressBook(snapshot.plan, around.roster)

    def due(recipient: Recipient, communication: Communication | None = None) -> DueMessage:
        key = message_key(plan.name, run_id, occasion.moment, recipient.group, occasion.key)
        about = dict.fromkeys([recipient.group, *occasion.asked])
        handles = {name: found for name in about if (found := book.handles_of(name))}
        return DueMessage(key, recipient, occasion, communication, handles)

    found = [
        due(recipient, communication)
        for communication in plan.communications
        if occasion.moment in communication.on
        for recipient in book.told_by(communication)
    ]
    for contact in occasion.tells:
        reached = book.reach(contact, occasion.at)
        if not reached and occasion.is_call:  # the mail channel says that this is no address, and it is evidence
            reached = (Recipient(contact, contact, MAIL),)
        found.extend(map(due, reached))
    mailed = {each.key for each in found if each.via == MAIL}
    yield from (replace(each, is_mailed_too=each.key in mailed) for each in found)


def write_message(due: DueMessage, snapshot: Snapshot, run_id: str, state: RunState, *, pages: RunPages) -> Message:
    """Write it, with what is known of the run, and a link to the page on which something is to be done."""
    chosen = chosen_in(state)
    page = pages.card if due.occasion.task else pages.run
    known = {"run": run_id, "url": page, "window": chosen.label if chosen is not None else None}
    facts = known | dict(due.occasion.facts) | {"occasion": due.occasion.key}
    group = due.recipient.group
    communication = due.communication or Communication.model_construct(
        to=group, on=(str(due.moment),), via=("mail",), value=None
    )
    return render(communication, snapshot, due.moment, facts, to=due.recipient.to, group=group, handles=due.handles)
