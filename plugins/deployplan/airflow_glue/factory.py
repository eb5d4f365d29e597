"""From plans to DAGs: which plans there are, and the tasks of each, wired by the table in wiring.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import DAG, TaskGroup, get_parsing_context

from deployplan.airflow_glue import naming
from deployplan.airflow_glue.backout_tasks import Conclude, UndoComponent, VerifyBackout
from deployplan.airflow_glue.cards import ApprovalSeat, Decide, ManualTest
from deployplan.airflow_glue.deploy_tasks import Arm, DeployWave, VerifySmoke
from deployplan.airflow_glue.review_tasks import Preflight, ReviewControls
from deployplan.airflow_glue.settings import settings
from deployplan.airflow_glue.timetable import ReleaseTimetable
from deployplan.airflow_glue.window_task import WaitForWindow
from deployplan.airflow_glue.wiring import Row, Rule, rows
from deployplan.evidence.error import RecordError
from deployplan.plan.load import load, load_all
from deployplan.plan.problem import PlanRejected, Problem
from deployplan.plan.readable import essentials
from deployplan.plan.snapshot import Snapshot

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator

RETRIES = 3
RETRY_DELAY = timedelta(seconds=5)
"""Retries are for lost processes and connections only: what was decided fails for good, and a retry attaches."""


def build_dags() -> dict[str, DAG]:
    """One DAG for every accepted plan, by DAG id.

    A plan with a run under way is built from the snapshot that the run froze, whatever became of its file. A task
    process builds only its own DAG.
    """
    only = get_parsing_context().dag_id
    snapshots = _all_plans() if only is None else _one_plan(only)
    return {name: build_dag(snapshot) for name, snapshot in snapshots.items()}


def rejected() -> tuple[Problem, ...]:
    """Every problem of every plan that cannot be used, and of every frozen plan that cannot be read."""
    documents = settings().documents()
    _, unreadable = _frozen_plans()
    frozen = [Problem(str(documents.plan_path(name)), 1, 1, "frozen-plan", why) for name, why in unreadable.items()]
    return (*load_all(documents).problems, *frozen)


def build_dag(snapshot: Snapshot) -> DAG:
    """The DAG of one plan."""
    plan = snapshot.plan
    with DAG(
        dag_id=plan.name,
        description=plan.scope.summary,
        doc_md=essentials(snapshot),
        schedule=ReleaseTimetable(),
        catchup=False,
        max_active_runs=1,
        tags=list(naming.tags(snapshot)),
        is_paused_upon_creation=False,
        default_args={"owner": "deployplan", "retries": RETRIES, "retry_delay": RETRY_DELAY},
    ) as dag:
        _add_tasks(snapshot)
    return dag


def _all_plans() -> dict[str, Snapshot]:
    found = dict(load_all(settings().documents()).snapshots)
    frozen, _ = _frozen_plans()
    return found | frozen


def _frozen_plans() -> tuple[dict[str, Snapshot], dict[str, str]]:
    """The plans with a run under way as their runs froze them, and why those that cannot be read cannot.

    Such a plan is built from its file, whose tasks then refuse; it must not take the other plans' DAGs away.
    """
    records = settings().record_store()
    found: dict[str, Snapshot] = {}
    unreadable: dict[str, str] = {}
    for name, (run_id, digest) in records.active_plans().items():
        try:
            found[name] = Snapshot.from_json(records.snapshot(name, digest))
        except (ValueError, RecordError) as error:
            unreadable[name] = f"run {run_id} froze a plan that cannot be read: {error}"
    return found, unreadable


def _one_plan(name: str) -> dict[str, Snapshot]:
    records = settings().record_store()
    active = records.active(name)
    if active is not None:
        return {name: Snapshot.from_json(records.snapshot(name, active[1]))}
    documents = settings().documents()
    try:
        return {name: load(documents.plan_path(name), documents)}
    except PlanRejected:
        return {}


def _add_tasks(snapshot: Snapshot) -> None:
    groups: dict[str, TaskGroup] = {}
    tasks: dict[str, BaseOperator] = {}
    for row in rows(snapshot):
        task = _task(snapshot, row, groups)
        tasks[row.task] = task
        for before in row.after:
            tasks[before] >> task
        if row.rule is Rule.SETUP:
            task.as_setup()  # type: ignore[no-untyped-call]
        elif row.rule is Rule.TEARDOWN_OF_ARM:
            task.as_teardown(setups=tasks[naming.ARM])
        elif row.rule is Rule.TEARDOWN_OF_RUN:
            task.as_teardown(on_failure_fail_dagrun=True)


def _task(snapshot: Snapshot, row: Row, groups: dict[str, TaskGroup]) -> BaseOperator:
    make = _MAKERS.get(row.task) or _MAKERS[row.task.split(".")[0] + "." + _kind(row)]
    *path, name = row.task.split(".")
    options: dict[str, Any] = {"task_id": name, "snapshot": snapshot, "task_group": _group(tuple(path), groups)}
    return make(row, options)


def _kind(row: Row) -> str:
    return {"review": "seat", "deploy": "wave", "verify": "manual", "backout": "undo"}[row.task.split(".")[0]]


def _group(path: tuple[str, ...], groups: dict[str, TaskGroup]) -> TaskGroup | None:
    """The task group of a dotted task id, made when it is first needed."""
    if not path:
        return None
    key = ".".join(path)
    if key not in groups:
        parent = _group(path[:-1], groups)
        groups[key] = TaskGroup(
            group_id=path[-1], group_display_name=naming.GROUPS.get(key, path[-1]), parent_group=parent
        )
    return groups[key]


def _wave(row: Row, options: dict[str, Any]) -> BaseOperator:
    assert row.subject is not None
    return DeployWave(wave=row.subject, task_display_name=naming.wave_title(row.subject), **options)


_MAKERS: Mapping[str, Callable[[Row, dict[str, Any]], BaseOperator]] = {
    naming.CONTROLS: lambda row, options: ReviewControls(task_display_name="controls", **options),
    naming.PREFLIGHT: lambda row, options: Preflight(task_display_name="preflight", **options),
    "review.seat": lambda row, options: ApprovalSeat(
        seat=row.subject, task_display_name=f"approval seat {row.subject}", **options
    ),
    naming.WINDOW: lambda row, options: WaitForWindow(task_display_name="2 · Window", **options),
    naming.ARM: lambda row, options: Arm(task_display_name="arm", **options),
    "deploy.wave": _wave,
    naming.SMOKE: lambda row, options: VerifySmoke(task_display_name="machine criteria", **options),
    "verify.manual": lambda row, options: ManualTest(
        criterion=row.subject, task_display_name=f"manual: {row.subject}", **options
    ),
    naming.DECIDE: lambda row, options: Decide(task_display_name="decide", **options),
    "backout.undo": lambda row, options: UndoComponent(
        component=row.subject, task_display_name=f"undo {row.subject}", **options
    ),
    naming.BACKOUT_VERIFY: lambda row, options: VerifyBackout(task_display_name="verify the backout", **options),
    naming.OUTCOME: lambda row, options: Conclude(task_display_name="6 · Outcome", **options),
}
"""How the task of a row is made: by its id, or by its group and kind."""
