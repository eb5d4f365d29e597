"""`/deployplan/m/PLAN/RUN` of a release that ended well: the backout that may still be asked for, and its form."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response
from pydantic import ValidationError

from deployplan.airflow_glue.server.api.backout_routes import has_released, preview_backout, take_run_back
from deployplan.airflow_glue.server.api.forms import BackoutAnswer, WithReason
from deployplan.airflow_glue.server.api.pages import html_page
from deployplan.airflow_glue.server.api.rights import Person, PlanName, RunId, Signed
from deployplan.airflow_glue.server.api.tonight_keeper import forget_tonight
from deployplan.ui.take_back_page import MOST_REASON, BackoutOffer, render_offer, render_told

router = APIRouter(tags=["backout"], include_in_schema=False)


async def offer_page(who: Person, plan: str, run_id: str, told: str | None = None) -> Response | None:
    """The page where the backout of this release may be asked for, or why not; None when nothing can be said of it."""
    try:
        found = await preview_backout(plan, who, run_id)
    except HTTPException as refused:
        if refused.status_code != 409 or not await asyncio.to_thread(has_released, plan, run_id):
            return None
        return html_page(render_told(f"{plan}: back out the release?", str(refused.detail)), 409)
    may_ask = await asyncio.to_thread(who.may, "PUT", "TASK_INSTANCE", plan)
    return html_page(render_offer(_offer(found, may_ask=may_ask), told), 200 if told is None else 422)


@router.post("/m/{plan}/{run_id}/backout")
async def ask_on_the_page(who: Signed, plan: PlanName, run_id: RunId, request: Request) -> Response:
    """Ask for it, as by `deployplan backout`: the same rights, refusals and evidence."""
    sent = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=10)
    reason = " ".join(sent.get("reason", [""])[:1]).strip()
    try:
        form = WithReason(reason=reason[: MOST_REASON + 1])
    except ValidationError:
        form = None
    if form is None or len(reason) > MOST_REASON:
        told = f"say why, in at most {MOST_REASON} characters"
        return await offer_page(who, plan, run_id, told) or html_page(render_told(plan, told), 422)
    title = f"{plan}: back out the release"
    try:
        answer = await take_run_back(plan, run_id, form, who)
    except HTTPException as refused:
        return html_page(render_told(title, str(refused.detail)), refused.status_code)
    forget_tonight()
    return html_page(render_told(title, answer.sentence))


def _offer(found: BackoutAnswer, *, may_ask: bool) -> BackoutOffer:
    return BackoutOffer(
        plan=found.plan,
        run=found.run,
        version=found.version,
        until=found.until,
        authority=found.decided_by,
        undoes={each.component: each.nodes for each in found.undoes},
        begins_at_once=found.begins_at_once,
        may_ask=may_ask,
    )
