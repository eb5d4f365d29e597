"""Kinds of entries of messages and of what people do."""

from typing import Annotated

from deployplan.evidence.event import Event
from deployplan.evidence.kinds.words import LoginFact, NodeFact, TaskFact, UserFact, WhyFact

Recipient = Annotated[str, "the group or address"]
About = Annotated[str, "what the message is about"]
Via = Annotated[str, "by which channel: mail, webhook, log, …"]


AttemptFact = Annotated[str, "which attempt to send it this is about"]


class MomentReached(Event, line="{moment}: people are to be told[: {reason}]"):
    """Something of which people are told and of which no other entry tells."""

    moment: About
    occasion: Annotated[str | None, "tells two of the same kind apart"] = None
    reason: WhyFact = None
    next_open: Annotated[str | None, "when it goes on, in words"] = None


class MessageBegun(Event, line="tells {to}: {moment}[ (by {via})]"):
    """A message is about to be handed over: who leaves this first sends it, and nobody else does."""

    to: Recipient
    moment: About
    via: Via = ""
    key: Annotated[str, "names the message"] = ""
    attempt: AttemptFact = ""
    by: Annotated[str | None, "the process that sends it"] = None


class MessageSent(Event, line="told {to}: {moment}[ (by {via})][: {receipt}]"):
    """A message left."""

    to: Recipient
    moment: About
    via: Via = ""
    key: Annotated[str, "names the message; one that was sent is not sent again"] = ""
    receipt: Annotated[str | None, "what the receiving side answered"] = None
    attempt: AttemptFact = ""


class MessageFailed(Event, line="could NOT tell {to}: {moment}[ (by {via})][: {why}]"):
    """A message did not leave."""

    to: Recipient
    moment: About
    via: Via = ""
    key: Annotated[str, "names the message"] = ""
    why: WhyFact = None
    uncertain: Annotated[bool, "whether it may have arrived all the same"] = False
    attempt: AttemptFact = ""


class SendAgain(Event, line="{by} has the message to {to} sent again[ (by {via})]: {moment}"):
    """A person wants a message sent again of which nobody knows whether it arrived, or that was given up."""

    to: Recipient
    moment: About
    via: Via = ""
    key: Annotated[str, "names the message"] = ""
    by: Annotated[str | None, "the person, as Airflow has authenticated them"] = None


class Acknowledged(Event, line="{by} has it in hand[: {note}]"):
    """A person says that they see to it: nobody else is called."""

    by: Annotated[str | None, "the person, as Airflow has authenticated them; at a pager, as it calls them"] = None
    note: Annotated[str | None, "what they say"] = None
    about: Annotated[str | None, "the one alarm that it is about; null when it is all that was open then"] = None


class Intervened(Event, line="{who} {did}{accepted?| (REFUSED by Airflow)}[: {note}]"):
    """A person did something to the run by Airflow's own means."""

    who: Annotated[str | None, "the person, by the plans' name, else id and login; null when nobody was known"] = None
    did: Annotated[str | None, "what they asked Airflow to do, in words"] = None
    action: Annotated[
        str | None,
        "mark, clear, note, delete, trigger, pause, backfill, xcom, or unread when it was too long",
    ] = None
    tasks: Annotated[tuple[str, ...], "the tasks that it was about; empty when it was the run"] = ()
    state: Annotated[str | None, "the state that was to be given"] = None
    note: Annotated[str | None, "what they wrote with it"] = None
    accepted: Annotated[bool, "whether Airflow carried it out"] = False
    status: Annotated[int | None, "how Airflow answered: the HTTP status"] = None
    user: UserFact = None
    login: LoginFact = None


class AnsweredLate(Event, line="{person} answers {task} when the run is over[: {option}]; it counts for nothing"):
    """An answer to a card of a run that has ended."""

    task: TaskFact
    person: Annotated[str | None, "who answered, as plans call them; else id and login"] = None
    option: Annotated[str | None, "what was chosen"] = None
    user: UserFact = None
    login: LoginFact = None


class AllHeld(Event, line="{by} holds all plans: {reason}"):
    """A person held everything."""

    by: Annotated[str | None, "the person; `(no login)` behind a name that Airflow has not authenticated"] = None
    reason: Annotated[str | None, "why"] = None


class AllResumed(Event, line="{by} lets all plans go on[: {reason}][; they were {was}]"):
    """A person let everything go on."""

    by: Annotated[str | None, "the person; `(no login)` behind a name that Airflow has not authenticated"] = None
    reason: Annotated[str | None, "why"] = None
    was: Annotated[str | None, "who had held everything, why and since when"] = None


class NodeUnlocked(
    Event,
    kind="unlocked",
    line="{node} unlocked by {by}: {why}[; it was frozen: {frozen}][; still running: {running}]",
):
    """A person took a lock away."""

    node: NodeFact
    by: Annotated[str | None, "the person; `(no login)` behind a name that Airflow has not authenticated"] = None
    why: WhyFact = None
    frozen: Annotated[str | None, "why the run had kept the node locked"] = None
    running: Annotated[tuple[str, ...], "ids of the jobs that ran there all the same"] = ()


class TaskRefused(Event, kind="refused", line="[{task} ]refused[: {why}]"):
    """A task did not begin its work."""

    task: Annotated[str | None, "id of the task"] = None
    why: Annotated[str | None, "the reason, and what to do"] = None
