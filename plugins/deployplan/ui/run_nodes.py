"""What did a run do on each node, by its evidence: its own results, what it left there, and which nodes it holds?"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from deployplan.evidence.entry import Entry
from deployplan.evidence.kinds import event_in
from deployplan.evidence.kinds.backout import NodesFrozen, UndoEnded
from deployplan.evidence.kinds.deploy import JobEnded, JobStarted, NodeEnd, WaveEnded
from deployplan.evidence.kinds.people import NodeUnlocked
from deployplan.evidence.kinds.traffic import NodePutBack
from deployplan.plan.snapshot import Snapshot
from deployplan.remote.node_facts import Holder
from deployplan.runbook.run.outcome_kinds import LEAVES_LOCKED, RELEASED, Outcome
from deployplan.runbook.run.state import RunState
from deployplan.runbook.run.traces import OutOfService
from deployplan.ui.node_bar import NodeStanding, component_standings, node_standings
from deployplan.ui.release_trail import JobTimes

Place = tuple[str, str]
"""A component and a node."""
NOT_OVER = datetime.max.replace(tzinfo=UTC)
"""When a run ends of which only that is known: that it is under way."""


@dataclass(frozen=True, slots=True)
class NodeResult:
    """What came of a component on a node. `why` is what went wrong there; `job` is its last script there."""

    node: str
    component: str
    standing: NodeStanding
    why: str | None = None
    job: JobTimes | None = None


@dataclass(frozen=True, slots=True)
class RunOnNodes:
    """A run, as its nodes saw it. `at` is when it ended, or took its nodes, or its review began.

    `left` are, by node, the entries that the node's own ledger has of it, as far as the evidence tells; `holders` are
    the nodes that it keeps locked. `problem` is why its record says nothing; `nodes` are then those that its plan
    works on, as far as that can be read. `out` are the nodes that it left drained, and why, `put_back` those that it
    has in service again.
    """

    plan: str
    run_id: str
    environment: str
    product: str
    release: str | None
    at: datetime
    outcome: str | None = None
    nodes: Mapping[str, NodeStanding] = field(default_factory=dict)
    results: tuple[NodeResult, ...] = ()
    left: Mapping[str, tuple[Mapping[str, object], ...]] = field(default_factory=dict)
    holders: Mapping[str, Holder] = field(default_factory=dict)
    armed: bool = False
    problem: str | None = None
    out: Mapping[str, str] = field(default_factory=dict)
    put_back: frozenset[str] = frozenset()

    def results_on(self, node: str) -> tuple[NodeResult, ...]:
        """The results of one node, in the order of the waves."""
        return tuple(each for each in self.results if each.node == node)


def run_on_nodes(
    snapshot: Snapshot, run_id: str, known: RunState, entries: Iterable[Entry], late: Iterable[Entry] = ()
) -> RunOnNodes:
    """Read a run; `late` are the entries that came when it was over."""
    traces = _Traces()
    for entry in (*entries, *late):
        traces.add(entry)
    release, review = snapshot.plan.scope.release, known.review
    outcome = known.outcome if known.is_over else None
    standings = component_standings(snapshot, known)
    results = tuple(
        NodeResult(
            node, component, standing, _why(known, component, node, standing), traces.jobs.get((component, node))
        )
        for (component, node), standing in standings.items()
    )
    began = review.armed.at if review.armed is not None else review.began
    assert began is not None
    return RunOnNodes(
        plan=snapshot.plan.name,
        run_id=run_id,
        environment=snapshot.plan.environment,
        product=release.product,
        release=release.version,
        at=began if outcome is None else outcome.at,
        outcome=None if outcome is None else outcome.event.outcome,
        nodes=node_standings(snapshot, known),
        results=results,
        left=_left(snapshot, run_id, known, results, traces),
        holders=_holders(snapshot, run_id, known, traces),
        armed=review.armed is not None,
        out={node: out_words(each) for node, each in known.out.items()},
        put_back=frozenset(traces.put_back),
    )


def out_words(each: OutOfService) -> str:
    """Say since when a node is out of service, and why it is."""
    why = each.left if each.left is not None else each.failed
    return f"drained since {each.since.astimezone(UTC):%F %R} UTC" + (f": {why}" if why else "")


class _Traces:
    """What the entries say of single nodes that the state of the run does not keep: times, locks taken away."""

    def __init__(self) -> None:
        self.jobs: dict[Place, JobTimes] = {}
        self._places: dict[tuple[str, str], Place] = {}
        self.ends: dict[tuple[str, Place], datetime] = {}
        self.unlocked: dict[str, datetime] = {}
        self.frozen: dict[str, str] = {}
        self.put_back: set[str] = set()

    def add(self, entry: Entry) -> None:
        match event_in(entry):
            case JobStarted() as began:
                place = began.component or "", began.node
                self._places[began.node, began.job] = place
                self.jobs[place] = JobTimes(began.job, began.component, began.step, entry.at)
            case JobEnded() as ended:
                self._job_ended(ended, entry.at)
            case WaveEnded() as wave:
                self._over("deploy", wave.component, wave.nodes, entry.at)
            case UndoEnded() as undo:
                self._over("undo", undo.component, undo.nodes, entry.at)
            case NodeUnlocked() as taken:
                self.unlocked[taken.node] = entry.at
            case NodesFrozen() as kept:
                self.frozen.update(dict.fromkeys(kept.nodes, kept.why or "nobody knows how it is"))
            case NodePutBack() as back:
                self.put_back.add(back.node)
            case _:
                pass

    def _job_ended(self, ended: JobEnded, at: datetime) -> None:
        place = self._places.get((ended.node, ended.job))
        if place is not None and (times := self.jobs[place]).job == ended.job:
            self.jobs[place] = replace(times, ended=at, exit=ended.exit)
            self.ends[times.step or "deploy", place] = at

    def _over(self, step: str, component: str, nodes: Mapping[str, NodeEnd], at: datetime) -> None:
        """Where a script ended, that is when it was done; else the end of the wave is."""
        for node, end in nodes.items():
            times = self.jobs.get((component, node))
            ran = times is not None and (times.step or "deploy") == step and times.ended is not None
            if end.is_done and not ran and not end.already:  # an earlier run did it, and has the entry
                self.ends.setdefault((step, (component, node)), at)


def _why(known: RunState, component: str, node: str, standing: NodeStanding) -> str | None:
    """What went wrong on this node alone; a wave's word on the whole of it is not repeated."""
    if standing in (NodeStanding.DONE, NodeStanding.NOT_STARTED, NodeStanding.WORKING):
        return None
    undo = known.since_armed.undone.get(component)
    if undo is not None and (end := undo.nodes.get(node)) is not None and end.why:
        return end.why
    if (left := known.since_armed.left_out.get(node)) is not None and left.component == component and left.end.why:
        return left.end.why
    for key, ended in known.review.waves.items():
        if key[0] == component and (end := ended.nodes.get(node)) is not None and end.why:
            return end.why
    failed = known.review.failed.get((component, node))
    return None if failed is None else failed.why


