"""What `/history` answers, typed, for those who write programs against it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from deployplan.airflow_glue.server.api.tonight_forms import Part


class PacePart(Part):
    seconds: float = Field(description="how long the waves took together, without their bakes")
    usual: float | None = Field(description="the p90 of earlier releases with the same waves; null: too few")
    runs: int
    sentence: str


class EndedRunPart(Part):
    """A run that is over; what is null is not known or does not apply."""

    plan: str
    run: str
    environment: str
    product: str
    release: str | None
    previous: str | None
    timezone: str
    outcome: str
    released: bool = Field(description="whether the new release was in production at its end")
    because: str | None
    began: datetime = Field(description="when it took its nodes, or when its review began if it never did")
    ended: datetime
    pace: PacePart | None
    summary: str | None
    reason: str | None = Field(description="feature, fix or emergency")
    author: str | None
    triggered_by: str | None
    approved_by: list[str]
    tickets: list[str]
    features: dict[str, str]
    nodes: list[str] = Field(description="the first 50; `node_count` counts all")
    node_count: int
    problem: str | None = Field(description="why its record says nothing: damaged, archived (by whom, to where), gone")


class HistoryChoices(Part):
    environment: list[str]
    product: list[str]
    outcome: list[str]


class HistoryAnswer(Part):
    """Ended runs, the latest first."""

    version: Literal[1]
    older: int = Field(description="earlier runs, at which nobody looks here")
    next: str | None = Field(description="what to send as `after` for earlier ones; null: these were the last")
    cut: bool = Field(description="time was over before the page was full: ask for `next`")
    choices: HistoryChoices
    runs: list[EndedRunPart]


class CurrentPart(Part):
    """A product in an environment."""

    environment: str
    product: str
    since: EndedRunPart | None = Field(
        description="the run that brought the release that is there; null: none is known"
    )
    later: EndedRunPart | None = Field(description="the last run after it, which brought none")
    doubt: bool = Field(description="what is there is not known: because of how `later` ended, or of what is hidden")
    hidden: bool = Field(description="the deciding run, or a later one, is of a plan that you may not read: it is null")


class MissedPart(Part):
    plan: str
    environment: str
    owner: str
    reason: str
    run: str | None
    what_became_of_it: str


class CurrentAnswer(Part):
    """What is released where, and which plans can start in no window any more."""

    version: Literal[1]
    current: list[CurrentPart]
    missed: list[MissedPart] = Field(description="as `deployplan missed` prints them")
    reading: bool = Field(description="`missed` is being worked out; the next answer knows more")
    problem: str | None = Field(description="why `missed` cannot be told; what was known before stands")
