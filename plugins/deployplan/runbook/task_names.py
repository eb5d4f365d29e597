"""What Airflow's users see: task ids, display names, tags and run ids."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deployplan.plan.snapshot import Snapshot
    from deployplan.plan.waves import Wave

CONTROLS = "review.controls"
PREFLIGHT = "review.preflight"
BASELINE = "review.baseline"
WINDOW = "window"
ARM = "deploy.arm"
SMOKE = "verify.smoke"
DECIDE = "backout.decide"
BACKOUT_VERIFY = "backout.verify"
OUTCOME = "outcome"

WINDOW_PARAM = "window"
"""The parameter of a run that names the opening it is for."""

REDEPLOY_PARAM = "redeploy"
"""The parameter of a run that wants the scripts to run again where they have run."""

GROUPS = {
    "review": "1 · Review",
    "deploy": "3 · Deploy",
    "verify": "4 · Verify",
    "backout": "5 · Backout (only when needed)",
}
"""Group id → the name people read; `window` and `outcome` are single tasks and carry 2 and 6."""


def seat(number: int) -> str:
    """Task id of the approval seat `number`, counted from 1."""
    return f"review.approve_{number}"


def wave(component: str, number: int) -> str:
    """Task id of a component's wave."""
    return f"deploy.{component}.wave_{number}"


def manual(criterion: str) -> str:
    """Task id of a test that a person does."""
    return f"verify.manual_{criterion}"


def undo(component: str) -> str:
    """Task id of a component's backout."""
    return f"backout.{component}"


def wave_title(each: Wave) -> str:
    """Display name of a wave: which one, on how many nodes."""
    nodes = each.nodes[0] if len(each.nodes) == 1 else f"{len(each.nodes)} nodes"
    return f"{each.component} wave {each.number} of {each.of} ({nodes})"


def tags(snapshot: Snapshot) -> Iterator[str]:
    """Tags by which people filter the list of DAGs."""
    plan = snapshot.plan
    yield "deployplan"
    yield f"product:{plan.scope.release.product}"
    yield f"environment:{plan.environment}"
    yield f"reason:{plan.scope.reason}"
