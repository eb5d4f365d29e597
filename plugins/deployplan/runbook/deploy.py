"""Deploy: bring the nodes of a wave to the new release, each exactly once, and stop at the first sign of harm."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from deployplan.evidence.kinds.deploy import NodeExcluded, NodeFailed, WaveEnded, WaveStarted, WaveStopped
from deployplan.plan.waves import Wave
from deployplan.remote.errors import beside_name
from deployplan.runbook.admission import admit_wave
from deployplan.runbook.gate import GateResult, judge_gate
from deployplan.runbook.node.handover import handing_over
from deployplan.runbook.node.hold_again import hold_again
from deployplan.runbook.node.node_ledger import note_installed
from deployplan.runbook.node.node_step import NodeState, NodeStep, StepResult
from deployplan.runbook.node.run_step import bring_node
from deployplan.runbook.run.concurrently import run_all
from deployplan.runbook.run.generation import Generation
from deployplan.runbook.run.held import is_held
from deployplan.runbook.run.run import LockLost, Refused, Run, StepFailed, WaveAsks
from deployplan.runbook.run.state import RunState
from deployplan.runbook.run.traces import WaveKey
from deployplan.runbook.service import drain_first, put_wave_back, too_few_in_service
from deployplan.runbook.timing.verdict import waves_left
from deployplan.runbook.timing.wave_deadline import watching_the_deadline
from deployplan.runbook.timing.window_close import AtClose, watching_the_close


@dataclass
class Budget:
    """How many nodes of a component may fail: one rule over all its waves; an unreachable node is a failed node."""

    allowed: int
    failed: dict[str, str] = field(default_factory=dict)
    significant: str | None = None
    closed: str | None = None
    late: str | None = None
    scripts_ended: bool = False
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    no_more: asyncio.Event = field(default_factory=asyncio.Event)

    def count(self, node: str, why: str, *, significant: bool = False) -> None:
        """Count a failed node; `significant` stops the component at once whatever the budget."""
        self.failed[node] = why
        if significant:
            self.significant = f"{node}: {why}"
        if significant or len(self.failed) > self.allowed:
            self.stop.set()

    def close(self, what: AtClose, why: str) -> None:
        """Let the window's close end the wave: no further node begins, or the scripts are terminated too."""
        self.closed = why
        self.no_more.set()
        if what is AtClose.SCRIPTS:
            self.scripts_ended = True
            self.stop.set()

    def end(self, why: str) -> None:
        """Let the wave's deadline, or what it would leave in service, end it: what runs is terminated."""
        self.late = why
        self.stop.set()

    @property
    def spent(self) -> bool:
        """Whether the component must stop."""
        return self.stop.is_set()


async def deploy_wave(run: Run, wanted: Wave, generation: Generation) -> None:
    """Bring every wave up to and with `wanted` to the new release, in order, and hold each against its criteria.

    In a first run the earlier waves are done already. After a backout, or when a person cleared only a later wave,
    they are not: then they come first, so that no wave ever runs on top of work that is missing.

    A wave that people had tried again, or that goes on without the nodes that they left out, is admitted anew.

    Raises StepFailed when the component had to stop, WaveAsks when people are asked first, Refused when another
    controller has taken over, or when the plan has no such wave.
    """
    state = await run.state()
    finished = {key for (key, by), ended in state.tries.items() if by == str(generation) and ended.ok}
    order = run.snapshot.waves
    for place, wave in enumerate(order):
        key = (wave.component, wave.number)
        if key not in finished or key == (wanted.component, wanted.number):
            if key != (wanted.component, wanted.number):
                run.say(f"{wave.component} wave {wave.number} is not done on its nodes: it comes first")
            if _must_be_admitted(await run.state(), key, str(generation)):
                left = await asyncio.to_thread(waves_left, run)
                await admit_wave(run, wave, tuple(each for each in order[place:] if each in left))
            await _one_wave(run, wave, generation)
        if key == (wanted.component, wanted.number):
            return
    raise Refused(
        f"the plan has no wave {wanted.number} of {wanted.component}; the DAG is older than the approved plan"
    )


