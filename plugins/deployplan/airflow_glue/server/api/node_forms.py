"""What `/nodes` answers, typed, for those who write programs against it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from deployplan.airflow_glue.server.api.tonight_forms import Part

Standing = Literal["done", "working", "failed", "unknown", "left out", "undone", "not started"]


class InstalledPart(Part):
    product: str
    component: str
    version: str = Field(description="empty: none, as a backout removed it")
    event: Literal["installed", "restored"]
    run: str
    plan: str
    since: datetime
    verified: bool
    verified_by: str | None = Field(
        description="the run that verified it, or proved the backout, since; null where you may not read it"
    )
    sentence: str = Field(description="the same in words, as `deployplan nodes` says it")


class HolderPart(Part):
    plan: str
    run: str
    since: datetime
    frozen: str | None = Field(description="why it stays locked until a person has looked; null while the run goes on")
    sentence: str


class JobPart(Part):
    job: str
    component: str
    step: str
    since: datetime
    plan: str


class NextPart(Part):
    plan: str
    release: str | None
    opens: datetime


class LastRunPart(Part):
    plan: str
    run: str
    product: str
    release: str | None
    outcome: str | None = Field(description="null while it is under way")
    at: datetime | None = Field(description="when it ended, or took its nodes")


class ProblemPart(Part):
    plan: str
    run: str
    sentence: str


class NodeOverviewPart(Part):
    """A node; what is null is not known or does not apply."""

    environment: str
    node: str
    timezone: str
    declared: bool = Field(description="whether it stands in the environment's file")
    state: str = Field(description="how it stands in the last run that touched it; `nothing recorded`, `not known`")
    why: str | None = Field(description="what went wrong there")
    last: LastRunPart | None
    installed: list[InstalledPart]
    holder: HolderPart | None
    jobs: list[JobPart] = Field(description="scripts of whose end there is no evidence yet")
    next: NextPart | None = Field(description="the plan whose window opens first, within 7 days")
    problems: list[ProblemPart] = Field(description="runs on it whose records cannot be believed or are not there")
    hidden: int = Field(description="facts of plans that you may not read, left out here")
    drained: str | None = Field(description="since when the node is out of service, and why; null: it is not")


class ChoicesPart(Part):
    environment: list[str]
    product: list[str]
    state: list[str]
    holder: list[str]


class ReadSoFar(Part):
    version: Literal[1]
    unread: int = Field(description="runs that were not read yet; the next answer knows more")
    older: int = Field(description="earlier runs, at which nobody looks here")
    broken: dict[str, str] = Field(description="environments whose file cannot be read, and why")


class NodesAnswer(ReadSoFar):
    """Nodes by environment and name."""

    total: int = Field(description="nodes that you may see")
    matching: int = Field(description="nodes that the filter takes")
    next: str | None = Field(description="what to send as `after` for the next ones; null: these were the last")
    choices: ChoicesPart
    rows: list[NodeOverviewPart]


class ResultPart(Part):
    component: str
    standing: Standing
    why: str | None
    job: str | None
    step: str | None
    began: datetime | None
    ended: datetime | None
    seconds: float | None
    exit: int | None


class NodeRunPart(LastRunPart):
    """A run, as this node saw it."""

    standing: Standing | None = Field(description="how this node stands in it; null: its record says nothing")
    results: list[ResultPart]
    problem: str | None


class NodeAnswer(ReadSoFar):
    """A node and its runs, the latest first."""

    node: NodeOverviewPart
    runs: list[NodeRunPart]
    matching: int
    next: str | None = Field(description="what to send as `before` for earlier ones")
