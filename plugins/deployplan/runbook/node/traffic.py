"""Take a node out of service before it is worked on, and put it back: each once, whatever dies in between."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from deployplan.checks.command_check import judge_output
from deployplan.checks.reading import Answer
from deployplan.evidence.kinds.traffic import DrainBegun, DrainFailed, NodeDrained, NodePutBack, PutBackFailed
from deployplan.plan.model.component import Component
from deployplan.plan.model.traffic import DrainedWhen
from deployplan.plan.text.scalars import spell_duration
from deployplan.remote.errors import Fenced, RemoteError, beside_name
from deployplan.remote.job import Done, next_step
from deployplan.remote.node_client import NodeClient
from deployplan.remote.node_facts import NodeRecords
from deployplan.remote.transport import Result
from deployplan.runbook.node.node_ledger import is_noted
from deployplan.runbook.node.node_step import STOPPED_FIRST, NodeState, NodeStep, StepResult
from deployplan.runbook.node.run_step import bring_node
from deployplan.runbook.node.staging import node_environment, place_files
from deployplan.runbook.node.traffic_job import (
    DRAIN,
    PUT_BACK,
    host_of,
    is_back,
    is_out,
    last_traffic_job,
    traffic_key,
    traffic_step,
)
from deployplan.runbook.run.run import LockLost, Run
from deployplan.runbook.run.state import RunState

LOOK_EVERY = 1.0
"""Seconds between two looks whether a node still serves anybody."""
LOOK_TIMEOUT = timedelta(seconds=10)
"""How long one look may take."""


async def drain_node(
    run: Run,
    component: Component,
    node: str,
    *,
    token: str,
    generation: str,
    stop: asyncio.Event,
    no_more: asyncio.Event,
) -> StepResult | None:
    """Take a node out of service, once, and wait until it serves nobody; None when it is so.

    Else how the step that should have followed ends on the node. From before the first job on, the evidence says that
    the node is out. Raises LockLost when another controller has taken over.
    """
    traffic = component.traffic
    if traffic is None:
        return None
    host = host_of(traffic, node)
    state = await run.state()
    try:
        step = _step(run, component, node, DRAIN, token, generation, state.jobs_begun(traffic_key(node), DRAIN), host)
    except (KeyError, ValueError) as error:
        return StepResult(NodeState.FAILED, f"its traffic cannot be directed: {error}")
    if stop.is_set() or no_more.is_set():
        return StepResult(NodeState.NOT_STARTED, STOPPED_FIRST)
    if node not in state.out:
        await run.note(DrainBegun(node=node, component=component.name, on=traffic.on))
    run.say(f"{node} | is taken out of service{_place(traffic.on)}")
    result = await bring_node(run, step, host, stop, no_more)
    if result.state is not NodeState.DONE:
        return await _not_out(run, component, node, result)
    why, seen = await _until_drained(run, component, node, host, traffic.drained_when, stop)
    if why is not None:
        failed = StepResult(NodeState.NOT_STARTED if stop.is_set() else NodeState.FAILED, why, result.job_id)
        return await _not_out(run, component, node, failed)
    if not ((known := (await run.state()).out.get(node)) is not None and known.sure):
        await run.note(
            NodeDrained(node=node, component=component.name, on=traffic.on, job=result.job_id, seen=seen or None)
        )
    run.say(f"{node} | out of service{f': {seen}' if seen else ''}")
    return None


async def _not_out(run: Run, component: Component, node: str, result: StepResult) -> StepResult:
    """Nothing of the release was begun on the node: what is asked of its traffic is all that is not known."""
    why = f"not taken out of service: {result.why}"
    if result.state is not NodeState.NOT_STARTED:
        on = None if component.traffic is None else component.traffic.on
        await run.note(DrainFailed(node=node, component=component.name, on=on, why=result.why))
        return StepResult(NodeState.FAILED, why, result.job_id)
    return StepResult(NodeState.NOT_STARTED, result.why, result.job_id)


async def put_back(run: Run, component: Component, node: str, *, token: str, generation: str) -> str | None:
    """Put a node back into service, once, where the evidence says that it is out; why it could not be, else None.

    `token` must hold where its traffic is directed. Raises LockLost when another controller has taken over.
    """
    traffic = component.traffic
    state = await run.state()
    if traffic is None or node not in state.out:
        return None
    host = host_of(traffic, node)
    try:
        facts = await run.fleet.ask(host, lambda client: client.records())
        if (told := _in_service(state, facts, node, host)) is not None:
            await run.note(NodePutBack(node=node, component=component.name, on=traffic.on, why=told))
            return None
        begun = state.jobs_begun(traffic_key(node), PUT_BACK)
        step = _step(run, component, node, PUT_BACK, token, generation, begun, host)
        result = await bring_node(run, step, host, asyncio.Event())
    except (RemoteError, KeyError, ValueError) as error:
        result = StepResult(
            NodeState.UNKNOWN, beside_name(host, error) if isinstance(error, RemoteError) else str(error)
        )
    if result.state is NodeState.DONE:
        await run.note(NodePutBack(node=node, component=component.name, on=traffic.on, job=result.job_id))
        run.say(f"{node} | in service again{_place(traffic.on)}")
        return None
    await run.note(PutBackFailed(node=node, component=component.name, on=traffic.on, why=result.why))
    run.say(f"{node} | NOT in service: {result.why}")
    return f"{node} could not be put back into service: {result.why}"


def _in_service(state: RunState, facts: NodeRecords, node: str, host: str) -> str | None:
    """Say how it comes that a node need not be put back; None when it must be."""
    last = last_traffic_job(facts.jobs, node)
    if last is not None:
        return f"{last.job_id} has put it back" if is_back(last) else None
    was_begun = host in state.jobs_begun(traffic_key(node), DRAIN) or state.out[node].sure
    return None if was_begun else "it had not been taken out"


async def is_being_put_back(run: Run, component: Component, node: str) -> bool:
    """Whether the last that was done with a node's traffic is to put it back: then it was at a known release.

    False where nobody can tell.
    """
    traffic = component.traffic
    if traffic is None:
        return False
    try:
        facts = await run.fleet.ask(host_of(traffic, node), lambda client: client.records())
    except RemoteError:
        return False
    last = last_traffic_job(facts.jobs, node)
    return last is not None and last.step == PUT_BACK


async def is_brought(run: Run, step: NodeStep, node: str) -> bool:
    """Whether a deploy is done on the node and noted there, so that nothing would be begun.

    Raises RemoteError when the node cannot tell.
    """
    facts = await run.fleet.ask(node, lambda client: client.records(), tries=5)
    name, digest = step.component.name, run.snapshot.digest
    found = next_step(facts.jobs, digest=digest, component=name, step=step.name, generation=step.generation)
    if not isinstance(found, Done) or not is_noted(facts, found.job.job_id):
        return False
    return not (step.anew and is_noted(facts, found.job.job_id, but_by=run.run_id))


async def out_of_service(run: Run, component: Component, nodes: tuple[str, ...]) -> dict[str, str]:
    """By node why it counts as out of service, by the jobs of where its traffic is directed, whichever plan's.

    A node of which nobody can tell counts.
    """
    traffic = component.traffic
    if traffic is None:
        return {}
    hosts = dict.fromkeys(host_of(traffic, node) for node in nodes)
    answers = await run.fleet.ask_all(hosts, lambda _, client: client.records())
    found: dict[str, str] = {}
    for node in nodes:
        answer = answers[host_of(traffic, node)]
        if isinstance(answer, RemoteError):
            found[node] = f"whether it is in service cannot be asked: {answer}"
        elif is_out(answer.jobs, node):
            found[node] = "it is out of service"
    return found


async def hold_traffic(run: Run, component: Component, nodes: tuple[str, ...], token: str) -> None:
    """Hold where the traffic of nodes is directed, for `token`: whoever held it before can start nothing there.

    Raises RemoteError when that cannot be, LockLost when a later turn of the run has taken over.
    """
    traffic = component.traffic
    if traffic is None:
        return
    holder = run.holder(token)
    try:
        for host in dict.fromkeys(host_of(traffic, node) for node in nodes):
            await run.fleet.ask(host, lambda client: client.lock(holder, keep_frozen=True))
    except Fenced as error:
        raise LockLost(error) from error


def _step(
    run: Run,
    component: Component,
    node: str,
    name: str,
    token: str,
    generation: str,
    begun: Mapping[str, frozenset[str]],
    host: str,
) -> NodeStep:
    place = run.snapshot.infrastructure.nodes[node]
    known = begun.get(host, frozenset[str]())
    return traffic_step(component, place, name, token=token, generation=generation, begun=known)


async def _until_drained(
    run: Run, component: Component, node: str, host: str, wanted: DrainedWhen | None, stop: asyncio.Event
) -> tuple[str | None, str]:
    """Ask again and again until the node serves nobody: why it still does, or None; and what was seen last."""
    if wanted is None:
        return None, ""
    until = run.clock.now() + wanted.within
    seen = ""
    while True:
        try:
            observed = judge_output(wanted.expect, await _look(run, component, node, host, wanted.command))
            seen = run.masks.cut(observed.observed)
            if observed.answer is Answer.PASS:
                return None, seen
        except RemoteError as error:
            seen = str(error)
        if stop.is_set():
            return STOPPED_FIRST, seen
        if run.clock.now() >= until:
            return f"not drained within {spell_duration(wanted.within)} ({seen})", seen
        await run.clock.sleep(LOOK_EVERY)


async def _look(run: Run, component: Component, node: str, host: str, command: str) -> Result:
    env = {
        **component.env,
        **node_environment(run.snapshot.infrastructure.nodes[node]),
        "DEPLOYPLAN_VERSION": run.snapshot.plan.scope.release.version,
        "DEPLOYPLAN_COMPONENT": component.name,
    }

    async def ask(client: NodeClient) -> Result:
        _, scripts = await place_files(run, None, client)
        return await client.run(command, cwd=scripts, env=env, timeout=LOOK_TIMEOUT.total_seconds())

    return await run.fleet.ask(host, ask, tries=2)


def _place(on: str | None) -> str:
    return f" on {on}" if on else ""
