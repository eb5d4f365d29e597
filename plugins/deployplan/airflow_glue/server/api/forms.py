"""What is sent to the routes, and what they answer: typed, bounded, and with names that stay."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from deployplan.printable import printable


def _one_line(written: str) -> str:
    return printable(" ".join(written.split()))


Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=1000),
    AfterValidator(_one_line),
    Field(description="why; it stands in the evidence, and people who wait read it"),
]


class Form(BaseModel):
    """A request's body: nothing that is not known, nothing that has to be guessed at."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class WithReason(Form):
    """An action, and why."""

    reason: Reason


class TryAgain(WithReason):
    """A run is tried again as it was looked at: with so many entries of evidence as the preview answered."""

    entries: int = Field(ge=1, description="`entries` of the preview that was looked at")


Note = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=1000),
    Field(description="what you say with it; it stands in the evidence"),
]


class WithNote(Form):
    """An action, and a word with it, if there is one."""

    note: Note | None = None


class AckAnswer(BaseModel):
    """Who has which run in hand, and what of it needs somebody."""

    plan: str
    run: str
    by: str
    needs: list[str]
    sentence: str


Key = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=6, max_length=64, pattern="^[0-9a-f]+$"),
    Field(description="the message's key, or how it begins"),
]


class WithKey(Form):
    """Which message of a run is meant."""

    key: Key


class ResendAnswer(BaseModel):
    """How many messages of a run are sent again because somebody wants it."""

    plan: str
    run: str
    by: str
    count: int
    sentence: str


class MeAnswer(BaseModel):
    """What evidence calls who asks, and whether they may change a plan's runs (without a plan: those of every plan)."""

    name: str
    plan: str | None
    may_change_runs: bool


class HoldAnswer(BaseModel):
    """Whether everything is held. `changed`: whether this request did it; `sentence` is what people are told."""

    held: bool
    reason: str | None = None
    by: str | None = None
    since: datetime | None = None
    changed: bool = False
    sentence: str


class Undone(BaseModel):
    """A component that a backout undoes; `nodes` has the release that each goes back to, null where none is known."""

    component: str
    nodes: dict[str, str | None]


class BackoutAnswer(BaseModel):
    """What a backout undoes, and how it stands with it.

    `until`: how long people may ask; `decided_by`: the backout authority; `begins_at_once`: whether who asks is of it;
    `asked`: whether it is asked for now; `waits`: the request has to be sent again in half a minute.
    """

    plan: str
    run: str
    version: str
    until: datetime | None
    decided_by: tuple[str, ...]
    begins_at_once: bool
    undoes: list[Undone]
    asked: bool
    waits: bool
    sentence: str


class RerunAnswer(BaseModel):
    """What trying a run again does: `lines` as `deployplan rerun` prints them; `begun`: whether it is done now.

    `in_the_way`: something would stop or hold it, or a node did not answer; `entries`: how many the run's evidence had.
    """

    plan: str
    run: str
    task: str
    lines: list[str]
    in_the_way: bool
    begun: bool
    entries: int
    sentence: str


class StopAnswer(BaseModel):
    """What stopping a run does, in a sentence; `stopped`: whether it is done now."""

    plan: str
    run: str
    stopped: bool
    sentence: str
