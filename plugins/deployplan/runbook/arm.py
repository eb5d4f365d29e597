"""Arm: the last look before anything is touched. Still approved, still open, nobody else on the nodes."""

import asyncio

from deployplan.plan.order import waves
from deployplan.remote.errors import LockHeld, RemoteError
from deployplan.remote.node_client import NodeClient
from deployplan.remote.node_facts import Holder
from deployplan.runbook.facts import number as whole
from deployplan.runbook.facts import text
from deployplan.runbook.generation import Generation, generation_of
from deployplan.runbook.installed import recorded_release
from deployplan.runbook.preflight import nodes_of_plan
from deployplan.runbook.release_window import verdict
from deployplan.runbook.review import missing_approvals
from deployplan.runbook.run import NotReady, Run, last
from deployplan.runbook.terminate import terminate_overdue

LOCK_TRIES_EVERY = 5.0
"""Seconds between two looks at a node that another plan holds."""


def next_number(run: Run, *, clear: int) -> int:
    """Number this arming, from 1. `clear` is Airflow's `max_tries`: it rises when a person clears, never by a retry."""
    begun = last(run.ledger.entries(), "arming")
    if begun is None:
        number = 1
    elif begun.facts["clear"] == clear:
        return whole(begun, "generation")
    else:
        number = whole(begun, "generation") + 1
    run.record("arming", generation=number, clear=clear)
    return number


async def arm(run: Run, number: int) -> Generation:
    """Check approval and window, lock the nodes, and record the release to go back to.

    `number` counts the armings of this run; arming again with the same number changes nothing.
    Raises NotReady when anything does not hold; then no node stays locked by this call.
    """
    generation = generation_of(run, number)
    problems = missing_approvals(run)
    if problems:
        raise NotReady(problems)
    _window_must_be_open(run)
    await _lock_nodes(run, generation)
    await _record_rollback_points(run)
    armed = last(run.ledger.entries(), "armed")
    if armed is None or armed.facts["generation"] != number:
        run.record("armed", generation=number, nodes=list(nodes_of_plan(run)), digest=run.snapshot.digest)
    return generation


def _window_must_be_open(run: Run) -> None:
    now = verdict(run.snapshot, run.include, at=run.clock.now())
    run.record("window_verdict", **now.as_json())
    run.say(f"window: {now.reason}")
    if not now.open:
        raise NotReady([f"{now.reason}; to wait for the next opening, clear the task `window` with Downstream"])


async def _lock_nodes(run: Run, generation: Generation) -> None:
    """Lock all nodes or none, in one order everywhere so that two plans cannot block each other.

    A node that another plan holds is waited for as long as the release could still start.
    """
    taken: list[str] = []
    try:
        for node in sorted(nodes_of_plan(run)):
            await _lock_one(run, node, run.holder(generation.deploy))
            taken.append(node)
    except BaseException:
        await asyncio.shield(unlock_nodes(run, taken, generation))
        raise


async def _lock_one(run: Run, node: str, holder: Holder) -> None:
    told = ""
    while True:
        try:
            await run.fleet.ask(node, lambda client: client.lock(holder))
            return
        except LockHeld as held:
            other = held.holder
            if isinstance(other, Holder) and other.frozen is not None:
                raise NotReady([f"{node} is frozen by {other.plan}: {other.frozen}"]) from held
            if str(held) != told:
                told = str(held)
                run.say(f"{node} | waiting: {held}")
                run.record("lock_waited", node=node, holder=str(other))
            if not verdict(run.snapshot, run.include, at=run.clock.now()).open:
                raise NotReady([f"{node} stayed locked until the release could no longer start: {held}"]) from held
            if isinstance(other, Holder) and other.plan == holder.plan:
                await terminate_overdue(run, node)
            await run.clock.sleep(LOCK_TRIES_EVERY)
        except RemoteError as error:
            raise NotReady([str(error)]) from error


async def unlock_nodes(
    run: Run, nodes: list[str] | tuple[str, ...], generation: Generation, *, thaw: str | None = None
) -> list[str]:
    """Give the nodes free that this run holds; a frozen one stays, unless `thaw` says why it need not.

    Returns the nodes that could not be asked.
    """

    async def one(node: str, client: NodeClient) -> None:
        facts = await client.facts()
        holder = facts.holder
        if holder is not None and generation.owns(holder.run) and (holder.frozen is None or thaw is not None):
            await client.unlock(holder, force_reason=thaw if holder.frozen is not None else None)

    answers = await run.fleet.ask_all(nodes, one)
    return [f"{node}: {answer}" for node, answer in answers.items() if answer is not None]


async def _record_rollback_points(run: Run) -> None:
    """Record per node and component the release to go back to; the first value of a run is kept for good.

    A rerun finds half-installed releases on the nodes: those are never what a backout may restore.
    """
    plan = run.snapshot.plan
    known = {
        (entry.facts["node"], entry.facts["component"])
        for entry in run.ledger.entries()
        if entry.kind == "rollback_point"
    }
    wanted = {
        node: [
            wave.component for wave in waves(run.snapshot) if node in wave.nodes and (node, wave.component) not in known
        ]
        for node in nodes_of_plan(run)
    }
    missing = [node for node, components in wanted.items() if components]
    answers = await run.fleet.ask_all(missing, lambda node, client: client.facts())
    for node, facts in answers.items():
        if isinstance(facts, RemoteError):
            raise NotReady([str(facts)])
        for component in wanted[node]:
            version = (
                recorded_release(facts.ledger, plan.scope.release.product, component) or plan.scope.release.previous
            )
            run.record("rollback_point", node=node, component=component, version=version)


def rollback_points(run: Run) -> dict[tuple[str, str], str | None]:
    """The recorded release to go back to, by (node, component)."""
    return {
        (text(entry, "node"), text(entry, "component")): (
            None if entry.facts["version"] is None else text(entry, "version")
        )
        for entry in run.ledger.entries()
        if entry.kind == "rollback_point"
    }
