"""`/releases/{plan}/{run}`: one release as its page shows it; asked every second while somebody looks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header
from fastapi.responses import Response

from deployplan.airflow_glue.server.api.release_forms import ReleaseAnswer
from deployplan.airflow_glue.server.api.release_keeper import releases
from deployplan.airflow_glue.server.api.rights import Person, PlanName, RunId, Signed
from deployplan.airflow_glue.server.api.unchanged import answer_unless_unchanged
from deployplan.clock import SystemClock
from deployplan.ui.progress import OpenQuestion, open_question

TO_MEND = {"failed", "unknown", "left out", "undone"}
"""How a node stands of which trying again may make more."""
router = APIRouter(prefix="/releases", tags=["releases"])


@router.get("/{plan}/{run_id}", response_model=ReleaseAnswer, responses={304: {"description": "nothing has changed"}})
def read_release(
    plan: PlanName, run_id: RunId, who: Signed, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """Where a release stands: phases, nodes, criteria, approvals, messages, and what a backout would do.

    Needs the right to read the plan's runs. 404 when no run of that name has left a record; one that cannot be believed
    is answered with `damaged`, and why. With `If-None-Match` the answer is 304 while nothing has changed.
    """
    who.need("GET", "RUN", plan, to="see a release")
    content = releases().content(plan, run_id)
    known = None if content["damaged"] else releases().open(plan, run_id).known
    asked = None if known is None else open_question(known)
    may_stop = known is not None and not known.is_over and not known.is_backing_out
    mine = {"may": _may(who, plan, content, may_stop), "choices": _choices(who, asked)}
    return answer_unless_unchanged(content | mine, if_none_match)


def _may(who: Person, plan: str, content: dict[str, Any], may_stop: bool) -> dict[str, bool]:
    """What this person may do here: a button that would be refused is not shown."""
    question, backout = content["question"], content["backout"]
    until = None if backout is None else backout["until"]
    is_over = content["ended"] is not None
    in_time = until is not None and datetime.fromisoformat(until) > SystemClock().now()
    return {
        "answer": question is not None and who.name in question["people"] and who.may("PUT", "HITL_DETAIL", plan),
        "stop": not is_over and may_stop and who.may("PUT", "RUN", plan),
        "rerun": is_over and not TO_MEND.isdisjoint(content["nodes"]) and who.may("PUT", "TASK_INSTANCE", plan),
        "back_out": is_over and in_time and who.may("PUT", "TASK_INSTANCE", plan),
    }


def _choices(who: Person, asked: OpenQuestion | None) -> list[str] | None:
    """What of the card this person may choose; None where the card gives everybody who is asked the same choice."""
    if asked is None or asked.rights is None:
        return None
    return [option for option in asked.rights if asked.may_choose(who.name, option)]
