"""`/plans/{plan}/runs/{run}/resend`: a person has a message sent again of which nobody knows whether it arrived."""

from __future__ import annotations

from threading import Lock

from fastapi import APIRouter, HTTPException

from deployplan.airflow_glue.server.api.forms import ResendAnswer, WithKey
from deployplan.airflow_glue.server.api.rights import PlanName, RunId, Signed
from deployplan.airflow_glue.settings import settings
from deployplan.clock import SystemClock
from deployplan.runbook.telling.in_hand import NothingNeeded, send_again

router = APIRouter(tags=["messages"])
_ONE_AT_A_TIME = Lock()


@router.post("/plans/{plan}/runs/{run_id}/resend")
def resend_message(plan: PlanName, run_id: RunId, form: WithKey, who: Signed) -> ResendAnswer:
    """Have the run's messages whose keys begin so sent once more, by the outbox of whichever API server looks first.

    Needs the right to change the plan's runs. 409 when the run has no such message, or it was sent
    without doubt, is being sent, waits for it, or was wanted again less than a minute ago.
    """
    who.need("PUT", "RUN", plan, to="have messages of a run sent again")
    record, now = settings().record_store().run(plan, run_id), SystemClock().now()
    try:
        with _ONE_AT_A_TIME:  # two at once would both see it wanted by nobody
            count = send_again(record, form.key, by=who.name, now=now)
    except NothingNeeded as nothing:
        raise HTTPException(409, str(nothing)) from None
    told = f"{count} {'is' if count == 1 else 'are'} sent again within seconds, as {who.name} wants"
    return ResendAnswer(plan=plan, run=run_id, by=who.name, count=count, sentence=told)
