"""What `/calendar` and `/plans/{plan}/slot` answer, typed, for those who write programs against them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from deployplan.airflow_glue.server.api.tonight_forms import Part

Kind = Literal["window", "freeze", "plan", "free"]


class DayPart(Part):
    date: date
    begins: datetime = Field(description="its first instant in the zone that is shown; days of 23 and 25 hours are")
    asked_for: bool = Field(description="false for days that only make the weeks of a month whole")


class CalendarPlanPart(Part):
    name: str
    state: str = Field(description="scheduled, in review, approved, deploying, held, released, missed, ended …")
    outcome: str | None
    told: str = Field(description="how it stands, in words; empty when it is just scheduled")
    owner: str
    run: str | None
    conflict: str = Field(description="in whose way it is, and on which nodes; empty when it is in nobody's")
    last_safe_start: datetime | None


class CalendarEntryPart(Part):
    kind: Kind
    what: str = Field(description="in the words of `deployplan calendar`")
    start: datetime
    end: datetime | None = Field(description="null: no end is known")
    begins: str = Field(description="the start as the clock of the zone shows it")
    ends: str
    plan: CalendarPlanPart | None


class CalendarAnswer(Part):
    """A week or a month of an environment; every text is in the zone that is shown."""

    version: Literal[1]
    environment: str
    environments: list[str] = Field(description="those of which you may read a plan")
    timezone: str = Field(description="the environment's own")
    zone: str = Field(description="the one that is shown")
    scale: Literal["week", "month"]
    first: date
    last: date
    before: date = Field(description="a day of the period before")
    after: date
    today: date
    start: datetime
    end: datetime
    days: list[DayPart]
    entries: list[CalendarEntryPart] = Field(description="in order of time")
    left_out: dict[Kind, int] = Field(description="how many entries of a kind are not listed")
    without_opening: list[str] = Field(description="plans into no opening of this time their work fits")
    any_time: list[str] = Field(description="plans without windows")


class SlotPart(Part):
    opens: datetime
    closes: datetime | None
    last_safe_start: datetime | None
    window: str | None
    timezone: str
    taken_by: list[str] = Field(description="plans that want one of its nodes then")


class SlotAnswer(Part):
    """Where a plan fits next beside all others."""

    version: Literal[1]
    plan: str
    sentence: str = Field(description="the next slot, or why there is none in 90 days")
    fits: bool
    slots: list[SlotPart] = Field(description="its openings of the next 90 days, in order of time")
    left_out: int = Field(description="how many openings are not listed")
