"""What may people choose about a wave that has stopped, who may choose what, and until when?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from deployplan.plan.model.plan import Plan
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.failure.question_clock import NO_CLOCK, QuestionClock, question_clock, waiting_time
from deployplan.runbook.node.node_step import NodeState
from deployplan.runbook.run.held import is_held
from deployplan.runbook.run.run import Run
from deployplan.runbook.run.state import RunState
from deployplan.runbook.run.traces import StoppedWave

WITH_ITS_COMPONENT = "terminated with its component"
"""Why a script ended that was well until another node's failure stopped the component."""


class Option(StrEnum):
    """What people read on the card."""

    TRY_AGAIN = "Try again"
    LEAVE_OUT = "Leave them out and go on"
    BACK_OUT = "Back out"
    ACCEPT = "Accept with issues"
    WAIT = "Wait"


FOR_ENGINEERS = {Option.TRY_AGAIN, Option.WAIT}
"""What those who carry the release out may choose; the backout authority may choose everything."""


@dataclass(frozen=True, slots=True)
class FailureQuestion:
    """What is asked about a wave that has stopped.

    `failed` are the nodes that did, `again` those on which its script would run once more: also those that were stopped
    with them. `leave` are those that it may go on without.
    """

    open: StoppedWave
    clock: QuestionClock
    waits_until: datetime | None
    failed: tuple[str, ...]
    again: tuple[str, ...]
    leave: tuple[str, ...]

    @property
    def options(self) -> tuple[Option, ...]:
        """What may be chosen now, in the order in which it is offered."""
        found = [Option.TRY_AGAIN]
        if self.leave:
            found.append(Option.LEAVE_OUT)
        found.append(Option.BACK_OUT)
        if self.waits_until is not None:
            found.append(Option.WAIT)
        return tuple(found)


def question_of(run: Run, state: RunState) -> FailureQuestion | None:
    """Return what is asked now; None when no wave has stopped, or it is decided that it is backed out."""
    found = state.since_armed.question
    if found is None or found.ends is not None:
        return None
    asked, now = found.stop.at, run.clock.now()
    waits = None if found.waits is None else found.waits.event.until
    until = None if waits is None else datetime.fromisoformat(waits)
    clock, waiting = NO_CLOCK, None
    if not is_held(found.stop.event):
        clock = question_clock(run.snapshot, asked=asked, waits_until=until, now=now)
        waiting = waiting_time(run.snapshot, clock, asked=asked, now=now)
    again = _nodes_again(found, state)
    failed = tuple(node for node in again if found.stop.event.nodes[node].why != WITH_ITS_COMPONENT)
    return FailureQuestion(
        found, clock, waiting, failed, again, _may_be_left_out(run.snapshot, state, found, frozenset(failed))
    )


def who_may(plan: Plan, options: tuple[Option, ...]) -> Mapping[str, tuple[str, ...]]:
    """By option, the people who may choose it."""
    authority = plan.backout_authority()
    everybody = tuple(dict.fromkeys([*authority, *plan.engineers()]))
    return {str(option): everybody if option in FOR_ENGINEERS else authority for option in options}


def _nodes_again(question: StoppedWave, state: RunState) -> tuple[str, ...]:
    """The nodes whose step is to end well yet; those that people left out have no other try."""
    fine, left_out = {str(NodeState.DONE), str(NodeState.NOT_STARTED)}, state.since_armed.left_out
    ends = question.stop.event.nodes.items()
    return tuple(node for node, end in ends if end.state not in fine and node not in left_out)


def _may_be_left_out(
    snapshot: Snapshot, state: RunState, question: StoppedWave, failed: frozenset[str]
) -> tuple[str, ...]:
    """The `failed` nodes, when the controls allow so many, and the component comes to some node all the same.

    A criterion that does not hold leaves nobody out: its node has the new release.
    """
    component, _ = question.wave
    before = {node for node, each in state.since_armed.left_out.items() if each.component == component}
    nodes = {node.name for node in snapshot.nodes_of(component)}
    most = snapshot.controls.components.max_failures
    earlier = {node for (key, _), ended in state.tries.items() if key[0] == component for node in ended.excluded}
    gone = failed | before | earlier
    if question.stop.event.criteria or not failed or gone >= nodes or (most is not None and len(gone) > most):
        return ()
    return tuple(sorted(failed))
