"""`/history`: what is released where, the runs that are over, and windows that were missed."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query
from fastapi.responses import Response

from deployplan.airflow_glue.server.api.history_forms import CurrentAnswer, HistoryAnswer
from deployplan.airflow_glue.server.api.history_keeper import history_keeper
from deployplan.airflow_glue.server.api.node_routes import UNCHANGED, Word
from deployplan.airflow_glue.server.api.rights import Signed
from deployplan.airflow_glue.server.api.unchanged import answer_unless_unchanged
from deployplan.ui.history import HistoryFilter, current_releases
from deployplan.ui.history_json import current_as_json, runs_as_json

router = APIRouter(tags=["history"])


@router.get("/history", response_model=HistoryAnswer, responses=UNCHANGED)
def read_history(
    who: Signed,
    environment: Word = None,
    product: Word = None,
    outcome: Word = None,
    q: Annotated[str | None, Query(max_length=250, description="text in the words of a run")] = None,
    within: Annotated[
        Literal["ticket", "feature", "person", "node", ""] | None, Query(description="where `q` is looked for alone")
    ] = None,
    after: Annotated[str | None, Query(max_length=250, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Runs that are over, the latest first, with outcome, approvers, tickets, nodes, and how long they took.

    What was not read before is read for half a second: a page may be `cut`, and `next` goes on there.
    """
    reads, known = who.reads(), history_keeper()
    wanted = HistoryFilter(environment, product, outcome, q, within)
    page = known.find(wanted, reads, after=after or "", limit=limit)
    ends, older = known.ends()
    return answer_unless_unchanged(runs_as_json(page, ends, older, reads), if_none_match)


@router.get("/history/current", response_model=CurrentAnswer, responses=UNCHANGED)
def read_current_releases(who: Signed, if_none_match: Annotated[str | None, Header()] = None) -> Response:
    """Each product in each environment: which release, since when, by which run, with which outcome, approved by whom;
    and the plans that missed their windows.
    """
    reads, known = who.reads(), history_keeper()
    ends, _ = known.ends()
    missed = known.missed()
    mine = replace(missed, plans=tuple(each for each in missed.plans if reads(each.plan)))
    return answer_unless_unchanged(current_as_json(current_releases(ends, reads), known.facts, mine), if_none_match)
