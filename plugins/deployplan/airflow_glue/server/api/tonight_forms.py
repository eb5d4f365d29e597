"""What `/tonight` answers, typed, for those who write programs against it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Part(BaseModel):
    """A part of the answer; a test holds the answer to it."""

    model_config = ConfigDict(extra="forbid")


class PhasePart(Part):
    number: int = Field(description="1 to 6, as Airflow's grid numbers them")
    name: Literal["review", "window", "deploy", "verify", "backout", "outcome"]


class WavePart(Part):
    number: int = Field(description="the wave that goes on or comes next, counted over all components")
    of: int
    title: str


class QuestionPart(Part):
    task: str = Field(description="id of the task whose card it is")
    people: list[str] = Field(description="who may answer")
    subject: str
    until: datetime | None = Field(description="when silence is taken for an answer; null: nothing is done without one")


class SeatsPart(Part):
    taken: int
    of: int
    by: list[str]
    missing: list[str] = Field(description="who may take the seats that are left")


class BudgetPart(Part):
    component: str
    failed: int = Field(description="nodes that failed, are unknown or were left out")
    allowed: int = Field(description="how many may")


class HoldPart(Part):
    by: str
    reason: str
    since: datetime
    sentence: str


class RunPart(Part):
    """A plan, or its run; fields that are null are not known or do not apply."""

    plan: str
    run: str | None
    sentence: str = Field(description="what it waits for, does, or why it stopped")
    environment: str | None
    product: str | None
    release: str | None
    owner: str | None
    timezone: str
    opens: datetime | None
    closes: datetime | None
    last_safe_start: datetime | None
    ended: datetime | None
    outcome: str | None
    damaged: bool = Field(description="the record cannot be believed; `sentence` says why")
    phase: PhasePart | None
    wave: WavePart | None
    nodes: dict[str, int] = Field(description="how many nodes stand how")
    troubled: list[str] = Field(description="the first nodes that failed, are unknown or were left out")
    question: QuestionPart | None
    seats: SeatsPart | None
    budget: BudgetPart | None
    began: datetime | None
    may: dict[str, bool] = Field(description="what you may do here: answer")


class RowPart(RunPart):
    """The same in its lane."""

    lane: Literal["needs you", "running", "waiting", "next 7 days", "ended in 24 h"]


class TonightAnswer(Part):
    """The rows in order of time to act."""

    version: Literal[1]
    hold: HoldPart | None = Field(description="who holds everything, if anybody does")
    unread: int = Field(description="runs and plan files that were not read yet; the next answer knows more")
    rejected: int = Field(description="plan files with problems; `deployplan lint` prints them")
    lanes: list[str]
    rows: list[RowPart]
    may: dict[str, bool] = Field(description="what you may do: hold")
