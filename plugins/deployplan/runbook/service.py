"""Which nodes are in service: never fewer than the controls ask for; who is at a known release is put back."""

import asyncio
from collections.abc import Iterable, Mapping

from deployplan.evidence.kinds.traffic import DrainBegun, DrainPassedOver, NodeLeftOut, PutBackFailed
from deployplan.plan.model.component import Component
from deployplan.plan.service import service_of
from deployplan.plan.waves import Wave
from deployplan.remote.errors import RemoteError, beside_name
from deployplan.remote.job import Done, next_step
from deployplan.remote.node_facts import NodeFacts
from deployplan.runbook.node.node_ledger import is_noted
from deployplan.runbook.node.node_step import NodeState, NodeStep, StepResult
from deployplan.runbook.node.rollback_point import not_restored
from deployplan.runbook.node.traffic import (
    drain_node,
    hold_traffic,
    is_being_put_back,
    is_brought,
    out_of_service,
    put_back,
)
from deployplan.runbook.run.concurrently import run_all
from deployplan.runbook.run.generation import Generation
from deployplan.runbook.run.lock_token import LockToken
from deployplan.runbook.run.run import LockLost, Run
from deployplan.runbook.run.state import RunState


async def too_few_in_service(run: Run, steps: Mapping[str, NodeStep]) -> str | None:
    """Say that a wave, by its deploys, would leave too few nodes in service; None when it leaves enough."""
    component = next((step.component for step in steps.values()), None)
    if component is None or component.traffic is None or service_of(run.snapshot, component.name).least is None:
        return None
    return await _too_few(run, component, await _to_be_drained(run, steps))


async def _too_few(run: Run, component: Component, nodes: tuple[str, ...]) -> str | None:
    """Say that too few nodes of the component would stay in service with these out; None when enough would.

    Nodes that any plan has left out count, and so do those of which nobody can tell.
    """
    service = service_of(run.snapshot, component.name)
    if component.traffic is None or service.least is None or not nodes:
        return None
    names = tuple(node.name for node in run.snapshot.nodes_of(component.name))
    known = (await run.state()).out.keys() & set(names)
    others = sorted({*await out_of_service(run, component, names), *known} - set(nodes))
    out = len(others) + len(nodes)
    if out <= service.may_be_out:
        return None
    besides = f" ({', '.join(others)} already)" if others else ""
    return (
        f"{out} of {service.count} nodes of {component.name} would be out of service{besides}; "
        f"{service.may_be_out} may be: the controls ask for {run.snapshot.controls.min_in_service} in service"
    )


async def _to_be_drained(run: Run, steps: Mapping[str, NodeStep]) -> tuple[str, ...]:
    """The nodes on which a deploy would be begun, or goes on: all but those where it is done."""

    async def wanted(node: str, step: NodeStep) -> bool:
        try:
            return not await is_brought(run, step, node)
        except RemoteError:
            return True

    found = await run_all(wanted(node, step) for node, step in steps.items())
    return tuple(node for node, is_wanted in zip(steps, found, strict=True) if is_wanted)


async def drain_first(
    run: Run, step: NodeStep, node: str, stop: asyncio.Event, no_more: asyncio.Event
) -> StepResult | None:
    """Take a node out of service before its deploy; None when the deploy may begin, or is done already.

    Raises LockLost when another controller has taken over.
    """
    if step.component.traffic is None:
        return None
    known = (await run.state()).out.get(node)
    if known is not None and known.sure and step.begun:
        return None  # it was out when its deploy began, and nobody puts it back before that has ended
    try:
        if await is_brought(run, step, node):
            return None
    except RemoteError as error:
        state = NodeState.UNKNOWN if step.begun else NodeState.FAILED
        return StepResult(state, f"unreachable: {beside_name(node, error)}")
    return await drain_node(
        run, step.component, node, token=step.token, generation=step.generation, stop=stop, no_more=no_more
    )


async def put_wave_back(run: Run, wave: Wave, nodes: Iterable[str], generation: Generation, turn: str) -> str | None:
    """Put the nodes of a wave back whose criteria hold; say which could not be, None when all are in service.

    Raises LockLost when another controller has taken over.
    """
    component = run.snapshot.plan.components[wave.component]
    found = await run_all(put_back(run, component, node, token=generation.deploy, generation=turn) for node in nodes)
    return "; ".join(why for why in found if why) or None


