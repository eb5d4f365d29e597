"""From the openings of a plan to what Airflow knows: the run that it creates, the choice in the trigger form."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from airflow.sdk import Param

from deployplan.airflow_glue.dags.timetable import Creation
from deployplan.runbook.task_names import REDEPLOY_PARAM, WINDOW_PARAM

if TYPE_CHECKING:
    from deployplan.airflow_glue.dags.dag_spec import Outline
    from deployplan.airflow_glue.dags.openings import OfferedOpening

WHAT_IT_IS = (
    "The opening in which the release is to start. The approval is for this one: the run waits for it, not for an "
    "earlier one, and ends as window_missed when it passes. Another opening needs another run."
)


WHAT_REDEPLOY_IS = (
    "Off: a plan that is on all its nodes already, verified, ends as nothing_to_do without a question. On: it is "
    "approved like any other, and every script runs again."
)


def creation_of(outline: Outline, now: datetime) -> Creation | None:
    """The run that Airflow creates by itself, None when a person triggers it or no opening is ahead."""
    found = outline.offer.next_creation(now)
    if found is None:
        return None
    at, opening = found
    return Creation(
        plan=outline.name,
        digest=outline.digest,
        environment=outline.environment,
        product=outline.product,
        at=at.astimezone(UTC).isoformat(),
        opens=opening.opens.astimezone(UTC).isoformat(),
        told=f"{outline.offer.spelt} {opening.label}",
    )


def window_params(openings: Sequence[OfferedOpening]) -> dict[str, Param]:
    """The choice of the trigger form; none for a plan that may start at any time.

    A REST call with another value is answered with 400 by Airflow itself.
    """
    if not openings:
        return {}
    choice = Param(
        openings[0].value,
        type="string",
        enum=[each.value for each in openings],
        values_display={each.value: each.label for each in openings},
        title="Release window",
        description=WHAT_IT_IS,
    )
    return {WINDOW_PARAM: choice}


def redeploy_param() -> dict[str, Param]:
    """The other choice of the trigger form: whether what is done already is done again."""
    return {REDEPLOY_PARAM: Param(False, type="boolean", title="Redeploy", description=WHAT_REDEPLOY_IS)}
