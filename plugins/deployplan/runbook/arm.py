"""Arm: the last look before anything is touched. Still approved, still open, nobody else on the nodes."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from deployplan.evidence.kinds.window import ArmingBegun, LockWaited, RunArmed
from deployplan.remote.errors import Fenced, LockHeld, RemoteError, at_node, beside_name
from deployplan.remote.node_client import NodeClient
from deployplan.remote.node_facts import one_line
from deployplan.runbook.admission import passes
from deployplan.runbook.baseline import missing_baseline
from deployplan.runbook.node.lock_holder import left_by
from deployplan.runbook.node.node_story import run_of
from deployplan.runbook.node.rollback_point import record_rollback_points
from deployplan.runbook.node.terminate_job import terminate_overdue
from deployplan.runbook.preflight import held_nodes, nodes_of_plan
from deployplan.runbook.review import missing_approvals
from deployplan.runbook.run.concurrently import run_all
from deployplan.runbook.run.connections import changed_connections
from deployplan.runbook.run.generation import Generation, generation_of
from deployplan.runbook.run.lock_token import acts_for
from deployplan.runbook.run.run import NotReady, Refused, Run
from deployplan.runbook.timing.verdict import estimate_of, make_verdict_event, verdict_of

LOCK_TRIES_EVERY = 5.0
"""Seconds between two looks at a node that another run holds."""
LOCK_PATIENCE = timedelta(seconds=60)
"""How long another run's lock is waited for here, where the wait holds a worker slot; a trigger takes over then."""


class NotYet(Refused):
    """Everything is held, or frozen for a while within the approved window; nothing is locked. Wait, then arm again."""


class NodeHeld(Refused):
    """Another run holds a node, and has for a while; no node is locked. `until_unheld` waits, then arm again."""


def next_number(run: Run, *, clear: int) -> int:
    """Number this arming, from 1. `clear` is Airflow's `max_tries`: it rises when a person clears, never by a retry."""
    state = run.read_state()
    begun = state.last_arming
    if begun is not None and begun.clear == clear and begun.generation == state.generation:
        return begun.generation
    # A backout that was asked for after the release has had a number, too.
    number = 1 if begun is None else 1 + max(begun.generation, state.generation or 0)
    run.record(ArmingBegun(generation=number, clear=clear))
    return number


async def arm(run: Run, number: int) -> Generation:
    """Check approval and window, lock the nodes, and record the release to go back to.

    `number` counts the armings of this run; arming again with the same number changes nothing. Nodes that an earlier
    arming of this run holds are taken over at once, whatever runs there: from then on nobody of it can act.
    Raises NotReady when anything does not hold, NotYet when it has only to wait, NodeHeld when another run holds a
    node for long, Refused when a later arming was faster; then no node stays locked by this call, but for those where
    a job of this run still runs.
    """
    generation = generation_of(run, number)
    if trouble := run.directory().trouble:
        raise NotYet(f"held: {trouble}")
    problems = await asyncio.to_thread(_lacking, run)
    if problems:
        raise NotReady(problems)
    await asyncio.to_thread(_window_must_be_open, run)
    await lock_nodes(run, generation)
    if number > 1:  # jobs of the generation before run on, and the waves attach to them
        await run_all(terminate_overdue(run, node, generation) for node in held_nodes(run))
    await record_rollback_points(run)
    armed = (await run.state()).armed
    if armed is None or armed.event.generation != number:
        await run.note(RunArmed(generation=number, nodes=nodes_of_plan(run), digest=run.snapshot.digest))
    return generation


def _lacking(run: Run) -> list[str]:
    """What speaks against arming before any node is asked."""
    return missing_approvals(run) or changed_connections(run) or missing_baseline(run)


def _window_must_be_open(run: Run) -> None:
    now = verdict_of(run)
    run.record(make_verdict_event(now, estimate_of(run).told))
    run.say(f"window: {now.reason}")
    if not now.open and passes(run, now):
        raise NotYet(now.reason)
    if not now.open:
        raise NotReady([f"{now.reason}; to wait for the next opening, clear the task `window` with Downstream"])


async def lock_nodes(run: Run, generation: Generation) -> None:
    """Lock all nodes or none.

    All are asked at once. Where others are in the way, those behind the first such node, by name, are given back and
    taken one after another: with one order everywhere two plans cannot block each other for ever.
    """
    wanted, holder, taken = sorted(held_nodes(run)), run.holder(generation.deploy), set[str]()

    async def take(node: str, client: NodeClient) -> None:
        await client.lock(holder)
        taken.add(node)

    try:
        answers = await run.fleet.ask_all(wanted, take)
        if refused := {node: error for node, error in answers.items() if error is not None}:
            refuse_unless_held(run, refused)
            first = min(refused)
            await _give_back(run, sorted(node for node in taken if node > first), generation)
            patience = run.clock.now() + LOCK_PATIENCE
            for node in wanted[wanted.index(first) :]:
                await _wait_for(run, node, take, patience)
    except BaseException:
        await asyncio.shield(_give_back(run, sorted(taken), generation))
        raise


