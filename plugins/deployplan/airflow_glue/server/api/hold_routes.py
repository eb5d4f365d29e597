"""`/hold` and `/resume`: the one switch that stops new waves of all plans, in the name of who is logged in."""

from __future__ import annotations

from fastapi import APIRouter

from deployplan.airflow_glue.server.api.forms import HoldAnswer, WithReason
from deployplan.airflow_glue.server.api.rights import Signed
from deployplan.airflow_glue.settings import settings
from deployplan.clock import SystemClock
from deployplan.evidence.hold import Hold, HoldSwitch
from deployplan.runbook.hold_all import hold_all, resume_all

router = APIRouter(tags=["hold"])
ALL = "hold or resume all plans"


@router.get("/hold")
def read_hold(who: Signed) -> HoldAnswer:
    """Who holds everything, why and since when. Anybody who is logged in may know."""
    return _answer(HoldSwitch(settings().records).state())


@router.post("/hold")
def hold_plans(form: WithReason, who: Signed) -> HoldAnswer:
    """Hold all plans: no new wave starts, no window opens; what runs goes on, and no backout is held.

    The first reason stays when all is held already. Needs the right to change the runs of every plan.
    """
    who.need("PUT", "RUN", to=ALL)
    held, changed = hold_all(settings().record_store(), form.reason, by=who.name, at=SystemClock().now())
    return _answer(held, changed=changed)


@router.post("/resume")
def resume_plans(form: WithReason, who: Signed) -> HoldAnswer:
    """Let all plans go on from where they are. Needs the right to change the runs of every plan."""
    who.need("PUT", "RUN", to=ALL)
    was = resume_all(settings().record_store(), form.reason, by=who.name)
    told = "nothing was held" if was is None else f"resumed; it was {was}"
    return HoldAnswer(held=False, changed=was is not None, sentence=told)


def _answer(hold: Hold | None, *, changed: bool = False) -> HoldAnswer:
    if hold is None:
        return HoldAnswer(held=False, sentence="nothing is held")
    return HoldAnswer(
        held=True, reason=hold.reason, by=hold.by, since=hold.since, changed=changed, sentence=f"all is {hold}"
    )
