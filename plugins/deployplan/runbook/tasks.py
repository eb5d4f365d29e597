"""Who follows whom, under which trigger rule: the whole graph of a plan as one table, and nothing else.

    task                          after                       rule
    review.controls               -                           all_success
    review.preflight              review.controls             all_success
    review.approve_1 … _N         the task above              all_success
    review.baseline               the last seat               all_success
    window                        review.baseline             all_success
    deploy.arm                    window                      all_success, setup
    deploy.COMPONENT.wave_N       the task above              all_success
    verify.smoke                  the last wave               all_success
    verify.manual_CRITERION …     the task above              all_success
    backout.decide                the last verify             teardown of deploy.arm
    backout.COMPONENT …           above (reversed), last verify teardown of deploy.arm
    backout.verify                last backout, last verify   teardown of deploy.arm
    outcome                       last verify, backout.verify teardown without a setup: always runs

Why setup and teardown: it is the only wiring in which a person who marks the *run* failed still gets a backout and a
red run, and in which a rejected review starts no backout (docs/concepts/run-graph.md). `outcome` follows the last
verify too, or that task would count as the run's leaf and an accepted release would stay red. So does each task of the
backout: a release that went well skips them all at once, and Airflow skips direct followers only (empty_backout.py).
Where this very plan is on all nodes already, preflight's own success skips the first seat (empty_backout.py), and the
rules above skip all that follows: a setup that was skipped skips its teardowns. `outcome` alone runs, and is green.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from deployplan.runbook import task_names

if TYPE_CHECKING:
    from deployplan.plan.snapshot import Snapshot


class StartRule(StrEnum):
    """When a task may start. A teardown's rule is set by Airflow: all_done_setup_success."""

    ALL_SUCCESS = "all_success"
    SETUP = "setup"
    TEARDOWN_OF_ARM = "teardown of deploy.arm"
    TEARDOWN_OF_RUN = "teardown of the run"


class TaskRow(NamedTuple):
    """One task of the graph: its id, those before it, when it may start, and the name that people read.

    `subject` is what it is about: the seat's number, (component, number) of the wave, the criterion or the component.
    """

    task: str
    after: tuple[str, ...]
    rule: StartRule
    title: str
    subject: Any = None


def task_table(snapshot: Snapshot) -> tuple[TaskRow, ...]:
    """The table for one plan, in running order."""
    return tuple(_rows(snapshot))


def subject_of(snapshot: Snapshot, task: str) -> Any:
    """What the task with this id is about. Raises KeyError when the plan has no such task."""
    return {row.task: row.subject for row in task_table(snapshot)}[task]


def must_succeed(snapshot: Snapshot) -> tuple[str, ...]:
    """The tasks that must have succeeded in a release that went well: those of deploy and verification."""
    return tuple(row.task for row in task_table(snapshot) if row.task.startswith(("deploy.", "verify.")))


def last_verification(snapshot: Snapshot) -> str:
    """The task that ends the verification of a release that went well: what backout.decide comes after."""
    return next(row.after[0] for row in task_table(snapshot) if row.task == task_names.DECIDE)


def _rows(snapshot: Snapshot) -> Iterator[TaskRow]:

    plan = snapshot.plan
    order = snapshot.waves

    yield TaskRow(task_names.CONTROLS, (), StartRule.ALL_SUCCESS, "controls")
    yield TaskRow(task_names.PREFLIGHT, (task_names.CONTROLS,), StartRule.ALL_SUCCESS, "preflight")
    last = task_names.PREFLIGHT
    for number in range(1, plan.approval.quorum + 1):
        yield TaskRow(task_names.seat(number), (last,), StartRule.ALL_SUCCESS, f"approval seat {number}", number)
        last = task_names.seat(number)
    yield TaskRow(task_names.BASELINE, (last,), StartRule.ALL_SUCCESS, "baseline")
    yield TaskRow(task_names.WINDOW, (task_names.BASELINE,), StartRule.ALL_SUCCESS, "2 · Window")
    yield TaskRow(task_names.ARM, (task_names.WINDOW,), StartRule.SETUP, "arm")
    last = task_names.ARM
    for each in order:
        subject = (each.component, each.number)
        yield TaskRow(task_names.wave(*subject), (last,), StartRule.ALL_SUCCESS, task_names.wave_title(each), subject)
        last = task_names.wave(*subject)
    yield TaskRow(task_names.SMOKE, (last,), StartRule.ALL_SUCCESS, "machine criteria")
    last_verify = task_names.SMOKE
    for name in plan.manual_criteria():
        yield TaskRow(task_names.manual(name), (last_verify,), StartRule.ALL_SUCCESS, f"manual: {name}", name)
        last_verify = task_names.manual(name)

    yield TaskRow(task_names.DECIDE, (last_verify,), StartRule.TEARDOWN_OF_ARM, "decide")
    last = task_names.DECIDE
    for component in reversed(dict.fromkeys(each.component for each in order)):
        yield TaskRow(
            task_names.undo(component), (last, last_verify), StartRule.TEARDOWN_OF_ARM, f"undo {component}", component
        )
        last = task_names.undo(component)
    yield TaskRow(task_names.BACKOUT_VERIFY, (last, last_verify), StartRule.TEARDOWN_OF_ARM, "verify the backout")
    yield TaskRow(
        task_names.OUTCOME, (last_verify, task_names.BACKOUT_VERIFY), StartRule.TEARDOWN_OF_RUN, "6 · Outcome"
    )
