"""`/calendar`: what happens when in an environment, and where a plan still fits, for who is logged in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Header, HTTPException, Query
from fastapi.responses import Response

from deployplan.airflow_glue.server.api.calendar_forms import CalendarAnswer, SlotAnswer
from deployplan.airflow_glue.server.api.calendar_keeper import calendar_keeper, known_plans, zone_of
from deployplan.airflow_glue.server.api.rights import Person, PlanName, Signed
from deployplan.airflow_glue.server.api.unchanged import answer_unless_unchanged
from deployplan.clock import SystemClock
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.text.problem import PlanRejected
from deployplan.printable import printable
from deployplan.runbook.calendar.calendar import Calendar
from deployplan.ui.calendar_ics import as_ics
from deployplan.ui.calendar_json import calendar_as_json, slot_as_json
from deployplan.ui.calendar_view import FARTHEST, CalendarPeriod, CalendarScale, calendar_view_of
from deployplan.window.error import WindowError
from deployplan.window.wall_time import find_zone

router = APIRouter(tags=["calendar"])
UNCHANGED = {304: {"description": "nothing has changed"}}
Environment = Annotated[
    str | None, Query(max_length=250, description="an environment; absent: the first of which you may read a plan")
]
Zone = Annotated[str | None, Query(max_length=64, description="IANA zone to show; absent: the environment's")]


@router.get("/calendar", response_model=CalendarAnswer, responses=UNCHANGED)  # type: ignore[arg-type]
def tell_calendar(
    who: Signed,
    environment: Environment = None,
    scale: CalendarScale = CalendarScale.WEEK,
    around: Annotated[date | None, Query(description="a day of the week or month; absent: today")] = None,
    zone: Zone = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Windows, freezes, plans with their conflicts, and free slots of a week or a month, in order of time.

    Only plans that you may read; of others you are told where they are in the way of those, and no slot in which one is
    due is free. 503 while it is not known yet: ask again.
    """
    plans = known_plans()
    environments = _environments(who, plans)
    chosen = _chosen(environment, environments)
    now = SystemClock().now()
    with _told():
        own = zone_of(chosen)
        period = _period(around, scale, zone or own, now)
        found = calendar_keeper().period(chosen, period, plans)
    readable = _readable(who, found)
    content = calendar_as_json(calendar_view_of(found, period, readable), environments, own, now, readable)
    return answer_unless_unchanged(content, if_none_match)


@router.get("/calendar.ics", response_class=Response, responses={200: {"content": {"text/calendar": {}}}})
def download_calendar(who: Signed, environment: Environment = None) -> Response:
    """The same from 30 days ago to 90 days ahead as an iCalendar file, for an office calendar."""
    plans = known_plans()
    chosen = _chosen(environment, _environments(who, plans))
    with _told():
        found = calendar_keeper().for_office(chosen, plans)
    content = as_ics([found], SystemClock().now(), _readable(who, found))
    name = f'attachment; filename="releases-{chosen}.ics"'
    headers = {"Content-Disposition": name, "Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type="text/calendar; charset=utf-8", headers=headers)


@router.get("/plans/{plan}/slot", response_model=SlotAnswer, responses=UNCHANGED)  # type: ignore[arg-type]
def read_next_slot(plan: PlanName, who: Signed, if_none_match: Annotated[str | None, Header()] = None) -> Response:
    """The next opening in which the plan's work fits and nobody else wants its nodes, or why there is none.

    404 for a plan that there is not, or that you may not read.
    """
    plans = known_plans()
    if plan not in plans or not who.may_read([plan]):
        raise HTTPException(404, f"there is no plan {plan!r} that can be used, or you may not read it")
    with _told():
        found = calendar_keeper().next_slot(plans[plan], plans)
    rivals = {each.name for slot in found.slots for each in slot.rivals}
    return answer_unless_unchanged(slot_as_json(found, who.may_read(rivals)), if_none_match)


def _environments(who: Person, plans: Mapping[str, Snapshot]) -> list[str]:
    """Those of which the person may read a plan."""
    return sorted({plans[name].plan.environment for name in who.may_read(plans)})


def _chosen(environment: str | None, environments: list[str]) -> str:
    """The environment that is asked for; one of which nothing may be read is as if it were not there."""
    if environment is None and environments:
        return environments[0]
    if environment is None or environment not in environments:
        named = "no environment" if environment is None else f"no environment {printable(environment)!r}"
        raise HTTPException(404, f"there is {named} of which you may read a plan")
    return environment


def _period(around: date | None, scale: CalendarScale, zone: str, now: datetime) -> CalendarPeriod:
    today = now.astimezone(find_zone(zone)).date()
    if abs((around or today) - today) > FARTHEST:
        raise HTTPException(422, f"{around} is more than {FARTHEST.days} days away from today")
    return CalendarPeriod.around(around or today, scale, zone)


def _readable(who: Person, found: Calendar) -> frozenset[str]:
    """Which plans of a calendar the person may read; a run goes on also when its plan's file is gone."""
    return who.may_read([*(each.name for each in found.plans), *found.without_opening, *found.any_time])


@contextmanager
def _told() -> Iterator[None]:
    """What cannot be told of an environment, in a sentence: 422 for a zone that there is not, else 409."""
    try:
        yield
    except WindowError as error:
        raise HTTPException(422, str(error)[:1000]) from None
    except PlanRejected as error:
        raise HTTPException(409, f"its calendar cannot be told: {error}"[:1000]) from None
