"""How the runbook's verdicts travel from a trigger to the worker that ends the task with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deployplan.errors import DeployPlanError
from deployplan.evidence.event import Event
from deployplan.evidence.kinds.people import TaskRefused
from deployplan.evidence.kinds.review import ReviewNotReady
from deployplan.evidence.kinds.window import WindowPassed
from deployplan.remote.masking import Masks
from deployplan.runbook.run.run import NotReady, Refused, StepFailed, WindowMissed

_KINDS = {kind.__name__: kind for kind in (Refused, StepFailed, WindowMissed)}


def verdict_event(error: DeployPlanError, masks: Masks) -> dict[str, Any]:
    """The event of a trigger whose work ended with this verdict: it is kept in Airflow's database."""
    problems = [masks.cut(problem) for problem in error.problems] if isinstance(error, NotReady) else []
    return {"error": type(error).__name__, "why": masks.cut(str(error)), "problems": problems}


def evidence_of(error: DeployPlanError, task: str, masks: Masks) -> Event | None:
    """The entry that a task leaves when it ends with this verdict; None when its step has left its own."""
    match error:
        case NotReady():
            return ReviewNotReady(phase=task, problems=tuple(map(masks.cut, error.problems)))
        case WindowMissed():
            return WindowPassed(reason=masks.cut(str(error)))
        case Refused():
            return TaskRefused(task=task, why=masks.cut(str(error)))
        case _:
            return None


def verdict_in(event: Mapping[str, Any]) -> DeployPlanError | None:
    """The verdict that `verdict_event` put into an event; None when the worker has the whole task before it."""
    if "missed" in event:  # a window's trigger of an earlier version
        return StepFailed(event["missed"])
    if "why" not in event:
        return None
    if event.get("error") == NotReady.__name__:
        return NotReady(event["problems"])
    return _KINDS.get(str(event.get("error")), StepFailed)(event["why"])
