"""What is done when a component of Airflow starts: it forks soon, and shall share its memory with what it forks."""

from __future__ import annotations

import gc
import pkgutil
from importlib import import_module
from typing import Any, Final

from airflow.listeners import hookimpl

from deployplan.airflow_glue import tasks


@hookimpl
def on_starting(component: Any) -> None:
    """Load what every task needs, once; then keep the garbage collector away from all that is loaded.

    Each task is a process of its own: forked from one that has loaded its modules, it need not load them (0.5 s of a
    core, most of it the SSH library), and shares their memory. A sweep would write to all of it, and a page that one
    of two processes writes to is there twice from then on. Airflow does the same for the workers of its LocalExecutor,
    and not for the triggerer: there 45 MB of 300 waiting runs' memory were such pages.
    """
    for name in what_tasks_need():
        import_module(name)
    gc.collect()
    gc.freeze()


IMPORTED_AT_WORK: Final = (
    "airflow.models.connection",
    "airflow.sdk.execution_time.hitl",
    "deployplan.evidence.record",
    "deployplan.plan.difference",
    "deployplan.plan.load.loading",
    "deployplan.plan.load.roster_file",
    "deployplan.remote.ssh.transport",
)
"""What tasks import in their functions, as who parses DAGs shall not load it."""


def what_tasks_need() -> tuple[str, ...]:
    """The modules whose import a task would begin with, or come to."""
    ours = (f"{tasks.__name__}.{each.name}" for each in pkgutil.iter_modules(tasks.__path__))
    return (
        "airflow.sdk.execution_time.task_runner",
        "deployplan.airflow_glue.dags.factory",
        *ours,
        *IMPORTED_AT_WORK,
    )
