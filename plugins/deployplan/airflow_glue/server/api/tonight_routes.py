"""`/tonight`: where every plan and run stands, for who is logged in; asked every few seconds by the page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import Response

from deployplan.airflow_glue.server.api.rights import Person, Signed
from deployplan.airflow_glue.server.api.tonight_forms import TonightAnswer
from deployplan.airflow_glue.server.api.tonight_keeper import tonight_now
from deployplan.airflow_glue.server.api.unchanged import answer_unless_unchanged
from deployplan.ui.tonight import Tonight
from deployplan.ui.tonight_json import seen_by, tonight_as_json

router = APIRouter(tags=["tonight"])


@router.get("/tonight", response_model=TonightAnswer, responses={304: {"description": "nothing has changed"}})
def read_tonight_now(who: Signed, if_none_match: Annotated[str | None, Header()] = None) -> Response:
    """Every plan that opens within 7 days, every run under way or ended in the last 24 hours, in order of time to act.

    Only plans whose runs you may read. `sentence` is what the run waits for or why it stopped. With `If-None-Match`
    the answer is 304 while nothing has changed.
    """
    found = visible(who, tonight_now())
    asked = {row.plan: row.progress.question.people for row in found.rows if row.progress and row.progress.question}
    content = tonight_as_json(
        found,
        lambda plan: {"answer": who.name in asked.get(plan, ()) and who.may("PUT", "HITL_DETAIL", plan)},
        {"hold": who.may_all("PUT", "RUN")},
    )
    return answer_unless_unchanged(content, if_none_match)


def visible(who: Person, found: Tonight) -> Tonight:
    """What a person may see: the plans whose runs they may read."""
    return seen_by(found, who.name, who.may_read(row.plan for row in found.rows))
