"""What the state of a task instance means for its work on the nodes, and how it is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from asgiref.sync import sync_to_async

ENDED_BY_A_PERSON = {"failed", "success", "skipped", "upstream_failed", "removed"}
"""States in which a task's remote work must not go on. After a clear the next try attaches, so nothing is ended."""
UNDER_WAY = {"running", "deferred"}
"""States of a task whose step is carried out: in a worker, in the triggerer."""

API_WITHIN = 60.0
"""Seconds that Airflow's API may take."""


async def states_of(plan: str, run_id: str, tasks: Iterable[str]) -> dict[str, str | None]:
    """The states of these tasks of a run, asked in a worker or the triggerer; None for one that has not begun.

    Raises TimeoutError when Airflow does not answer.
    """
    from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance

    wanted = list(tasks)
    asking = sync_to_async(RuntimeTaskInstance.get_task_states)(dag_id=plan, task_ids=wanted, run_ids=[run_id])
    async with asyncio.timeout(API_WITHIN):
        found = (await asking).get(run_id) or {}
    return {task: found.get(task) for task in wanted}
