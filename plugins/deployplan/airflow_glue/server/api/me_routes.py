"""`/me`: what evidence calls who is logged in, for commands that do their work past Airflow."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from deployplan.airflow_glue.server.api.forms import MeAnswer
from deployplan.airflow_glue.server.api.rights import Signed

router = APIRouter(tags=["me"])


@router.get("/me")
def read_me(who: Signed, plan: Annotated[str | None, Query(min_length=1, max_length=250)] = None) -> MeAnswer:
    """Your name, and whether you may change the runs of this plan; without one, those of every plan."""
    may = who.may_all("PUT", "RUN") if plan is None else who.may("PUT", "RUN", plan)
    return MeAnswer(name=who.name, plan=plan, may_change_runs=may)
