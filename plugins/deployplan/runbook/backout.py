"""Backout: return each node to the release it came from, exactly where the deploy had started, and prove it."""

import asyncio

from deployplan.checks.reading import Answer
from deployplan.checks.soak import hold
from deployplan.plan.infrastructure import Node
from deployplan.plan.success import Criterion
from deployplan.plan.work import Component
from deployplan.remote.errors import Fenced, LockHeld, RemoteError
from deployplan.remote.job import STEPS, JobFacts
from deployplan.remote.node_client import NodeClient
from deployplan.runbook.arm import rollback_points
from deployplan.runbook.baseline import baseline_criteria
from deployplan.runbook.bring import bring_node, unknown_there
from deployplan.runbook.concurrently import together
from deployplan.runbook.generation import Generation
from deployplan.runbook.handover import jobs_begun
from deployplan.runbook.lock_token import acts_for
from deployplan.runbook.node_ledger import note_restored
from deployplan.runbook.node_step import NodeState, Step, StepResult
from deployplan.runbook.preflight import nodes_of_plan
from deployplan.runbook.probe import read_criterion
from deployplan.runbook.run import Refused, Run, StepFailed, since
from deployplan.runbook.terminate import terminate_all


async def undo_component(run: Run, name: str, generation: Generation, attempt: str) -> None:
    """Undo the component on the nodes where its deploy had started; first make sure that the deploy is dead.

    `attempt` tells one clearing of this task from the next. Raises StepFailed naming the nodes that are not back.
    """
    component = run.snapshot.plan.components[name]
    nodes = tuple(node.name for node in run.snapshot.nodes_of(name))
    deploys, undos = (jobs_begun(run.ledger.entries(), name, step) for step in STEPS)
    nothing: frozenset[str] = frozenset()
    ended = await together(
        _undo_node(run, component, node, generation, attempt, deploys.get(node, nothing), undos.get(node, nothing))
        for node in nodes
    )
    results = dict(zip(nodes, ended, strict=True))
    bad = {
        node: result for node, result in results.items() if result.state not in {NodeState.DONE, NodeState.NOT_STARTED}
    }
    run.record(
        "undo_ended",
        component=name,
        ok=not bad,
        nodes={node: result.as_json() for node, result in results.items()},
        generation=str(generation),
    )
    if bad:
        await freeze(run, tuple(bad), generation, f"backout of {name} failed")
        raise StepFailed("; ".join(f"{node}: {result.why}" for node, result in sorted(bad.items())))
    undone = [node for node, result in results.items() if result.state is NodeState.DONE]
    run.say(f"{name}: backed out on {', '.join(undone) or 'no node: it had started nowhere'}")


async def _undo_node(
    run: Run,
    component: Component,
    node: str,
    generation: Generation,
    attempt: str,
    deploys: frozenset[str],
    undos: frozenset[str],
) -> StepResult:
    """Undo one node. `deploys` and `undos` are the jobs that the evidence says were started on it."""
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
        return StepResult(NodeState.UNKNOWN, unknown_there(node, forgotten, facts.base))
    if not _had_started(facts.jobs, run.snapshot.digest, component.name):
        return StepResult(NodeState.NOT_STARTED, "the deploy had not started here")
    if component.undo is None:
        return StepResult(NodeState.FAILED, f"irreversible: {component.irreversible}; only fixing forward remains")
    previous = rollback_points(run).get((node, component.name))
    step = Step(
        component,
        "undo",
        component.undo,
        token=generation.backout,
        generation=f"{generation.backout}/{attempt}",
        previous=previous,
        begun=undos,
    )
    result = await bring_node(run, step, node, asyncio.Event())
    if result.state is NodeState.DONE:
        result = await note_restored(run, component, node, previous, result, generation)
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


def _had_started(jobs: tuple[JobFacts, ...], digest: str, component: str) -> bool:
    """Whether a deploy script of this plan was launched here, undone since or not."""
    return any(
        job.component == component and job.step == "deploy" and digest.startswith(job.digest12) and job.launched
        for job in jobs
    )


async def freeze(run: Run, nodes: tuple[str, ...], generation: Generation, why: str) -> None:
    """Keep the nodes locked after a failed backout, for people to look at; later plans are refused there.

    A node that was never reached is still locked by the deploy: it is frozen as that.
    """

    async def one(node: str, client: NodeClient) -> None:
        holder = (await client.facts()).holder
        ours = holder if holder is not None and acts_for(generation.backout, holder) else run.holder(generation.backout)
        await client.freeze_lock(ours, why)

    answers = await run.fleet.ask_all(nodes, one)
    run.record("nodes_frozen", nodes=[node for node, error in answers.items() if error is None], why=why)
    for node, error in answers.items():
        if error is not None:
            run.say(f"{node} | could not be frozen: {error}")


def _passed_before(run: Run) -> set[tuple[str, str | None]]:
    """The readings, by criterion and node, that passed at the run's first baseline: before anything was touched."""
    first: dict[tuple[str, str | None], bool] = {}
    for entry in run.ledger.entries():
        if entry.kind == "baseline":
            node = entry.facts["node"]
            key = (str(entry.facts["criterion"]), None if node is None else str(node))
            first.setdefault(key, entry.facts["answer"] == Answer.PASS)
    return {key for key, passed in first.items() if passed}


async def verify_backout(run: Run, generation: Generation) -> None:
    """The previous release is back when every reading that passed before the deploy passes again.

    Raises StepFailed otherwise; the nodes stay locked.
    """
    before = _passed_before(run)
    wanted = [
        (criterion, node)
        for criterion, node, _ in baseline_criteria(run)
        if (criterion.name, node.name if node else None) in before
    ]

    async def one(criterion: Criterion, node: Node | None) -> str | None:
        held = await hold(
            criterion,
            node,
            for_=criterion.for_ * 0,
            clock=run.clock,
            read=lambda: read_criterion(run, criterion, node),
            on_reading=lambda reading: run.say(
                f"{reading.node or 'check'} | {criterion.name}: {reading.answer} ({reading.observed})"
            ),
        )
        where = node.name if node else "all"
        return None if held.answer is Answer.PASS else f"{criterion.name} on {where}: {held.answer}"

    bad = [problem for problem in await together(one(*each) for each in wanted) if problem]
    failed_undo = [
        entry for entry in since(run.ledger.entries(), "armed") if entry.kind == "undo_ended" and not entry.facts["ok"]
    ]
    run.record("backout_verified", ok=not bad, problems=bad, readings=len(wanted))
    if bad:
        await freeze(run, nodes_of_plan(run), generation, "the previous release is not proven back")
        raise StepFailed("; ".join(bad))
    if failed_undo:
        run.say("the readings are well, but an undo failed: see its task")
