"""`/deployplan/m`: what asks you, and each card on a page of its own, which a phone shows and which needs no script.

An answer is given to Airflow in the person's own name, as by its own page: with their rights, past the same guards.
"""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qs, quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from deployplan.airflow_glue.server.api.backout_pages import offer_page
from deployplan.airflow_glue.server.api.pages import HEADERS, html_page
from deployplan.airflow_glue.server.api.rights import Person, PlanName, RunId, Signed
from deployplan.airflow_glue.server.api.tonight_keeper import forget_tonight, tonight_now
from deployplan.airflow_glue.server.api.tonight_routes import visible
from deployplan.ui.card_page import CardContent, render_card, render_list
from deployplan.ui.progress import OpenQuestion
from deployplan.ui.tonight import TonightRow

router = APIRouter(tags=["cards"], include_in_schema=False)


@router.get("/m")
async def list_cards(who: Signed, answered: str = "") -> Response:
    """What asks you."""
    rows = [row for row in await _rows(who) if who.name in _question(row).people]
    return html_page(render_list(who.name, rows, "Your answer was taken." if answered == "yes" else None))


@router.get("/m/{plan}/{run_id}")
async def show_card(who: Signed, plan: PlanName, run_id: RunId) -> Response:
    """The card that a run has put up; of a release that ended well, the backout that may still be asked for."""
    row = await _find(who, plan, run_id)
    if row is None:
        return await offer_page(who, plan, run_id) or _nothing(who)
    content, problem = await _content(who, row)
    return html_page(render_card(row, content, problem))


@router.post("/m/{plan}/{run_id}")
async def answer_card(who: Signed, plan: PlanName, run_id: RunId, request: Request) -> Response:
    """Answer it, as Airflow lets you."""
    row = await _find(who, plan, run_id)
    if row is None:
        return _nothing(who)
    content, problem = await _content(who, row)
    if content is None:
        return html_page(render_card(row, content, problem), 409)
    sent = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=10)
    choice, note = (" ".join(sent.get(name, [""])[:1]) for name in ("choice", "note"))
    if choice not in content.options:
        return html_page(render_card(row, content, f"{choice!r} is nothing that you may choose here"), 422)
    body = {"chosen_options": [choice], "params_input": {"note": note} if content.takes_note and note else {}}
    status, told = await who.ask_airflow("PATCH", _path(row), body)
    if status != 200:
        return html_page(render_card(row, content, _why(status, told)), 409)
    forget_tonight()
    return RedirectResponse("../../m?answered=yes", 303, HEADERS)


async def _rows(who: Person) -> list[TonightRow]:
    found = await asyncio.to_thread(lambda: visible(who, tonight_now()))
    return [row for row in found.rows if row.progress is not None and row.progress.question is not None]


async def _find(who: Person, plan: str, run_id: str) -> TonightRow | None:
    return next((row for row in await _rows(who) if (row.plan, row.run) == (plan, run_id)), None)


def _question(row: TonightRow) -> OpenQuestion:
    assert row.progress is not None
    assert row.progress.question is not None
    return row.progress.question


async def _content(who: Person, row: TonightRow) -> tuple[CardContent | None, str | None]:
    """What Airflow shows this person of the card; else why it shows nothing."""
    status, told = await who.ask_airflow("GET", _path(row))
    if status != 200 or not isinstance(told, dict):
        return None, _why(status, told)
    if told.get("response_received"):
        return None, "This card is answered; the run goes on in a moment."
    question, fields = _question(row), told.get("params")
    offered = [str(each) for each in told.get("options") or ()]
    mine = [each for each in offered if question.may_choose(who.name, each)]
    if mine and not await asyncio.to_thread(who.may, "PUT", "HITL_DETAIL", row.plan):
        mine = []
    return CardContent(str(told.get("body") or ""), tuple(mine), isinstance(fields, dict) and "note" in fields), None


def _path(row: TonightRow) -> str:
    plan, run_id, task = (quote(each, safe="") for each in (row.plan, row.run or "", _question(row).task))
    return f"/api/v2/dags/{plan}/dagRuns/{run_id}/taskInstances/{task}/-1/hitlDetails"


def _why(status: int, told: Any) -> str:
    detail = told.get("detail") if isinstance(told, dict) else None
    return f"Airflow says no ({status}): {detail if isinstance(detail, str) else 'it gives no reason'}"


def _nothing(who: Person) -> Response:
    return html_page(render_list(who.name, (), "Nothing of that run asks anybody now, or you may not see it."), 404)
