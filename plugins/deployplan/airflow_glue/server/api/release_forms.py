"""What `/releases/…` answers: the release that a page shows, field by field."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from deployplan.airflow_glue.server.api.tonight_forms import Part, RunPart

PhaseName = Literal["review", "window", "deploy", "verify", "backout", "outcome"]
StandingName = Literal["done", "working", "failed", "unknown", "left out", "undone", "not started"]


class PhaseTimesPart(Part):
    number: int
    name: PhaseName
    state: Literal["over", "now", "ahead", "not needed", "not reached"]
    planned_begin: datetime | None
    planned_end: datetime | None = Field(description="when it is to be over at the latest; null: nothing limits it")
    began: datetime | None
    ended: datetime | None


class CellPart(Part):
    """A component on a node; what is not known is not there."""

    component: str
    wave: int
    standing: StandingName
    before: str | None = Field(None, description="the release to which a backout goes back")
    now: str | None = Field(
        None, description="the release that is there; absent while it changes, or when nobody knows"
    )
    after: str | None = None
    words: str | None = Field(None, description="what was said of it last")
    job: str | None = Field(None, description="id of the script's job on the node")
    step: str | None = Field(None, description="deploy or undo")
    began: datetime | None = None
    ended: datetime | None = None


class NodePart(Part):
    node: str
    cells: list[CellPart]


class PointPart(Part):
    at: datetime
    answer: str = Field(description="pass, fail or unknown")
    phase: PhaseName
    observed: str | None = None
    why: str | None = None
    value: float | None = Field(None, description="the number that was printed, or that a metric had")


class SeriesPart(Part):
    node: str | None = Field(description="null: read from the controller")
    points: list[PointPart]
    least: float | None = Field(None, description="the limit of its numbers here, where it came with them")
    most: float | None = Field(None, description="the same, above")


class CriterionPart(Part):
    name: str
    question: str
    wanted: str = Field(description="what it must show, in words")
    neighbour: bool = Field(description="something that the release must not disturb")
    seconds: float | None = Field(description="how long it must hold; null: a person judges it")
    least: float | None = Field(description="the number must not be below this")
    most: float | None = Field(description="the number must not be above this")
    series: list[SeriesPart]


class ApprovalPart(Part):
    seat: int
    state: Literal["asked", "approved", "rejected", "expired"]
    asked: list[str]
    asked_at: datetime
    at: datetime
    person: str | None
    why: str | None
    digest: str
    window: str | None


class MessagePart(Part):
    to: str
    moment: str
    via: str
    state: Literal["being sent", "sent", "not sent", "perhaps sent"]
    at: datetime
    receipt: str | None = Field(description="what the other side answered, or why it did not leave")


class BackoutPart(Part):
    sentence: str = Field(description="what a backout would do now, in the words of the cards")
    undoes: list[str] = Field(description="the components that have begun, in the order in which they are undone")
    until: datetime | None = Field(description="until when people may ask for it after the success; null: it had none")
    authority: list[str] = Field(description="who decides")


class ReleaseAnswer(RunPart):
    """A run of a plan. `sentence` is that of its row, its card, its trigger and of `deployplan status`."""

    version: Literal[1]
    summary: str | None
    previous: str | None
    change: str | None
    triggered_by: str | None
    digest: str | None = Field(description="what was approved; null where the record cannot be believed")
    entries: int = Field(description="how many entries the evidence has")
    phases: list[PhaseTimesPart]
    components: list[str]
    matrix: list[NodePart]
    criteria: list[CriterionPart]
    approvals: list[ApprovalPart]
    messages: list[MessagePart]
    choices: list[str] | None = Field(description="of the open card, what you may choose; null: what Airflow offers")
    backout: BackoutPart | None = Field(description="null: there is nothing that one could undo")
