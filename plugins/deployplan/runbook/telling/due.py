"""Which messages are due, to whom and by which channel? A pure function of the plan, the evidence, and the clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from deployplan.comms.message import Message, contact_of, message_key, render
from deployplan.plan.model.moment import Moment
from deployplan.plan.model.people import Communication
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.run.state import RunState
from deployplan.runbook.telling.occasions import Occasion, occasions
from deployplan.runbook.timing.chosen_window import chosen_in


@dataclass(frozen=True, slots=True)
class DueMessage:
    """A message that is to be sent on a channel. What was sent under its key and `via` is not sent again."""

    key: str
    via: str
    to: str
    communication: Communication
    occasion: Occasion

    @property
    def name(self) -> tuple[str, str]:
        """What names it in the evidence."""
        return self.key, self.via

    @property
    def moment(self) -> Moment:
        """What it is about."""
        return self.occasion.moment


def due_messages(snapshot: Snapshot, run_id: str, state: RunState, *, now: datetime) -> tuple[DueMessage, ...]:
    """Return every message that should have left by now and may still, the earliest first, whether or not it has."""
    found: dict[tuple[str, str], DueMessage] = {}
    for each in messages_of(snapshot, run_id, state):
        if each.occasion.at <= now < each.occasion.until:
            found.setdefault(each.name, each)
    return tuple(sorted(found.values(), key=lambda each: each.occasion.at))


def messages_of(snapshot: Snapshot, run_id: str, state: RunState) -> Iterator[DueMessage]:
    """Return every message of the run, past and, by what is known now, to come."""
    plan = snapshot.plan
    for occasion in occasions(snapshot, state):
        for communication in plan.communications:
            if occasion.moment in communication.on:
                key = message_key(plan.name, run_id, occasion.moment, communication.to, occasion.key)
                for via in communication.via:
                    yield DueMessage(key, via, contact_of(communication.to, plan), communication, occasion)


def write_message(due: DueMessage, snapshot: Snapshot, run_id: str, state: RunState, *, url: str | None) -> Message:
    """Write it, with what is known of the run."""
    chosen = chosen_in(state)
    known = {"run": run_id, "url": url, "window": chosen.label if chosen is not None else None}
    facts = known | dict(due.occasion.facts) | {"occasion": due.occasion.key}
    return render(due.communication, snapshot, due.moment, facts, to=due.to)
