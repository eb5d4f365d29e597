"""What will people be told, and when, if a plan is carried out? The same messages as those that are then sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from deployplan.plan.model.moment import Moment
from deployplan.plan.model.roster import Roster
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.text.scalars import spell_duration
from deployplan.runbook.telling.due import DueMessage, messages_of
from deployplan.runbook.telling.occasions import Around, Occasion
from deployplan.runbook.timing.chosen_window import Choice


@dataclass(frozen=True, slots=True)
class PlannedMessage:
    """A message that will be sent: at an instant, where the clock says when, else when `when` comes to pass."""

    moment: Moment
    at: datetime | None
    when: str
    group: str
    to: str
    via: str


def messages_ahead(
    snapshot: Snapshot, roster: Roster | None, opening: Choice | None, *, now: datetime
) -> tuple[PlannedMessage, ...]:
    """Return them in the order of a run that is meant for this opening; what its clock has passed already is left out.

    Recipients are those of now: who is on call then is seen when it is sent.
    """
    return tuple(_ahead(snapshot, Around(roster), opening, now))


def _ahead(snapshot: Snapshot, around: Around, opening: Choice | None, now: datetime) -> Iterator[PlannedMessage]:
    for moment in Moment:
        telling, at = moment.telling, None
        if telling.before is not None:
            at = None if opening is None else opening.opens - telling.before
            if at is not None and at < now:
                continue
        when = telling.when or "when it happens"
        for each in messages_of(snapshot, "", _occasion(moment, now, _asked(snapshot, moment)), around):
            yield _planned(each, at, when)
    for number, rung in enumerate(snapshot.plan.delivery.escalation, 1):
        after = f"call {number}: {spell_duration(rung.after)} after a card, a hold or a bad end that nobody has in hand"
        called = _occasion(Moment.ESCALATED, now, (rung.contact,), is_call=True)
        for each in messages_of(snapshot, "", called, around):
            if each.communication is None:
                yield _planned(each, None, after)


def _occasion(moment: Moment, now: datetime, tells: tuple[str, ...], *, is_call: bool = False) -> Occasion:
    return Occasion(moment, now, now, tells=tells, is_call=is_call)


def _planned(due: DueMessage, at: datetime | None, when: str) -> PlannedMessage:
    return PlannedMessage(due.moment, at, when, due.recipient.group, due.recipient.to, due.via)


def _asked(snapshot: Snapshot, moment: Moment) -> tuple[str, ...]:
    """Who may be asked at this moment."""
    plan = snapshot.plan
    approvers = tuple(name for name in plan.approval.authorities if name != plan.author)
    deciders = (*plan.backout_authority(), *plan.engineers())
    testers = [by for each in plan.manual_criteria().values() for by in ([each.by] if each.by else approvers)]
    asked = {
        Moment.APPROVAL_ASKED: approvers,
        Moment.TEST_ASKED: tuple(testers),
        Moment.DECISION_ASKED: deciders,
        Moment.ABOUT_TO_EXPIRE: (*approvers, *testers, *deciders),
    }
    return tuple(dict.fromkeys(asked.get(moment, ())))
