"""`/plans`: what each plan says and whether it is right, and which files are rejected, for who may read them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, HTTPException
from fastapi.responses import Response

from deployplan.airflow_glue.server.api.plan_forms import PlanAnswer, PlansAnswer, RejectedAnswer
from deployplan.airflow_glue.server.api.plan_keeper import plan_keeper
from deployplan.airflow_glue.server.api.rights import Person, PlanName, Signed
from deployplan.airflow_glue.server.api.tonight_keeper import plans_now
from deployplan.airflow_glue.server.api.unchanged import answer_unless_unchanged
from deployplan.ui.plan_json import VERSION, plan_as_json, plan_line, rejected_as_json
from deployplan.ui.plan_view import LintFinding, plan_of_file, without_other_plans

router = APIRouter(tags=["plans"])
Linted = dict[str, list[LintFinding]]
IfNoneMatch = Annotated[str | None, Header()]


@router.get("/plans", response_model=PlansAnswer, responses={304: {"description": "nothing has changed"}})
def list_plans(who: Signed, if_none_match: IfNoneMatch = None) -> Response:
    """The plans that you may read, each with how many problems lint finds in it."""
    plans, keeper = plans_now().snapshots, plan_keeper()
    linted, readable = keeper.linted(), who.may_read(plans)
    reads_all = len(readable) == len(plans) and _reads_every_plan(who)
    lines = [
        plan_line(plans[name], _told(linted, keeper.path_of(name), reads_all=reads_all)) for name in sorted(readable)
    ]
    return answer_unless_unchanged({"version": VERSION, "plans": lines}, if_none_match)


@router.get("/plans/{plan}", response_model=PlanAnswer, responses={304: {"description": "nothing has changed"}})
def show_plan(plan: PlanName, who: Signed, if_none_match: IfNoneMatch = None) -> Response:
    """A plan merged over its procedure, what lint says of it, whether it may start now, and what it changes.

    What it is compared with may be another plan's release: of one that you may not read nothing more is said. 404 for a
    plan that there is not, that is rejected, or that you may not read.
    """
    plans, keeper = plans_now().snapshots, plan_keeper()
    if not who.may_read([plan]) or plan not in plans:
        raise HTTPException(404, f"there is no plan {plan!r} that can be used, or you may not read it")
    snapshot, linted = plans[plan], keeper.linted()
    findings = _told(linted, keeper.path_of(plan), reads_all=_reads_every_plan(who))
    against = keeper.compare(snapshot).shown_to(lambda other: bool(who.may_read([other])))
    content = plan_as_json(snapshot, *keeper.judge(snapshot), against, findings)
    return answer_unless_unchanged(content, if_none_match)


@router.get("/rejected-plans", response_model=RejectedAnswer, responses={304: {"description": "nothing has changed"}})
def list_rejected_plans(who: Signed, if_none_match: IfNoneMatch = None) -> Response:
    """The files that cannot be used, with the place and the hint.

    A file of a plan is shown to those who may read the plan of its file's name; what several plans use, as a procedure
    or an environment, to those who may read every plan.
    """
    found = plan_keeper().findings(plans_now().problems)
    named = who.may_read(name for name in map(plan_of_file, found) if name is not None)
    reads_all = _reads_every_plan(who)
    shown = {
        path: findings if reads_all else without_other_plans(findings)
        for path, findings in found.items()
        if (reads_all if (name := plan_of_file(path)) is None else name in named)
    }
    return answer_unless_unchanged(rejected_as_json(shown), if_none_match)


def _told(linted: Linted | None, path: str, *, reads_all: bool) -> list[LintFinding] | None:
    """What lint says of a file, as somebody may know it; None while it is not known."""
    if linted is None:
        return None
    found = linted.get(path, [])
    return found if reads_all else without_other_plans(found)


def _reads_every_plan(who: Person) -> bool:
    return who.may_all("GET", "RUN")
