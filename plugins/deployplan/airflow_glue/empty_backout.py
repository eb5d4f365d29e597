"""A release that went well passes its backout by: the last verification's own success says which tasks are skipped.

Airflow's scheduler reads a value that a task leaves under `KEY`, and skips the direct followers named there, all in
one pass and without a process. Nobody takes that value back by itself, so `take_back` does on every start of
deploy.arm and verify.smoke, and at the end of outcome: a rerun that goes badly would find its backout skipped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from deployplan.runbook import task_names
from deployplan.runbook.decide import find_trouble
from deployplan.runbook.tasks import last_verification, task_table

if TYPE_CHECKING:
    from deployplan.plan.snapshot import Snapshot
    from deployplan.runbook.run.run import Run

KEY = "skipmixin_key"
"""Airflow's key (XCOM_SKIPMIXIN_KEY), under which its scheduler looks for tasks to skip."""

Skips = dict[str, list[str]]
NONE: Skips = {"skipped": []}


def backout_tasks(snapshot: Snapshot) -> list[str]:
    """The tasks of `5 · Backout`, in running order."""
    return [row.task for row in task_table(snapshot) if row.task.startswith("backout.")]


def skips_after(run: Run, task: str, states: Mapping[str, str | None]) -> Skips | None:
    """What the success of `task` skips; None when it is not the last verification, or anything is wrong.

    `states` are those of the other tasks that must have succeeded. No decision is recorded: without one, whoever looks
    again backs out.
    """
    if task != last_verification(run.snapshot) or find_trouble(run, states) is not None:
        return None
    return {"skipped": backout_tasks(run.snapshot)}


def skips_the_rest(snapshot: Snapshot) -> Skips:
    """What the success of preflight skips where nothing is to be done; what follows is skipped by its own rule."""
    return {"skipped": [row.task for row in task_table(snapshot) if task_names.PREFLIGHT in row.after]}


def take_back(snapshot: Snapshot, run_id: str) -> None:
    """Let nothing be skipped any more. Raises what Airflow's API raises: then nothing may start."""
    from airflow.sdk.execution_time.xcom import XCom

    plan, task = snapshot.plan.name, last_verification(snapshot)
    XCom.set(key=KEY, value=NONE, dag_id=plan, task_id=task, run_id=run_id)


def doubt_about(run: Run, states: Mapping[str, str | None]) -> str | None:
    """Why a release that skipped its backout may not be called good: a task is not green now; None when all are.

    Somebody marked it in the instant in which the verification ended. Where a decision was recorded, that one holds.
    """
    bad = {task: state for task, state in states.items() if state != "success"}
    if not bad or run.read_state().since_armed.decision is not None:
        return None
    found = ", ".join(f"{task} is {state or 'not run'}" for task, state in bad.items())
    return f"{found}, and the backout was skipped: clear {task_names.SMOKE} with Downstream, so that it is armed again"
