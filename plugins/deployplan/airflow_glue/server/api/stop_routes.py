"""`/plans/{plan}/stop`: a run is ended by a person, in the one way in which Airflow still backs it out."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException

from deployplan.airflow_glue.server.api.forms import StopAnswer, WithReason
from deployplan.airflow_glue.server.api.rights import Person, PlanName, Signed
from deployplan.airflow_glue.settings import settings
from deployplan.errors import DeployPlanError
from deployplan.runbook.run.fold import fold_all
from deployplan.runbook.run.state import RunState

router = APIRouter(tags=["stop"])
UNDER_WAY = ("running", "queued")
BACKED_OUT_ALREADY = (
    "it is being backed out already, and a stop would end the undo scripts that run; "
    "where one hangs, mark its task failed in Airflow"
)


@router.get("/plans/{plan}/stop")
async def preview_stop(plan: PlanName, who: Signed) -> StopAnswer:
    """What stopping the plan's run would do, as things stand. Does nothing. 409 when no run is under way."""
    await asyncio.to_thread(who.need, "GET", "RUN", plan, to="see a run")
    run_id = await _under_way(who, plan)
    return StopAnswer(plan=plan, run=run_id, stopped=False, sentence=await asyncio.to_thread(_would_do, plan, run_id))


@router.post("/plans/{plan}/stop")
async def stop_run(plan: PlanName, form: WithReason, who: Signed) -> StopAnswer:
    """Mark the plan's run failed, as this person: what runs on its nodes is terminated, and what had begun is undone.

    The reason stays as the run's note, and in its evidence. 409 when no run is under way, or it is backed out already.
    """
    await asyncio.to_thread(who.need, "PUT", "RUN", plan, to="stop a run")
    run_id = await _under_way(who, plan)
    told = await asyncio.to_thread(_would_do, plan, run_id)
    if told == BACKED_OUT_ALREADY:
        raise HTTPException(409, f"{run_id} is not stopped: {told}")
    body = {"state": "failed", "note": f"stopped by {who.name}: {form.reason}"[:1000]}
    status, answer = await who.ask_airflow("PATCH", f"{_runs(plan)}/{quote(run_id, safe='')}", body)
    if status != 200:
        why = answer.get("detail", answer) if isinstance(answer, dict) else answer
        raise HTTPException(403 if status in (401, 403) else 409, f"Airflow did not stop {run_id}: {str(why)[:300]}")
    return StopAnswer(plan=plan, run=run_id, stopped=True, sentence=told)


async def _under_way(who: Person, plan: str) -> str:
    """The run of the plan that Airflow carries out, as it shows itself to this person."""
    for state in UNDER_WAY:
        status, found = await who.ask_airflow("GET", _runs(plan), query=f"state={state}&limit=1")
        runs: Any = found.get("dag_runs") if status == 200 and isinstance(found, dict) else None
        if runs:
            return str(runs[0]["dag_run_id"])
    raise HTTPException(409, f"no run of {plan} is under way, or Airflow does not show it to you")


def _would_do(plan: str, run_id: str) -> str:
    try:
        state = fold_all(settings().record_store().run(plan, run_id).ledger().entries())
    except DeployPlanError as error:
        return (
            f"its evidence cannot be read ({error}): what runs is terminated, and nothing of it is known to be undone"
        )
    return what_stopping_does(state)


def what_stopping_does(state: RunState) -> str:
    """What becomes of a run that is stopped now, by its evidence."""
    if state.taking_back is not None and not state.is_backing_out:
        return "its release stays: the backout that was asked for is not begun"
    if state.review.armed is None:
        return "nothing was deployed: it ends without a trace on any node, and no approval is used up by another run"
    if not state.review.begun:
        return "no script has run: its nodes are given free"
    if state.is_backing_out:
        return BACKED_OUT_ALREADY
    begun = ", ".join(reversed(state.review.begun))
    return (
        f"what runs on its nodes is terminated; {begun} is undone where its deploy had begun; "
        "the previous release is looked for. No window and no freeze holds that up"
    )


def _runs(plan: str) -> str:
    return f"/api/v2/dags/{quote(plan)}/dagRuns"