async def _one_wave(run: Run, wave: Wave, generation: Generation) -> None:
    key, turn = (wave.component, wave.number), str(generation)
    state = await run.state()
    tries = {each: ended for (each, by), ended in state.tries.items() if by == turn}
    left_behind = state.since_armed.left_out
    failed_before = {node: why for node, why in _failed_before(tries, wave).items() if node not in left_behind}
    budget = Budget(run.snapshot.plan.components[wave.component].max_failures, failed_before)
    await _begin_wave(run, wave, turn, again=not _must_be_admitted(state, key, turn))
    left_out = await _leave_out(run, tries, wave, budget)
    nodes = tuple(node for node in wave.nodes if node not in left_out)
    results = await _work_on(run, wave, nodes, generation, budget)

    done = tuple(node for node, result in results.items() if result.state is NodeState.DONE)
    failure, gate = _why_stopped(budget, results), GateResult(None)
    brought = any(not results[node].already for node in done)
    if failure is None and (brought or not (await run.state()).gates.get(key)):
        gate = await judge_gate(run, wave, done)
        failure = gate.why_not
    if failure is None:
        failure = await put_wave_back(run, wave, done, generation, _turn(state, key, generation))
    ended = WaveEnded(
        component=wave.component,
        wave=wave.number,
        generation=turn,
        ok=failure is None,
        nodes={node: result.end for node, result in (results | left_out).items()},
        excluded=tuple(sorted(node for node in {*budget.failed, *left_behind} if node in wave.nodes)),
        why=failure,
        criteria=gate.failed_criteria,
        no_answer=gate.no_answer,
        closed=failure is not None and failure == budget.closed,
    )
    if failure is not None:
        run.say(f"STOP {wave.component} wave {wave.number}: {failure}")
        await _ask_if_wanted(run, ended)
    await run.note(ended)
    if failure is not None:
        raise StepFailed(f"{wave.component} wave {wave.number}: {failure}")
    run.say(f"{wave.component} wave {wave.number} done: {len(done)} of {len(wave.nodes)} nodes")


async def _ask_if_wanted(run: Run, failed: WaveEnded) -> None:
    """Raise WaveAsks when people are asked before this end of a wave is one; the window's close has its own rule.

    They always are when it stopped because nobody can tell whether its metrics hold.
    """
    if failed.closed or not (run.snapshot.plan.on_failure(failed.component) == "ask" or is_held(failed)):
        return
    stopped = WaveStopped(
        component=failed.component,
        wave=failed.wave,
        generation=failed.generation,
        why=str(failed.why),
        nodes=failed.nodes,
        criteria=failed.criteria,
        no_answer=failed.no_answer,
    )
    await run.note(stopped)
    raise WaveAsks(f"{failed.component} wave {failed.wave}: {failed.why}")


def _must_be_admitted(state: RunState, key: WaveKey, turn: str) -> bool:
    """Whether the window must be asked before any node is touched: nobody has begun the wave since it was last."""
    if (key, turn) not in state.starts:
        return True
    return state.since_armed.tries.get(key, 0) > state.since_armed.admitted.get(key, 0)


async def _begin_wave(run: Run, wave: Wave, turn: str, *, again: bool) -> None:
    """Record that the wave begins; `again` when another process began it: it goes on, and is not begun twice.

    What people had tried again begins once more, with all its times.
    """
    if not again:
        await run.note(WaveStarted(component=wave.component, wave=wave.number, nodes=wave.nodes, generation=turn))
    told = " goes on" if again else ""
    run.say(f"{wave.component} wave {wave.number} of {wave.of}{told}: {', '.join(wave.nodes)}")


async def _work_on(
    run: Run, wave: Wave, nodes: tuple[str, ...], generation: Generation, budget: Budget
) -> dict[str, StepResult]:
    """Bring these nodes of a wave that has begun to the new release, all at once, while its times allow it."""
    component, state = run.snapshot.plan.components[wave.component], await run.state()
    began = state.starts[(wave.component, wave.number), str(generation)]
    begun = state.jobs_begun(component.name, "deploy")
    lost = state.lost_since(component.name, "deploy", str(generation))
    token = generation.deploy
    turn = _turn(state, (wave.component, wave.number), generation)
    wanted = NodeStep(component, "deploy", component.deploy, token, turn, anew=state.redeploys)
    steps = {
        node: replace(
            wanted,
            previous=state.points.get((node, component.name)),
            begun=begun.get(node, frozenset()),
            lost_at=lost.get(node),
        )
        for node in nodes
    }
    async with (
        handing_over(run, wave),
        watching_the_close(run, began, budget.close),
        watching_the_deadline(run, component, began, budget.end),
    ):
        if (shortage := await too_few_in_service(run, steps)) is not None:
            budget.end(shortage)
        ended = await run_all(_one_node(run, node, step, generation, budget) for node, step in steps.items())
    return dict(zip(nodes, ended, strict=True))


