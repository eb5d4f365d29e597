"""From plans to DAGs: the tasks of each plan, wired by the table in runbook/tasks.py."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import DAG, TaskGroup, get_parsing_context

from deployplan.airflow_glue.dags.access import access_control
from deployplan.airflow_glue.dags.dag_spec import Outline, outline_of
from deployplan.airflow_glue.dags.plans import catalogue, plan_in_the_folder, plan_of_task, source_of
from deployplan.airflow_glue.dags.schedule import creation_of, redeploy_param, window_params
from deployplan.airflow_glue.dags.timetable import ReleaseTimetable
from deployplan.airflow_glue.plan_source import PlanSource
from deployplan.airflow_glue.tasks.operators import kind_of
from deployplan.airflow_glue.tasks.retries import RETRIES, RETRIES_WITH_CARDS
from deployplan.clock import SystemClock
from deployplan.plan.snapshot_error import SnapshotDamaged
from deployplan.runbook import task_names
from deployplan.runbook.tasks import StartRule, TaskRow

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator

    from deployplan.plan.snapshot import Snapshot
    from deployplan.plan.text.problem import Problem

RETRYING = {
    "retries": RETRIES,
    "retry_delay": timedelta(seconds=5),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(seconds=60),
}
"""Retries are for lost processes and connections only: what was decided fails for good, and a retry attaches.

A task that is tried while the API server is away fails within seconds: the pauses outlast two minutes of that.
"""

URGENCY = {"review": 1, "window": 10, "deploy": 10, "verify": 10, "backout": 100, "outcome": 100}
"""Who takes the next free worker, by the first part of the task id: what may be half done in production goes first.

Airflow's own rule is the other way round: hundreds of reviews would keep a backout waiting.
"""


def build_dags() -> dict[str, DAG]:
    """One DAG for every accepted plan, by DAG id; a task process builds only its own."""
    only = get_parsing_context().dag_id
    if only is None:
        with _without_collections():
            return {name: build_outlined(each, source_of(each)) for name, each in catalogue().outlines.items()}
    try:
        snapshot = plan_of_task(only)
    except SnapshotDamaged as damaged:
        return _refusing(only, damaged)
    return {} if snapshot is None else {only: build_dag(snapshot)}


def _refusing(plan: str, damaged: SnapshotDamaged) -> dict[str, DAG]:
    """A DAG of the plan's shape whose tasks refuse, and say why, instead of one that is not found."""
    snapshot = plan_in_the_folder(plan)

    def refuse() -> Snapshot:
        raise damaged

    if snapshot is None:
        return {}
    outline = outline_of(snapshot)
    return {plan: build_outlined(outline, PlanSource(outline.name, outline.digest, refuse))}


def rejected_plans() -> tuple[Problem, ...]:
    """Every problem of every plan that cannot be used, and of every frozen plan that cannot be read."""
    with _without_collections():
        return catalogue().problems


def build_dag(snapshot: Snapshot) -> DAG:
    """The DAG of one plan whose content is at hand."""
    outline = outline_of(snapshot)
    return build_outlined(outline, PlanSource(outline.name, outline.digest, lambda: snapshot))


def build_outlined(outline: Outline, source: PlanSource) -> DAG:
    """The DAG of one plan; `source` is where its tasks get the plan's content from when they work."""
    now = SystemClock().now()
    with DAG(
        dag_id=outline.name,
        description=outline.summary,
        doc_md=outline.doc_md,
        schedule=ReleaseTimetable(creation_of(outline, now)),
        catchup=False,
        max_active_runs=1,
        max_active_tasks=16,
        max_consecutive_failed_dag_runs=0,
        disable_bundle_versioning=False,
        rerun_with_latest_version=False,
        tags=list(outline.tags),
        is_paused_upon_creation=False,
        access_control=access_control(outline.access),
        default_args={"owner": outline.author, "weight_rule": "absolute", **RETRYING},
    ) as dag:
        _add_tasks(outline, source)
    # Not before: each operator would copy them, twice, and take them along in the serialised DAG.
    dag.params.update(window_params(outline.offer.ahead(now)) | redeploy_param())
    return dag


@contextmanager
def _without_collections() -> Iterator[None]:
    """What a parse makes stays: to look through all of it for garbage, again and again, costs a fifth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _add_tasks(outline: Outline, source: PlanSource) -> None:
    groups: dict[str, TaskGroup] = {}
    tasks: dict[str, BaseOperator] = {}
    for row in outline.rows:
        task = _task(source, row, groups)
        tasks[row.task] = task
        for before in row.after:
            tasks[before] >> task
        if row.rule is StartRule.SETUP:
            task.as_setup()  # type: ignore[no-untyped-call]
        elif row.rule is StartRule.TEARDOWN_OF_ARM:
            task.as_teardown(setups=tasks[task_names.ARM])
        elif row.rule is StartRule.TEARDOWN_OF_RUN:
            task.as_teardown(on_failure_fail_dagrun=True)


def _task(source: PlanSource, row: TaskRow, groups: dict[str, TaskGroup]) -> BaseOperator:
    *path, name = row.task.split(".")
    options: dict[str, Any] = {
        "task_id": name,
        "task_display_name": row.title,
        "task_group": _group(tuple(path), groups),
        "priority_weight": URGENCY[row.task.split(".")[0]],
    }
    kind = kind_of(row.task)
    if kind.asks_again:
        options["retries"] = RETRIES_WITH_CARDS
    return kind(**options).of(source)


def _group(path: tuple[str, ...], groups: dict[str, TaskGroup]) -> TaskGroup | None:
    """The task group of a dotted task id, made when it is first needed."""
    if not path:
        return None
    key = ".".join(path)
    if key not in groups:
        parent = _group(path[:-1], groups)
        groups[key] = TaskGroup(
            group_id=path[-1], group_display_name=task_names.GROUPS.get(key, path[-1]), parent_group=parent
        )
    return groups[key]
