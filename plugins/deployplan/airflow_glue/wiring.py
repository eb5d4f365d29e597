"""Who follows whom, under which trigger rule: the whole graph of a plan as one table, and nothing else.

    task                          after                       rule
    review.controls               -                           all_success
    review.preflight              review.controls             all_success
    review.approve_1 … _N         the task above              all_success
    window                        the last seat               all_success
    deploy.arm                    window                      all_success, setup
    deploy.COMPONENT.wave_N       the task above              all_success
    verify.smoke                  the last wave               all_success
    verify.manual_CRITERION …     the task above              all_success
    backout.decide                the last verify             teardown of deploy.arm
    backout.COMPONENT …           the task above, reversed    teardown of deploy.arm
    backout.verify                the last backout            teardown of deploy.arm
    outcome                       last verify, backout.verify teardown without a setup: always runs

Why setup and teardown: it is the only wiring in which a person who marks the *run* failed still gets a backout and a
red run, and in which a rejected review starts no backout (docs/concepts/run-graph.md). `outcome` follows the last
verify too, or that task would count as the run's leaf and an accepted release would stay red.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from deployplan.airflow_glue import naming
from deployplan.plan.order import waves
from deployplan.plan.snapshot import Snapshot


class Rule(StrEnum):
    """When a task may start. A teardown's rule is set by Airflow: all_done_setup_success."""

    ALL_SUCCESS = "all_success"
    SETUP = "setup"
    TEARDOWN_OF_ARM = "teardown of deploy.arm"
    TEARDOWN_OF_RUN = "teardown of the run"


@dataclass(frozen=True)
class Row:
    """One task of the graph. `subject` is the seat number, wave, criterion or component that it is about."""

    task: str
    after: tuple[str, ...]
    rule: Rule = Rule.ALL_SUCCESS
    subject: Any = None


def rows(snapshot: Snapshot) -> tuple[Row, ...]:
    """The table for one plan, in running order."""
    return tuple(_rows(snapshot))


def _rows(snapshot: Snapshot) -> Iterator[Row]:
    plan = snapshot.plan
    order = waves(snapshot)

    yield Row(naming.CONTROLS, ())
    yield Row(naming.PREFLIGHT, (naming.CONTROLS,))
    last = naming.PREFLIGHT
    for number in range(1, plan.approval.quorum + 1):
        yield Row(naming.seat(number), (last,), subject=number)
        last = naming.seat(number)
    yield Row(naming.WINDOW, (last,))
    yield Row(naming.ARM, (naming.WINDOW,), Rule.SETUP)
    last = naming.ARM
    for each in order:
        yield Row(naming.wave(each.component, each.number), (last,), subject=each)
        last = naming.wave(each.component, each.number)
    yield Row(naming.SMOKE, (last,))
    last_verify = naming.SMOKE
    for name, criterion in plan.success.items():
        if not criterion.is_machine:
            yield Row(naming.manual(name), (last_verify,), subject=name)
            last_verify = naming.manual(name)

    yield Row(naming.DECIDE, (last_verify,), Rule.TEARDOWN_OF_ARM)
    last = naming.DECIDE
    for component in reversed(dict.fromkeys(each.component for each in order)):
        yield Row(naming.undo(component), (last,), Rule.TEARDOWN_OF_ARM, subject=component)
        last = naming.undo(component)
    yield Row(naming.BACKOUT_VERIFY, (last,), Rule.TEARDOWN_OF_ARM)
    yield Row(naming.OUTCOME, (last_verify, naming.BACKOUT_VERIFY), Rule.TEARDOWN_OF_RUN)
