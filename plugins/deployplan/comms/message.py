"""What is a group of people told, in words prepared before the release?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from deployplan.plan.model.address_book import contact_of
from deployplan.plan.model.moment import Moment, Telling
from deployplan.plan.model.people import Communication
from deployplan.plan.model.plan import Plan
from deployplan.plan.model.schedule import OneOffWindow
from deployplan.plan.snapshot import Snapshot
from deployplan.printable import printable


@dataclass(frozen=True, slots=True)
class Message:
    """A message to one group.

    `to` is where it goes (an address, a #name, or @person by a handle), `group` what the plan calls it. `key` is the
    same whenever the same message is made again: who records the keys that were sent on a channel never sends one
    twice. `handles` is what other services call those whom it is about, person by person, by the service.
    """

    subject: str
    body: str
    to: str
    moment: Moment
    group: str
    key: str
    handles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def person(self) -> str | None:
        """Whom alone it goes to, by one of their handles; None for a mail and a #name."""
        return self.to[1:] if self.to.startswith("@") else None

    def handle(self, *services: str) -> str | None:
        """What the first of these services calls that person."""
        known = self.handles.get(self.person or "", {})
        return next((known[each] for each in services if each in known), None)


def render(
    communication: Communication,
    snapshot: Snapshot,
    moment: Moment | str,
    facts: Mapping[str, object] | None = None,
    *,
    to: str | None = None,
    group: str | None = None,
    handles: Mapping[str, Mapping[str, str]] | None = None,
) -> Message:
    """Write the message of `communication` for `moment`.

    `to` is where it goes and `group` whom it is for, where that is not what the plan says: one of several people.
    `handles` are those of the people whom it is about.

    Facts that are used when they are there: `run` (run id), `window` (when, in words), `reason` (why it waits, failed
    or was missed), `outcome`, `found` (what a backout found on the nodes), `next_open`, `issues`, `head` (of the sealed
    evidence), `url` (of the run, or of the page to answer on), of what people are asked `question`, `asked`, `since`,
    `answer_until`, `call` and `take`, and `occasion`, which tells two of the same moment apart (a second hold).
    """
    moment, facts = Moment(moment), facts or {}
    plan = snapshot.plan
    body = "\n\n".join(block for block in _blocks(communication, plan, moment, facts) if block)
    return Message(
        subject=_one_line(f"{_release(plan)}: {moment.telling.headline}"),
        body=f"{body}\n",
        to=to or contact_of(communication.to, plan),
        moment=moment,
        group=group or communication.to,
        key=message_key(plan.name, facts.get("run"), moment, group or communication.to, facts.get("occasion")),
        handles=handles or {},
    )


def _blocks(communication: Communication, plan: Plan, moment: Moment, facts: Mapping[str, object]) -> Iterator[str]:
    telling = moment.telling
    yield telling.opening.format(release=_release(plan), environment=plan.environment)
    yield _lines(_what_happened(plan, telling, facts))
    if telling.tells_what_it_brings:
        yield _lines(_what_it_brings(communication, plan))
    if telling.tells_what_is_noticed:
        yield _lines(_what_you_will_notice(communication, plan))
    yield _lines(_whom_to_ask(plan))
    yield _lines(_where_it_is_written(plan, facts))


def _what_happened(plan: Plan, telling: Telling, facts: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    yield "Question", facts.get("question")
    if telling.tells_window:
        yield "When", facts.get("window") or _window(plan)
    if telling.tells_why:
        yield "Why", facts.get("reason")
    yield "Since", facts.get("since")
    yield "Asked", facts.get("asked")
    yield "Answer until", facts.get("answer_until")
    yield "Call", facts.get("call")
    yield "To say that you see to it", facts.get("take")
    yield "Found there", facts.get("found")
    yield "Continues", facts.get("next_open")
    yield "Outcome", facts.get("outcome")
    yield "Known issues", facts.get("issues")


def _what_it_brings(communication: Communication, plan: Plan) -> Iterator[tuple[str, object]]:
    yield "What", plan.scope.summary
    yield "For you", communication.value
    yield "Features", [f"{name}: {text}" for name, text in plan.scope.features.items()]
    yield "Fixes", plan.scope.fixes
    yield "Not part of it", plan.scope.out_of_scope
    yield "Where", plan.impact.end_users.locations if plan.impact.end_users else None
    yield "How", plan.delivery.handover.support.docs


def _what_you_will_notice(communication: Communication, plan: Plan) -> Iterator[tuple[str, object]]:
    stakeholder = plan.impact.stakeholders.get(communication.to)
    yield "You will notice", stakeholder.effect if stakeholder else None
    yield "Downtime", plan.impact.downtime
    users = plan.impact.end_users
    if users is not None and users.training_needed:
        yield "Training", f"needed, until {users.training_date}" if users.training_date else "needed"


def _whom_to_ask(plan: Plan) -> Iterator[tuple[str, object]]:
    yield "Talk about it", plan.delivery.handover.channel
    yield "Support", plan.delivery.handover.support.tiers()


def _where_it_is_written(plan: Plan, facts: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    yield "Plan", plan.name
    yield "Change", plan.change
    yield "Run", facts.get("run")
    yield "See", facts.get("url")
    yield "Evidence head", facts.get("head")


def _lines(pairs: Iterator[tuple[str, object]]) -> str:
    return "\n".join(f"{label}: {_text(value)}" for label, value in pairs if value)


def _text(value: object) -> str:
    if isinstance(value, list | tuple):
        return "; ".join(map(_one_line, value))
    return _one_line(value)


def _release(plan: Plan) -> str:
    return _one_line(f"{plan.scope.release.product} {plan.scope.release.version}")


def _window(plan: Plan) -> str | None:
    """The window as it is written, when there is just one that opens once; others are told by who knows the time."""
    stated = plan.schedule.stated()
    if len(stated) != 1 or not isinstance(stated[0], OneOffWindow):
        return None
    window = stated[0]
    return f"{window.opens:%F %R} to {window.closes:%F %R} {window.timezone or ''}".rstrip()


def _one_line(text: object) -> str:
    """What others wrote must not pass for a line of ours."""
    return printable(" ".join(str(text).split()))


def message_key(plan: str, run: object, moment: Moment, group: str, occasion: object = None) -> str:
    """Return what names a message: the same whenever the same group is told of the same occasion."""
    parts = (plan, run, moment, group, occasion)
    told = "\0".join("" if part is None else str(part) for part in parts)
    return hashlib.sha256(told.encode("utf-8", "backslashreplace")).hexdigest()[:32]
