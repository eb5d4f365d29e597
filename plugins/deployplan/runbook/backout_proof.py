"""Is the previous release back? Each node is asked again which one is there, and production is read as before."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from deployplan.evidence.kinds.backout import BackoutVerified
from deployplan.plan.model.component import Component
from deployplan.remote.errors import RemoteError, at_node
from deployplan.remote.node_facts import one_line
from deployplan.runbook.baseline import baseline_criteria
from deployplan.runbook.gate import judge_criterion
from deployplan.runbook.node.keep_locked import freeze_nodes
from deployplan.runbook.node.metric_context import has_others
from deployplan.runbook.node.rollback_point import other_release, read_current
from deployplan.runbook.preflight import nodes_of_plan
from deployplan.runbook.run.concurrently import run_all
from deployplan.runbook.run.generation import Generation
from deployplan.runbook.run.run import Run, StepFailed
from deployplan.runbook.run.state import RunState


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a node says of a component that was undone there; `problem` when it is not as it should be."""

    node: str
    component: str
    release: str | None = None
    asked: bool = False
    problem: str | None = None


async def verify_backout(run: Run, generation: Generation) -> None:
    """Proven when each node that was undone has the release it came from, and what passed before passes again.

    Which release is there is told only where the component's `current` was asked for it.
    Raises StepFailed otherwise; the nodes stay locked.
    """
    state = await run.state()
    undone = undone_in(run, state)
    seen = await run_all(_look(run, node, run.snapshot.plan.components[name], state) for node, name in undone)
    readings = await _read_again(run, state)
    problems = [each.problem for each in seen if each.problem] + [problem for problem in readings if problem]
    verified = BackoutVerified(
        ok=not problems,
        problems=tuple(problems),
        readings=len(readings),
        found=tuple(_told(seen)),
        not_asked=tuple(f"{each.component} on {each.node}" for each in seen if not each.asked),
    )
    await run.note(verified)
    for line in _told(seen):
        run.say(f"found: {line}")
    if problems:
        await freeze_nodes(run, nodes_of_plan(run), generation, "the previous release is not proven back")
        raise StepFailed("; ".join(problems))
    if any(not undo.ok for undo in state.since_armed.undone.values()):
        run.say("the readings are well, but an undo failed: see its task")


def undone_in(run: Run, state: RunState) -> list[tuple[str, str]]:
    """The nodes and components that were undone since the last arming, by the evidence."""
    return [
        (node, name)
        for name, undo in state.since_armed.undone.items()
        for node, end in undo.nodes.items()
        if end.is_done and name in run.snapshot.plan.components
    ]


async def _look(run: Run, node: str, component: Component, state: RunState) -> _Seen:
    name = component.name
    if component.current is None:
        return _Seen(node, name)
    try:
        found, why_not = await run.fleet.ask(node, lambda client: read_current(component, client))
    except RemoteError as error:
        return _Seen(node, name, problem=at_node(node, str(error)))
    if why_not is not None:
        return _Seen(node, name, problem=one_line(f"{node}: {why_not}"))
    wanted = state.points.get((node, name))
    run.say(f"{node} | {name} is {found or 'not there'}")
    return _Seen(node, name, found, asked=True, problem=other_release(node, component, found, wanted))


def _told(seen: Iterable[_Seen]) -> list[str]:
    """What was found, one sentence a component and release."""
    places: dict[tuple[str, str | None], list[str]] = {}
    for each in seen:
        if each.asked:
            places.setdefault((each.component, each.release), []).append(each.node)
    return [
        one_line(f"{component} is {'not there' if release is None else repr(release)} on {', '.join(nodes)}")
        for (component, release), nodes in places.items()
    ]


async def _read_again(run: Run, state: RunState) -> list[str | None]:
    """Read what passed before the deploy: why it does not pass now, None where it does.

    What compares with nodes that no wave has touched is not read where all were: it could only be unknown.
    """
    wanted = [
        (criterion, node)
        for criterion, node, _ in baseline_criteria(run)
        if not criterion.shadow
        and has_others(run, criterion, state)
        and state.readings_before.get((criterion.name, node.name if node else None))
    ]
    found = await run_all(judge_criterion(run, criterion, node, timedelta()) for criterion, node in wanted)
    return [held.why_not for held in found]
