"""Who is concerned: customer, stakeholders, authorities, the team, escalation, messages."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from deployplan.plan.model.moment import Moment
from deployplan.plan.text.scalars import Day, Duration, Flag, Positive, PositiveDuration, Text
from deployplan.plan.text.strict import ShortName, Strict

if TYPE_CHECKING:
    MomentWord = str
else:
    MomentWord = Literal[tuple(str(moment) for moment in Moment)]
GROUPS = ("approvers", "team")
"""Whom a communication may go to besides stakeholders: the authorities of the approval, the team of the delivery."""
Via = Literal["mail", "notifier", "webhook", "apprise", "log"]


class Stakeholder(Strict):
    """A group that feels the release, and how to reach it."""

    contact: Text = Field(
        description="one mail address of the group, or the #name of a notifier, a webhook or Apprise services"
    )
    effect: Text | None = Field(None, description="what the group will notice; absent: nothing stated")


class EndUsers(Strict):
    """Where the end users are and whether they must learn something first."""

    locations: tuple[Text, ...] = Field((), description="places where end users work; absent: not stated")
    training_needed: Flag = Field(False, description="whether end users must be trained before the release")
    training_date: Day | None = Field(None, description="day by which the training is done; absent: not set")


class Impact(Strict):
    """Section 4: customer, stakeholders and end users."""

    customer: Text | None = Field(None, description="the customer; absent: not stated")
    downtime: Text | None = Field(
        None, description="expected interruption in words (`none`, `5 minutes`); absent: not stated"
    )
    stakeholders: dict[Text, Stakeholder] = Field({}, description="groups that feel the release, by name; absent: none")
    end_users: EndUsers | None = Field(None, description="end users and their training; absent: not stated")


class Approval(Strict):
    """Section 5: who may call the release ready for production."""

    authorities: Annotated[dict[Text, Text], Field(min_length=1)] = Field(
        description="user id of each authority and the role in which it approves"
    )
    quorum: Positive = Field(1, description="how many different authorities must approve; the author never counts")
    within: PositiveDuration = Field(
        timedelta(hours=24), description="a seat that nobody answers for this long expires the approval"
    )


class Member(Strict):
    """A person of the team that delivers the release."""

    role: Text = Field(description="what the person does in this release")
    phone: Text | None = Field(None, description="telephone number; absent: not stated")
    mail: Text | None = Field(None, description="mail address; absent: not stated")
    on_call: Flag = Field(False, description="whether the person is reachable during the window")


class Support(Strict):
    """Who supports the release once it is live."""

    tier1: Text | None = Field(None, description="first line of support; absent: not stated")
    tier2: Text | None = Field(None, description="second line of support; absent: not stated")
    tier3: Text | None = Field(None, description="third line of support; absent: not stated")
    docs: tuple[Text, ...] = Field((), description="URLs of the support documents; absent: none")

    def tiers(self) -> tuple[str, ...]:
        """Return the tiers that are named, first line first."""
        return tuple(tier for tier in (self.tier1, self.tier2, self.tier3) if tier)


class Handover(Strict):
    """Section 7: how the release goes over to the deployment engineer and to support."""

    channel: Text | None = Field(None, description="where people talk during the release; absent: not stated")
    support: Support = Field(Support(), description="support tiers and documents; absent: none named")


class Escalation(Strict):
    """Who is called when nobody answers, or when a run is held or ended badly and nobody has it in hand."""

    after: Duration = Field(description="how long nobody has answered, or said that they see to it, by then")
    contact: Text = Field(
        description="a person, a rota of people.yaml, a mail address, or the #name of a notifier, webhook or Apprise "
        "services"
    )


class Delivery(Strict):
    """Sections 6 and 7: the team, the handover, the escalation."""

    team: dict[Text, Member] = Field({}, description="the development team by user id; absent: not stated")
    handover: Handover = Field(Handover(), description="channel and support; absent: not stated")
    escalation: tuple[Escalation, ...] = Field((), description="who is called, in order; absent: nobody")


class Communication(Strict):
    """A message to one group, written before the release."""

    to: Text = Field(
        description="a stakeholder of `impact.stakeholders`, `approvers`, `team`, one mail address, or the #name of a "
        "notifier, of a webhook or of Apprise services"
    )
    on: Annotated[tuple[MomentWord, ...], Field(min_length=1)] = Field(
        description="the moments at which it is sent; "
        + ", ".join(f"`{moment}` {moment.telling.when}" for moment in Moment if moment.telling.when)
    )
    via: Annotated[tuple[Via, ...], Field(min_length=1)] = Field(("mail",), description="the channels it is sent on")
    value: Text | None = Field(
        None, description="why the release is of value to the group; absent: the summary is used"
    )


class Risk(Strict):
    """Section 3: a known risk or issue."""

    id: ShortName = Field(description="short name of the risk")
    risk: Text = Field(description="what may go wrong")
    impact: Literal["low", "medium", "high"] = Field("medium", description="how bad it would be")
    mitigation: Text | None = Field(None, description="what is done against it; absent: nothing")
    owner: Text | None = Field(None, description="user id of who watches over it; absent: nobody")
    watched_by: ShortName | None = Field(None, description="the success criterion that would notice it; absent: none")
