"""`/plans/{plan}/ack`: a person says that they see to what a run needs, and nobody else is called."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException

from deployplan.airflow_glue.server.api.forms import AckAnswer, WithNote
from deployplan.airflow_glue.server.api.rights import Person, PlanName, RunId, Signed
from deployplan.airflow_glue.settings import settings
from deployplan.clock import SystemClock
from deployplan.runbook.telling.in_hand import NothingNeeded, acknowledge

router = APIRouter(tags=["ack"])


@router.post("/plans/{plan}/ack")
def acknowledge_plan(plan: PlanName, form: WithNote, who: Signed) -> AckAnswer:
    """See to what the plan's run needs now: open cards, a hold, an end with nodes locked. No further contact is called.

    Needs the right to change the plan's runs. 409 when nothing needs anybody.
    """
    return _acknowledge(plan, None, form, who)


@router.post("/plans/{plan}/runs/{run_id}/ack")
def acknowledge_run(plan: PlanName, run_id: RunId, form: WithNote, who: Signed) -> AckAnswer:
    """See to what this run needs now, as for the plan."""
    return _acknowledge(plan, run_id, form, who)


def _acknowledge(plan: str, run_id: str | None, form: WithNote, who: Person) -> AckAnswer:
    who.need("PUT", "RUN", plan, to="take a run in hand")
    store, now = settings().record_store(), SystemClock().now()
    try:
        found = acknowledge(store, plan, run_id, by=who.name, note=form.note, now=now)
    except NothingNeeded as nothing:
        raise HTTPException(409, str(nothing)) from None
    told = f"{who.name} has {plan}/{found.run_id} in hand, nobody else is called: {'; '.join(found.reasons)}"
    return AckAnswer(plan=plan, run=found.run_id, by=who.name, needs=list(found.reasons), sentence=told)