class UndoTraffic:
    """The traffic of a component that is undone: `turns` of nodes, each taken out before its undo, and put back after.

    A backout goes on where that cannot be, and says so. Every call may raise LockLost when a later turn of the run has
    taken over.
    """

    def __init__(self, run: Run, component: Component, generation: Generation, attempt: str) -> None:
        self._run, self._component, self._generation, self._attempt = run, component, generation, attempt
        self._on = None if component.traffic is None else component.traffic.on
        self._counting = asyncio.Lock()

    def turns(self, nodes: tuple[str, ...]) -> list[tuple[str, ...]]:
        """The nodes that are undone at once: all of them, or those of a wave, the last wave first."""
        if self._component.traffic is None:
            return [nodes]
        return [wave.nodes for wave in reversed(self._run.snapshot.waves) if wave.component == self._component.name]

    async def drain(self, node: str, step: NodeStep) -> None:
        """Take a node out of service before it is undone."""
        run, component = self._run, self._component
        if component.traffic is None:
            return
        try:
            if await is_brought(run, step, node):  # undone already: another process was here
                return
            await hold_traffic(run, component, (node,), step.token)
            async with self._counting:
                why = await self._count_out(node)
        except RemoteError as error:
            why = str(error)
        if why is None:
            never = asyncio.Event()
            ended = await drain_node(
                run, component, node, token=step.token, generation=step.generation, stop=never, no_more=never
            )
            why = None if ended is None else ended.why
        if why is not None:
            await run.note(DrainPassedOver(node=node, component=component.name, why=why))
            run.say(f"{node} | undone while it may be in service: {why}")

    async def _count_out(self, node: str) -> str | None:
        """Have the node counted as out from here on, or say why it may not be."""
        run, component = self._run, self._component
        if node in (await run.state()).out:
            return None
        if service_of(run.snapshot, component.name).least is not None:
            why = await _too_few(run, component, (node,))
            if why is not None:
                return why
        await run.note(DrainBegun(node=node, component=component.name, on=self._on))
        return None

    async def put_back(self, results: Mapping[str, StepResult]) -> None:
        """Put the nodes back into service that are at the release which they came from."""
        if self._component.traffic is not None:
            await run_all(self._put_back(node) for node, result in results.items() if _is_restored(result))

    async def _put_back(self, node: str) -> None:
        run, component = self._run, self._component
        state = await run.state()
        if node in state.out and await _not_known(run, state, component, node, accepted=False) is None:
            await bring_back(run, component, node, self._generation, self._attempt)


def _is_restored(result: StepResult) -> bool:
    return result.state in {NodeState.DONE, NodeState.NOT_STARTED}


async def settle_traffic(run: Run, generation: Generation, attempt: str, *, accepted: bool) -> None:
    """Put every node back that stands at a known release, and name those that stay out; `accepted`: as they are.

    `attempt` tells one clear of the task from the next. The run is over: nothing of it runs on the nodes.
    """
    state = await run.state()
    await run_all(_settle(run, state, node, generation, attempt, accepted=accepted) for node in sorted(state.out))


async def _settle(
    run: Run, state: RunState, node: str, generation: Generation, attempt: str, *, accepted: bool
) -> None:
    component = run.snapshot.plan.components.get(state.out[node].component)
    if component is None or component.traffic is None:
        await run.note(NodeLeftOut(node=node, component=state.out[node].component, why="the plan no longer has it"))
        return
    why = await _taken_by_another(run, node)
    if why is None and not await is_being_put_back(run, component, node):
        why = await _not_known(run, state, component, node, accepted=accepted)
    if why is not None:
        await run.note(NodeLeftOut(node=node, component=component.name, why=why))
        run.say(f"{node} | stays out of service: {why}")
        return
    await bring_back(run, component, node, generation, attempt)


async def bring_back(run: Run, component: Component, node: str, generation: Generation, attempt: str) -> str | None:
    """Put a node back in the name of the run's backout; say why it could not be, None when it is in service."""
    token = generation.backout
    try:
        await hold_traffic(run, component, (node,), token)
        return await put_back(run, component, node, token=token, generation=f"{token}/{attempt}")
    except (RemoteError, LockLost) as error:
        on = None if component.traffic is None else component.traffic.on
        await run.note(PutBackFailed(node=node, component=component.name, on=on, why=str(error)))
        return f"{node} could not be put back into service: {error}"


async def _not_known(run: Run, state: RunState, component: Component, node: str, *, accepted: bool) -> str | None:
    """Why nobody knows which release is on a node; None when it is the old one, the one restored, or the new one."""
    try:
        facts = await run.fleet.ask(node, lambda client: client.facts())
    except RemoteError as error:
        return f"which release is there cannot be asked: {beside_name(node, error)}"
    name, digest = component.name, run.snapshot.digest
    if node in state.jobs_begun(name, "deploy") and not any(job.component == name for job in facts.jobs):
        return f"{name} was begun there, and the node knows nothing of it"
    if not any(job.has_deployed(digest, name) for job in facts.jobs):
        return None
    if _is_done(run, facts, name, "undo"):
        return await not_restored(run, component, node, state)
    if not _is_done(run, facts, name, "deploy"):
        return f"its deploy of {name} did not end well, and it was not undone"
    if accepted or state.out[node].failed is not None or _gate_passed(run, state, name, node):
        return None
    return f"the criteria have not held there since {name} was deployed"


async def _taken_by_another(run: Run, node: str) -> str | None:
    """Whose the node is now, in words; once this run has ended another plan may have come to it."""
    try:
        holder = (await run.fleet.ask(node, lambda client: client.facts())).holder
    except RemoteError:
        return None  # what comes next asks the node again, and says so, or goes on with what was begun
    token = None if holder is None else LockToken.parse(holder.run)
    is_ours = token is not None and (token.plan, token.run_id) == (run.snapshot.plan.name, run.run_id)
    return None if holder is None or is_ours else f"somebody else works there, and puts it back: {holder}"


def _is_done(run: Run, facts: NodeFacts, component: str, step: str) -> bool:
    found = next_step(facts.jobs, digest=run.snapshot.digest, component=component, step=step, generation="")
    return isinstance(found, Done) and is_noted(facts, found.job.job_id)


def _gate_passed(run: Run, state: RunState, component: str, node: str) -> bool:
    waves = (wave for wave in run.snapshot.waves if wave.component == component and node in wave.nodes)
    return any(state.gates.get((component, wave.number)) for wave in waves)
