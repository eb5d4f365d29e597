"""Is the previous release back? Each node is asked again which one is there, and production is read as before."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from deployplan.checks.reading import Answer
from deployplan.checks.soak import hold_over_time
from deployplan.evidence.entry import Entry
from deployplan.plan.model.component import Component
from deployplan.plan.model.criterion import MachineCriterion
from deployplan.plan.model.infrastructure import Node
from deployplan.remote.errors import RemoteError, at_node
from deployplan.remote.node_facts import one_line
from deployplan.runbook.baseline import baseline_criteria
from deployplan.runbook.node.keep_locked import freeze_nodes
from deployplan.runbook.node.read_criterion import read_criterion
from deployplan.runbook.node.rollback_point import read_current, rollback_points
from deployplan.runbook.preflight import nodes_of_plan
from deployplan.runbook.run.concurrently import run_all
from deployplan.runbook.run.facts import by_node, text_in
from deployplan.runbook.run.generation import Generation
from deployplan.runbook.run.run import Run, StepFailed, since


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
    undone = await asyncio.to_thread(undone_in, run)
    seen = await run_all(_look(run, node, run.snapshot.plan.components[name]) for node, name in undone)
    readings = await _read_again(run)
    problems = [each.problem for each in seen if each.problem] + [problem for problem in readings if problem]
    await run.note(
        "backout_verified",
        ok=not problems,
        problems=problems,
        readings=len(readings),
        found=_told(seen),
        not_asked=[f"{each.component} on {each.node}" for each in seen if not each.asked],
    )
    for line in _told(seen):
        run.say(f"found: {line}")
    if problems:
        await freeze_nodes(run, nodes_of_plan(run), generation, "the previous release is not proven back")
        raise StepFailed("; ".join(problems))
    if any(not entry.facts["ok"] for entry in await asyncio.to_thread(_undo_ends, run)):
        run.say("the readings are well, but an undo failed: see its task")


def undone_in(run: Run) -> list[tuple[str, str]]:
    """The nodes and components that were undone since the last arming, by the evidence."""
    last = {text_in(entry, "component"): entry for entry in _undo_ends(run)}
    return [
        (node, name)
        for name, entry in last.items()
        for node, result in by_node(entry).items()
        if result["state"] == "done" and name in run.snapshot.plan.components
    ]


def _undo_ends(run: Run) -> list[Entry]:
    return [entry for entry in since(run.ledger.entries(), "armed") if entry.kind == "undo_ended"]


async def _look(run: Run, node: str, component: Component) -> _Seen:
    name = component.name
    if component.current is None:
        return _Seen(node, name)
    try:
        found, why_not = await run.fleet.ask(node, lambda client: read_current(component, client))
    except RemoteError as error:
        return _Seen(node, name, problem=at_node(node, str(error)))
    if why_not is not None:
        return _Seen(node, name, problem=one_line(f"{node}: {why_not}"))
    wanted = rollback_points(await run.entries()).get((node, name))
    run.say(f"{node} | {name} is {found or 'not there'}")
    if wanted is not None and found != wanted:
        problem = one_line(f"{node}: {name} is {found!r} there; it came from {wanted!r}")
        return _Seen(node, name, found, asked=True, problem=problem)
    return _Seen(node, name, found, asked=True)


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


async def _read_again(run: Run) -> list[str | None]:
    """Read what passed before the deploy: why it does not pass now, None where it does."""
    before = await asyncio.to_thread(_passed_before, run)
    wanted = [
        (criterion, node)
        for criterion, node, _ in baseline_criteria(run)
        if (criterion.name, node.name if node else None) in before
    ]
    return await run_all(_hold(run, criterion, node) for criterion, node in wanted)


async def _hold(run: Run, criterion: MachineCriterion, node: Node | None) -> str | None:
    held = await hold_over_time(
        criterion,
        node,
        for_=criterion.for_ * 0,
        clock=run.clock,
        read=lambda: read_criterion(run, criterion, node),
        on_reading=lambda reading: run.say(
            f"{reading.node or 'check'} | {criterion.name}: {reading.answer} ({reading.observed})"
        ),
    )
    await run.note(
        "reading",
        criterion=criterion.name,
        node=node.name if node else None,
        answer=str(held.answer),
        readings=len(held.readings),
        observed=held.readings[-1].observed if held.readings else "no reading",
        why=held.why,
        held_for=0.0,
    )
    where = node.name if node else "all"
    return None if held.answer is Answer.PASS else f"{criterion.name} on {where}: {held.answer} ({held.why})"


def _passed_before(run: Run) -> set[tuple[str, str | None]]:
    """The readings, by criterion and node, that passed at the run's first baseline: before anything was touched."""
    first: dict[tuple[str, str | None], bool] = {}
    for entry in run.ledger.entries():
        if entry.kind == "baseline":
            node = entry.facts["node"]
            key = (str(entry.facts["criterion"]), None if node is None else str(node))
            first.setdefault(key, entry.facts["answer"] == Answer.PASS)
    return {key for key, passed in first.items() if passed}
