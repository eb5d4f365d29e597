"""What is answered of a release when somebody opens a part of its page: what is approved, and its evidence."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from deployplan.airflow_glue.server.api.tonight_forms import Part


class CommandPart(Part):
    component: str
    what: str = Field(description="deploy, undo, current, or the variable or secret that it is given")
    text: str


class FilePart(Part):
    kind: str = Field(description="package or script")
    path: str
    sha256: str
    source: str | None = Field(description="what a package was built from")


class ComparedPart(Part):
    plan: str
    run: str
    release: str | None
    at: datetime
    lines: list[str] = Field(description="a line for everything that differs; none when nothing does")


class ApprovedAnswer(Part):
    """What exactly is approved. `page` is what `deployplan show` prints, in Markdown."""

    plan: str
    run: str
    digest: str
    commands: list[CommandPart]
    files: list[FilePart]
    worst_case: list[str]
    compared: ComparedPart | None = Field(description="with the product's last release before; null: there is none")
    not_compared: str | None = Field(description="why what there is before is not shown; null: it is, or there is none")
    changed: str | None = Field(description="why the plan's file is not what was frozen; null: it is")
    page: str


class StoryEntry(Part):
    seq: int
    at: datetime
    kind: str
    told: str = Field(description="as `deployplan evidence show` tells it")


class StoryAnswer(Part):
    """Entries in order; `next` is the number behind which more follow, null when there are no more."""

    plan: str
    run: str
    entries: list[StoryEntry]
    next: int | None
    apart: list[StoryEntry] = Field(description="what came when the run was over; with the last entries")


class VerificationAnswer(Part):
    """Whether the evidence is what was written; `lines` as `deployplan evidence verify` prints them."""

    plan: str
    run: str
    ok: bool
    entries: int
    head: str
    sealed: bool
    signed: bool
    bound: bool
    problems: list[str]
    lines: list[str]
