"""Backout: return each node to the release it came from, exactly where the deploy had started."""

import asyncio
from dataclasses import replace

from deployplan.evidence.kinds.backout import UndoEnded, UndoStarted
from deployplan.plan.model.component import Component
from deployplan.remote.errors import Fenced, LockHeld, RemoteError
from deployplan.remote.job import STEPS
from deployplan.runbook.node.handover import describe_unknown_jobs
from deployplan.runbook.node.keep_locked import freeze_nodes
from deployplan.runbook.node.node_ledger import note_restored
from deployplan.runbook.node.node_step import NodeState, NodeStep, StepResult
from deployplan.runbook.node.run_step import bring_node
from deployplan.runbook.node.terminate_job import terminate_all
from deployplan.runbook.run.concurrently import run_all
from deployplan.runbook.run.generation import Generation
from deployplan.runbook.run.run import Refused, Run, StepFailed
from deployplan.runbook.service import UndoTraffic


async def undo_component(run: Run, name: str, generation: Generation, attempt: str) -> None:
    """Undo the component on the nodes where its deploy had started; first make sure that the deploy is dead.

    `attempt` tells one clearing of this task from the next. Raises StepFailed naming the nodes that are not back,
    Refused when a later generation has taken over.
    """
    component = run.snapshot.plan.components[name]
    nodes = tuple(node.name for node in run.snapshot.nodes_of(name))
    state = await run.state()
    deploys, undos = (state.jobs_begun(name, step) for step in STEPS)
    points, nothing = state.points, frozenset[str]()
    lost = state.lost_since(name, "undo", str(generation))
    await run.note(UndoStarted(component=name, nodes=nodes, generation=str(generation)))

    def step(node: str) -> NodeStep | None:
        """The undo on this node; None when the component has none."""
        if component.undo is None:
            return None
        turn = f"{generation.backout}/{attempt}"
        previous, begun = points.get((node, name)), undos.get(node, nothing)
        found = NodeStep(component, "undo", component.undo, generation.backout, turn, previous, begun)
        return replace(found, lost_at=lost.get(node))

    results: dict[str, StepResult] = {}
    traffic = UndoTraffic(run, component, generation, attempt)
    for part in traffic.turns(nodes):
        ended = await run_all(
            _undo_node(run, component, node, generation, step(node), deploys.get(node, nothing), traffic)
            for node in part
        )
        found = dict(zip(part, ended, strict=True))
        results |= found
        await traffic.put_back(found)
    results = {node: results[node] for node in nodes}
    bad = {
        node: result for node, result in results.items() if result.state not in {NodeState.DONE, NodeState.NOT_STARTED}
    }
    why = "; ".join(f"{node}: {result.why}" for node, result in sorted(bad.items()))
    ends = {node: result.end for node, result in results.items()}
    await run.note(UndoEnded(component=name, ok=not bad, nodes=ends, why=why or None, generation=str(generation)))
    if bad:
        await freeze_nodes(run, tuple(bad), generation, f"backout of {name} failed")
        raise StepFailed(why)
    undone = [node for node, result in results.items() if result.state is NodeState.DONE]
    run.say(f"{name}: backed out on {', '.join(undone) or 'no node: it had started nowhere'}")


async def _undo_node(
    run: Run,
    component: Component,
    node: str,
    generation: Generation,
    step: NodeStep | None,
    deploys: frozenset[str],
    traffic: UndoTraffic,
) -> StepResult:
    """Undo one node by `step`, when there is one. `deploys` are the jobs that the evidence says were started on it."""
    try:
        unproven = await _stop_deploy(run, node, generation)
        if unproven:
            return StepResult(NodeState.UNKNOWN, unproven)
        facts = await run.fleet.ask(node, lambda client: client.facts())
    except Fenced as error:
        raise Refused(
            f"{error}; a later generation of this run has taken over, and its own backout undoes it"
        ) from error
    except RemoteError as error:
        return StepResult(NodeState.UNKNOWN, str(error))
    if forgotten := sorted(job for job in deploys if facts.job(job) is None):
        return StepResult(NodeState.UNKNOWN, describe_unknown_jobs(node, forgotten, facts.base))
    if not any(job.has_deployed(run.snapshot.digest, component.name) for job in facts.jobs):
        return StepResult(NodeState.NOT_STARTED, "the deploy had not started here")
    if step is None:
        return StepResult(NodeState.FAILED, f"irreversible: {component.irreversible}; only fixing forward remains")
    await traffic.drain(node, step)
    result = await bring_node(run, step, node, asyncio.Event())
    if result.state is NodeState.DONE:
        result = await note_restored(run, component, node, step.previous, result, generation)
    return result


async def _stop_deploy(run: Run, node: str, generation: Generation) -> str | None:
    """Take the node from the deploy, so that none can start any more, and make sure that its jobs are dead.

    Returns why that is not proven. Raises Fenced when a later generation has the node.
    """
    holder = run.holder(generation.backout)
    try:
        await run.fleet.ask(node, lambda client: client.lock(holder, keep_frozen=True))
    except LockHeld as held:
        return f"the node is held by somebody else: {held}"
    # Only now: whatever deploy is on its way sees the lock and leaves, and what had begun before is seen by us.
    unproven = await terminate_all(run, [node], "backout begins", token=generation.backout, step="deploy")
    return unproven.get(node)
