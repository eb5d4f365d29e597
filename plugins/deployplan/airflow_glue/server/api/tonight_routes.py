"""`/tonight`: where every plan and run stands, for who is logged in; asked every few seconds by the page."""

from __future__ import annotations

from time import monotonic
from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import Response

from deployplan.airflow_glue.server.api.rights import Person, Signed
from deployplan.airflow_glue.server.api.shared_answers import SharedAnswers
from deployplan.airflow_glue.server.api.tonight_forms import TonightAnswer
from deployplan.airflow_glue.server.api.tonight_keeper import tonight_now
from deployplan.airflow_glue.server.api.unchanged import made_unless_unchanged
from deployplan.airflow_glue.settings import Settings, settings
from deployplan.ui.tonight import Tonight, TonightRow
from deployplan.ui.tonight_json import seen_by, tonight_as_json

router = APIRouter(tags=["tonight"])
_shared = SharedAnswers()
_holders: dict[tuple[Settings, str | None], tuple[float, bool]] = {}
OFFERED_FOR = 30.0
"""Seconds for which it is known who may hold everything."""
MOST_HOLDERS = 1000
"""People of whom that is known."""


@router.get("/tonight", response_model=TonightAnswer, responses={304: {"description": "nothing has changed"}})
def read_tonight_now(who: Signed, if_none_match: Annotated[str | None, Header()] = None) -> Response:
    """Every plan that opens within 7 days, every run under way or ended in the last 24 hours, in order of time to act.

    Only plans whose runs you may read. `sentence` is what the run waits for or why it stopped. With `If-None-Match`
    the answer is 304 while nothing has changed.
    """
    tonight, name = tonight_now(), who.name  # each name is looked up among the people
    readable = who.may_read(row.plan for row in tonight.rows)
    asked = frozenset(row.plan for row in tonight.rows if row.plan in readable and _asks(row, name))
    answers = frozenset(plan for plan in asked if who.may("PUT", "HITL_DETAIL", plan))
    hold = _may_hold(who)

    def make() -> dict[str, object]:
        seen = seen_by(tonight, name, readable)
        return tonight_as_json(seen, lambda plan: {"answer": plan in answers}, {"hold": hold})

    # Who is asked the same and may do the same sees the same: a night has sixty viewers, and few kinds of them.
    return made_unless_unchanged(*_shared.of(tonight, (readable, asked, answers, hold), make), if_none_match)


def _may_hold(who: Person) -> bool:
    """Whether to offer it, as it was a moment ago: it is asked plan by plan. Whoever does it is asked anew."""
    key, now = (settings(), who.session), monotonic()
    found = _holders.get(key)
    if key[1] is None or found is None or now >= found[0]:
        if len(_holders) >= MOST_HOLDERS:
            _holders.clear()
        _holders[key] = found = now + OFFERED_FOR, who.may_all("PUT", "RUN")
    return found[1]


def _asks(row: TonightRow, person: str) -> bool:
    question = None if row.progress is None else row.progress.question
    return question is not None and person in question.people


def visible(who: Person, found: Tonight) -> Tonight:
    """What a person may see: the plans whose runs they may read."""
    return seen_by(found, who.name, who.may_read(row.plan for row in found.rows))