def refuse_unless_held(run: Run, refused: Mapping[str, RemoteError | None]) -> None:
    """Raises Refused when a later generation has a node, NotReady for all that waiting does not cure."""
    for error in refused.values():
        if isinstance(error, Fenced):
            raise Refused(f"{error}; a later arming of this run has taken over") from error
    problems = []
    for node, error in refused.items():
        held = error.holder if isinstance(error, LockHeld) else None
        if held is not None and held.frozen is not None:
            frozen = one_line(f"{node} is frozen by {held.plan}: {held.frozen}")
            problems.append(f"{frozen}; `deployplan unlock {node}` after the repair")
        elif held is not None and (outcome := left_by(run.records, held)) is not None:
            over = one_line(f"{node} is held by run {run_of(held.run)} of {held.plan}, which has ended in {outcome}")
            problems.append(f"{over}: look at the node, then `deployplan unlock {node}`")
        elif not isinstance(error, LockHeld):
            problems.append(str(error))
    if problems:
        raise NotReady(problems)


async def _wait_for(
    run: Run, node: str, take: Callable[[str, NodeClient], Awaitable[None]], patience: datetime
) -> None:
    """Take a node as soon as it is free.

    Raises NotReady when the release can no longer start, NotYet when everything is held meanwhile, NodeHeld when
    `patience` has ended.
    """
    told = ""
    while True:
        try:
            await run.fleet.ask(node, lambda client: take(node, client))
            return
        except LockHeld as held:
            refuse_unless_held(run, {node: held})
            if str(held) != told:
                told = str(held)
                run.say(f"{node} | waiting: {beside_name(node, held)}")
                await run.note(LockWaited(node=node, holder=str(held.holder)))
            found = await asyncio.to_thread(verdict_of, run)
            if found.held is not None:
                raise NotYet(found.reason) from held
            if not found.open:
                raise NotReady([f"{node} stayed locked until the release could no longer start: {held}"]) from held
            if run.clock.now() >= patience:
                raise NodeHeld(f"{held}; it is waited for until the release could no longer start") from held
            await run.clock.sleep(LOCK_TRIES_EVERY)
        except RemoteError as error:
            refuse_unless_held(run, {node: error})


def not_yet(run: Run) -> str | None:
    """Why arming has still to wait, by what holds now; None when it may go on, or can say why it will not."""
    found = verdict_of(run)
    return found.reason if not found.open and passes(run, found) else None


async def until_unheld(run: Run) -> None:
    """Wait until nobody else holds a node of the plan, or the release can no longer start; takes no lock itself."""

    async def held(node: str, client: NodeClient) -> str | None:
        holder = (await client.facts()).holder
        return None if holder is None or generation_of(run, 0).owns(holder.run) or holder.frozen else str(holder)

    told: dict[str, str] = {}
    while (await asyncio.to_thread(verdict_of, run)).open:
        answers = await run.fleet.ask_all(sorted(held_nodes(run)), held)
        waits = {node: str(answer) for node, answer in answers.items() if isinstance(answer, str)}
        if not waits:
            return
        for node, holder in waits.items():
            if told.get(node) != holder:
                run.say(f"{node} | waiting: the node is held by {holder}")
        told = waits
        await run.clock.sleep(LOCK_TRIES_EVERY)


async def _give_back(run: Run, nodes: Iterable[str], generation: Generation) -> None:
    """Free the nodes that this very arming holds, but not where a job runs that it found there."""

    async def one(_: str, client: NodeClient) -> None:
        holder = (await client.facts()).holder
        if holder is not None and holder.run == generation.deploy:
            await client.unlock(holder)

    await run.fleet.ask_all(nodes, one)


async def unlock_nodes(
    run: Run, nodes: list[str] | tuple[str, ...], generation: Generation, *, thaw: str | None = None
) -> list[str]:
    """Give the nodes free that this run holds; a frozen one stays, unless `thaw` says why it need not.

    No controller of this or an earlier generation gets them again. Returns the nodes that could not be asked.
    """
    over = run.holder(generation.backout).turn

    async def one(node: str, client: NodeClient) -> None:
        holder = (await client.facts()).holder
        if holder is not None and acts_for(generation.backout, holder) and (holder.frozen is None or thaw is not None):
            await client.unlock(replace(holder, turn=over), force_reason=thaw if holder.frozen is not None else None)

    answers = await run.fleet.ask_all(nodes, one)
    return [at_node(node, answer) for node, answer in answers.items() if answer is not None]
