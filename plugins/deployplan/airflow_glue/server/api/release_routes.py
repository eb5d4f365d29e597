"""`/releases/{plan}/{run}`: one release as its page shows it; asked every second while somebody looks."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import Response

from deployplan.airflow_glue.server.api.release_forms import ReleaseAnswer
from deployplan.airflow_glue.server.api.release_keeper import releases
from deployplan.airflow_glue.server.api.rights import Person, PlanName, RunId, Signed
from deployplan.airflow_glue.server.api.unchanged import answer_unless_unchanged

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
    return answer_unless_unchanged(content | {"may": _may(who, plan, content)}, if_none_match)


def _may(who: Person, plan: str, content: dict[str, object]) -> dict[str, bool]:
    """What this person may do here: a button that would be refused is not shown."""
    question = content["question"]
    asked = question["people"] if isinstance(question, dict) else ()
    return {"answer": who.name in asked and who.may("PUT", "HITL_DETAIL", plan)}
