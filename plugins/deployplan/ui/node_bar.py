"""How does each node of a run stand, by the evidence: the bar of nodes, in numbers?"""

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum

from deployplan.evidence.kinds.deploy import NodeEnd
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.waves import Wave
from deployplan.runbook.run.state import RunState
from deployplan.runbook.run.traces import JobTrace, WaveKey


class NodeStanding(StrEnum):
    """How a node stands. `working` is one that was begun and is not whole: a script runs, or a component is left."""

    DONE = "done"
    WORKING = "working"
    FAILED = "failed"
    UNKNOWN = "unknown"
    LEFT_OUT = "left out"
    UNDONE = "undone"
    NOT_STARTED = "not started"


WORST_FIRST = (NodeStanding.UNKNOWN, NodeStanding.FAILED, NodeStanding.LEFT_OUT, NodeStanding.WORKING)
"""What one component decides for the whole node."""


def node_standings(snapshot: Snapshot, known: RunState | None = None) -> dict[str, NodeStanding]:
    """Return how each node that the plan works on stands, in the order of the waves; without a run none is started."""
    parts: dict[str, list[NodeStanding]] = {}
    found = component_standings(snapshot, known)
    for (_, node), standing in found.items():
        parts.setdefault(node, []).append(standing)
    return {node: _whole(each) for node, each in parts.items()}


def component_standings(snapshot: Snapshot, known: RunState | None = None) -> dict[tuple[str, str], NodeStanding]:
    """Return how each component stands on each of its nodes, by component and node, in the order of the waves."""
    state = known or RunState()
    jobs = _latest_jobs(state)
    return {
        (wave.component, node): _standing(state, wave, node, jobs) for wave in snapshot.waves for node in wave.nodes
    }


def count_standings(standings: Iterable[NodeStanding]) -> dict[NodeStanding, int]:
    """Return how many stand how, in the order of NodeStanding; what there is none of is not named."""
    counts = Counter(standings)
    return {each: counts[each] for each in NodeStanding if counts[each]}


def goes_on(known: RunState, wave: WaveKey) -> bool:
    """Whether a wave has begun in the arming that holds now, and has not ended."""
    review = known.review
    begun = [by for key, by in review.starts if key == wave]
    if not begun or (by := begun[-1]) is None:
        return bool(begun) and wave not in review.waves
    return by.rpartition("#")[2] == str(review.arming) and (wave, by) not in known.tries


def _latest_jobs(known: RunState) -> dict[tuple[str | None, str], JobTrace]:
    """The deploy that counts, by component and node."""
    return {(job.component, node): job for (node, _), job in known.jobs.items() if job.counts and job.step == "deploy"}


def _standing(known: RunState, wave: Wave, node: str, jobs: Mapping[tuple[str | None, str], JobTrace]) -> NodeStanding:
    undo, key = known.since_armed.undone.get(wave.component), (wave.component, wave.number)
    if undo is not None and (end := undo.nodes.get(node)) is not None and end.state != "not_started":
        return NodeStanding.UNDONE if end.is_done else _ended(end)
    if goes_on(known, key):
        return _at_work(known, wave.component, node, jobs.get((wave.component, node)))
    ended = known.review.waves.get(key)
    if ended is None or (end := ended.nodes.get(node)) is None:
        return NodeStanding.NOT_STARTED
    if end.state == "not_started" and node in ended.excluded:
        return NodeStanding.LEFT_OUT
    return _ended(end)


def _ended(end: NodeEnd) -> NodeStanding:
    match end.state:
        case "done":
            return NodeStanding.DONE
        case "failed":
            return NodeStanding.FAILED
        case "not_started":
            return NodeStanding.NOT_STARTED
        case _:
            return NodeStanding.UNKNOWN


def _at_work(known: RunState, component: str, node: str, job: JobTrace | None) -> NodeStanding:
    failed = known.review.failed.get((component, node))
    if failed is not None:
        return NodeStanding.UNKNOWN if failed.state == "unknown" else NodeStanding.FAILED
    if (component, node) in known.losses:
        return NodeStanding.UNKNOWN
    if job is None:
        return NodeStanding.NOT_STARTED
    if not job.ended:
        return NodeStanding.WORKING
    return NodeStanding.DONE if job.state == "done" else NodeStanding.FAILED


def _whole(parts: list[NodeStanding]) -> NodeStanding:
    """A node as its worst component; begun, when some of its components are there and others are not."""
    for each in WORST_FIRST:
        if each in parts:
            return each
    if len(set(parts)) == 1:
        return parts[0]
    return NodeStanding.UNDONE if NodeStanding.UNDONE in parts else NodeStanding.WORKING