def _turn(state: RunState, key: WaveKey, generation: Generation) -> str:
    """What tells one attempt at a wave from the next: its generation, and how often people had it tried again."""
    tries = state.since_armed.tries.get(key, 0)
    return f"{generation.deploy}/{tries}" if tries else generation.deploy


async def _one_node(run: Run, node: str, step: NodeStep, generation: Generation, budget: Budget) -> StepResult:
    try:
        lost = await hold_again(run, node, step.token) if step.generation != step.token else None
        if lost is not None:
            result = StepResult(NodeState.UNKNOWN, lost)
        else:
            result = await drain_first(run, step, node, budget.stop, budget.no_more) or await bring_node(
                run, step, node, budget.stop, budget.no_more
            )
        if result.state is NodeState.DONE:
            result = await note_installed(run, step.component, node, result, generation)
    except LockLost as error:  # people may say how it goes on without the node, unless it is this run's own doing
        if error.is_overtaken(step.token) or run.snapshot.plan.on_failure(step.component.name) != "ask":
            raise
        result = StepResult(NodeState.UNKNOWN, str(error))
    if result.state is NodeState.DONE:
        return result
    if result.state is not NodeState.NOT_STARTED:
        budget.count(node, result.why, significant=result.significant)
        failed = NodeFailed(node=node, component=step.component.name, why=result.why, state=str(result.state))
        await run.note(failed)
        run.say(f"{node} | FAILED: {beside_name(node, result.why)}")
    return result


def _why_stopped(budget: Budget, results: Mapping[str, StepResult]) -> str | None:
    if budget.significant:
        return f"significant error on {budget.significant}"
    undone = sorted(node for node, result in results.items() if result.state is not NodeState.DONE)
    if budget.late and undone:
        return f"{budget.late}: {', '.join(undone)}"
    if budget.closed and any(result.state is not NodeState.DONE for result in results.values()):
        not_begun = any(result.state is NodeState.NOT_STARTED for result in results.values())
        if budget.scripts_ended or (not_begun and not budget.spent):
            return budget.closed
    if budget.spent:
        failed = "; ".join(f"{node}: {why}" for node, why in sorted(budget.failed.items()))
        return f"{len(budget.failed)} nodes failed, {budget.allowed} may ({failed})"
    return None


async def _leave_out(run: Run, tries: Mapping[WaveKey, WaveEnded], wave: Wave, budget: Budget) -> dict[str, StepResult]:
    """Leave out the wave's nodes on which an earlier component failed within its budget: nothing is put on top of that.

    They count on this component's budget too, whichever of its waves they are in: they will not have its new release.
    Those that people left out do not: they have said that it goes on without them.
    """
    by_people = (await run.state()).since_armed.left_out
    left_out = {
        node: StepResult(NodeState(each.end.state), each.end.why or "", each.end.job)
        for node, each in by_people.items()
        if each.component == wave.component and node in wave.nodes
    }
    for node, why in _failed_earlier(run, tries, wave).items():
        if node not in by_people:
            budget.count(node, why)
        if node in wave.nodes:
            left_out[node] = StepResult(NodeState.NOT_STARTED, why)
            await run.note(NodeExcluded(node=node, component=wave.component, why=why))
            run.say(f"{node} | {why}")
    return left_out


def _failed_earlier(run: Run, tries: Mapping[WaveKey, WaveEnded], wave: Wave) -> Mapping[str, str]:
    """The nodes of the wave's component on which a component before it failed within its budget, and which one."""
    mine = {node.name for node in run.snapshot.nodes_of(wave.component)}
    found: dict[str, str] = {}
    for earlier in run.snapshot.waves:
        if earlier.component == wave.component:
            break
        if (ended := tries.get((earlier.component, earlier.number))) is not None:
            for node in mine.intersection(ended.excluded):
                found.setdefault(node, f"left out, for {earlier.component} failed there")
    return dict(sorted(found.items()))


def _failed_before(tries: Mapping[WaveKey, WaveEnded], wave: Wave) -> Mapping[str, str]:
    """Nodes of the component that failed in its earlier waves, for they count on one budget."""
    return {
        node: str(end.why)
        for (component, place), ended in tries.items()
        if component == wave.component and place < wave.number
        for node, end in ended.nodes.items()
        if end.state not in {"done", "not_started"}
    }