def _left(
    snapshot: Snapshot, run_id: str, known: RunState, results: Iterable[NodeResult], traces: _Traces
) -> dict[str, tuple[Mapping[str, object], ...]]:
    """By node, what its own ledger has of this run, in the words of that ledger."""
    release, ended = snapshot.plan.scope.release, known.outcome
    of: dict[str, object] = {"product": release.product, "plan": snapshot.plan.name, "run": run_id}
    left: dict[str, list[Mapping[str, object]]] = {}
    for each in results:
        place, here = (each.component, each.node), of | {"component": each.component}
        if each.standing is NodeStanding.DONE and (at := traces.ends.get(("deploy", place))) is not None:
            entry = here | {"event": "installed", "version": release.version, "at": at.isoformat()}
            left.setdefault(each.node, []).append(entry)
        elif each.standing is NodeStanding.UNDONE and (at := traces.ends.get(("undo", place))) is not None:
            version = known.points.get((each.node, each.component))
            entry = here | {"event": "restored", "version": version, "at": at.isoformat()}
            left.setdefault(each.node, []).append(entry)
    if ended is not None and known.is_over:
        verified = of | {"event": "verified", "at": ended.at.isoformat()}
        for node, versions in _proven(release.version, known, ended.event.outcome, results):
            left.setdefault(node, []).extend(verified | {"version": each} for each in versions)
    return {node: tuple(entries) for node, entries in left.items()}


def _proven(
    version: str, known: RunState, outcome: str, results: Iterable[NodeResult]
) -> Iterator[tuple[str, set[str | None]]]:
    """By node, what was there when the run proved that all is well: the release, or what a backout has restored."""
    wanted = NodeStanding.DONE if outcome in RELEASED else NodeStanding.UNDONE
    if outcome not in RELEASED and (outcome != Outcome.BACKED_OUT or not known.backout_proven):
        return
    found: dict[str, set[str | None]] = {}
    for each in results:
        if each.standing is wanted and each.node not in known.excluded:
            restored = known.points.get((each.node, each.component))
            found.setdefault(each.node, set()).add(version if wanted is NodeStanding.DONE else restored)
    yield from found.items()


def _holders(snapshot: Snapshot, run_id: str, known: RunState, traces: _Traces) -> dict[str, Holder]:
    """The nodes that the run has locked, or keeps locked after its end, but for those that a person took from it."""
    armed, over = known.review.armed, known.outcome if known.is_over else None
    if armed is None or (over is not None and over.event.outcome not in LEAVES_LOCKED):
        return {}
    after = None if over is None else f"the run ended in {over.event.outcome}"
    held = Holder(snapshot.plan.name, snapshot.digest, run_id, armed.at, "", after)
    return {
        node: replace(held, frozen=traces.frozen.get(node, held.frozen))
        for node in armed.event.nodes
        if traces.unlocked.get(node, armed.at) <= armed.at
    }
