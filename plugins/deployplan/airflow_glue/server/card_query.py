"""Which of Airflow's cards are ours?"""

from __future__ import annotations

from typing import Any

OURS = ("ApprovalSeat", "ManualTest", "Decide", "DeployWave", "UndoComponent", "VerifyBackout")
"""The operators that put up cards, as Airflow names them: cards of other DAGs are left alone."""
AT_ONCE = 100
"""Cards that one look sees to; the others come next time."""


def our_cards(session: Any, *conditions: Any) -> Any:
    """Return the query of our tasks, each with its card, that meet the conditions."""
    from airflow.models.hitl import HITLDetail
    from airflow.models.taskinstance import TaskInstance

    query = session.query(TaskInstance, HITLDetail).join(HITLDetail, HITLDetail.ti_id == TaskInstance.id)
    return query.filter(TaskInstance.operator.in_(OURS), *conditions)


def named(task: Any) -> str:
    """Return whose card it is: task, plan and run."""
    return f"{task.task_id} of {task.dag_id}/{task.run_id}"
