"""What `/plans`, `/plans/{plan}` and `/rejected-plans` answer, typed, for those who write programs against them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from deployplan.airflow_glue.server.api.tonight_forms import Part


class FindingPart(Part):
    path: str = Field(description="the file, below the include folder")
    line: int
    column: int
    rule: str
    severity: Literal["error", "warning"]
    message: str
    hint: str | None
    snippet: list[str] = Field(description="the source line, and the caret below it; empty where there is none")


class PlanLine(Part):
    plan: str
    product: str
    release: str
    environment: str
    owner: str
    summary: str
    digest: str
    errors: int | None = Field(description="null: not known yet, ask again")
    warnings: int | None


class PlansAnswer(Part):
    """The plans that you may read, by name."""

    version: Literal[1]
    plans: list[PlanLine]


class SpanPart(Part):
    text: str
    as_: Literal["text", "code", "strong"] = Field(alias="as")


class BlockPart(Part):
    kind: Literal["heading", "paragraph", "list", "table", "code"]
    level: int | None = None
    spans: list[SpanPart] | None = None
    ordered: bool | None = None
    items: list[list[SpanPart]] | None = None
    head: list[list[SpanPart]] | None = None
    rows: list[list[list[SpanPart]]] | None = None
    text: str | None = None


class AgainstPart(Part):
    told: str = Field(description="what the file is compared with: what is under way, or was released last")
    digest: str | None = Field(description="that one's digest; null: there is nothing to compare with")
    lines: list[str] = Field(description="in what they differ; empty: in nothing")
    left_out: int


class PlanAnswer(PlanLine):
    """A plan as its file says, merged over its procedure."""

    version: Literal[1]
    verdict: str = Field(description="may it start now, in the words of `deployplan window`")
    work: str = Field(description="how long the work may take, and what that rests on")
    against: AgainstPart
    findings: list[FindingPart] | None = Field(description="of `deployplan lint`; null: not known yet, ask again")
    page: list[BlockPart] = Field(description="what `deployplan show` prints, as blocks of text")


class RejectedFile(Part):
    path: str
    plan: str | None = Field(description="the plan that it would be; null: a file that plans use")
    findings: list[FindingPart]
    left_out: int


class RejectedAnswer(Part):
    """The files with problems that you may see."""

    version: Literal[1]
    files: list[RejectedFile]
    left_out: int
