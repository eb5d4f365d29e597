"""What would a rerun do? The steps and nodes that it would work on, by what the nodes say now, before anyone clears."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from deployplan.plan.snapshot import Snapshot
from deployplan.plan.waves import Wave
from deployplan.remote.job import Attach, Done, Failed, NextStep, Start, Wait, next_step
from deployplan.remote.node_facts import NodeFacts
from deployplan.runbook.node.node_ledger import is_noted
from deployplan.runbook.node.traffic_job import host_of, is_out
from deployplan.runbook.run.generation import Generation, generation_of
from deployplan.runbook.run.run import Run
from deployplan.runbook.run.state import RunState


class Does(StrEnum):
    """What a step would do on a node."""

    START = "start"
    ATTACH = "attach"
    REPORT = "report"  # nobody was told yet how the last attempt ended: that comes first, and stops the step
    LEAVE = "leave"
    UNKNOWN = "unknown"

    @property
    def work(self) -> bool:
        """Whether the node would be worked on, or may be."""
        return self is not Does.LEAVE


@dataclass(frozen=True, slots=True)
class NodeForecast:
    """What would be done on one node, and why."""

    node: str
    does: Does
    why: str
    job: str | None = None

    def as_json(self) -> dict[str, object]:
        return {"node": self.node, "does": str(self.does), "why": self.why, "job": self.job}


@dataclass(frozen=True, slots=True)
class StepForecast:
    """A wave or an undo that would be carried out. `criteria`: whether the wave's criteria would be read again."""

    step: str
    component: str
    wave: int | None
    of: int | None
    nodes: tuple[NodeForecast, ...]
    criteria: bool = False

    @property
    def title(self) -> str:
        return f"{self.step} {self.component}" + (f" wave {self.wave} of {self.of}" if self.wave else "")

    def as_json(self) -> dict[str, object]:
        return {
            "step": self.step,
            "component": self.component,
            "wave": self.wave,
            "of": self.of,
            "criteria": self.criteria,
            "nodes": [each.as_json() for each in self.nodes],
        }


Answers = Mapping[str, NodeFacts | Exception]
"""What each node of the plan answered; an error where it did not."""


def fresh_generation(run: Run) -> Generation:
    """The generation that a person's clear would begin."""
    return generation_of(run, (run.read_state().generation or 0) + 1)


def deploy_forecast(
    snapshot: Snapshot, answers: Answers, state: RunState, generation: Generation
) -> tuple[StepForecast, ...]:
    """Every wave in running order. Clearing a later one is the same: what is missing before it comes first."""
    return tuple(_wave(snapshot, wave, answers, state, generation) for wave in snapshot.waves)


def undo_forecast(
    snapshot: Snapshot, answers: Answers, components: Iterable[str], generation: Generation
) -> tuple[StepForecast, ...]:
    """The undo of these components, in the order given; only where their deploy had started."""
    return tuple(
        StepForecast(
            "undo",
            name,
            None,
            None,
            tuple(_undone(snapshot, name, node.name, answers, generation) for node in snapshot.nodes_of(name)),
        )
        for name in components
    )


def _wave(snapshot: Snapshot, wave: Wave, answers: Answers, state: RunState, generation: Generation) -> StepForecast:
    token = generation.deploy
    but_by = generation.run_id if state.redeploys else None
    name = wave.component
    found = (
        _forecast(snapshot, name, "deploy", node, answers, generation=token, redone_but_by=but_by)
        for node in wave.nodes
    )
    nodes = tuple(_with_traffic(snapshot, name, each, answers, is_known_out=each.node in state.out) for each in found)
    criteria = any(each.does.work for each in nodes) or not state.gates.get((wave.component, wave.number))
    return StepForecast("deploy", wave.component, wave.number, wave.of, nodes, criteria)


def _with_traffic(
    snapshot: Snapshot, component: str, found: NodeForecast, answers: Answers, *, is_known_out: bool
) -> NodeForecast:
    """The forecast, and what comes of the node's traffic; `is_known_out`: the run has taken it out of service."""
    traffic = snapshot.plan.components[component].traffic
    if traffic is None:
        return found
    host, on = host_of(traffic, found.node), f" on {traffic.on}" if traffic.on else ""
    facts = answers.get(host)
    if not isinstance(facts, NodeFacts):
        return replace(found, why=f"{found.why}; whether it is in service cannot be asked: {facts}")
    is_drained = is_out(facts.jobs, found.node)
    if found.does.work:
        first = "it is drained already" if is_drained else f"it is drained first{on}"
        return replace(found, why=f"{found.why}; {first}, and put back when it is well")
    if is_drained and is_known_out:
        return replace(found, does=Does.START, why=f"{found.why}; it is drained, and put back{on}")
    return replace(found, why=f"{found.why}; it is drained, and left so") if is_drained else found


def _undone(snapshot: Snapshot, component: str, node: str, answers: Answers, generation: Generation) -> NodeForecast:
    facts = answers[node]
    if isinstance(facts, NodeFacts) and not any(job.has_deployed(snapshot.digest, component) for job in facts.jobs):
        return NodeForecast(node, Does.LEAVE, "the deploy had not started here")
    if snapshot.plan.components[component].undo is None:
        return NodeForecast(node, Does.REPORT, f"irreversible: {snapshot.plan.components[component].irreversible}")
    found = _forecast(snapshot, component, "undo", node, answers, generation=f"{generation.backout}/cleared")
    return _with_traffic(snapshot, component, found, answers, is_known_out=False)


def _forecast(
    snapshot: Snapshot,
    component: str,
    step: str,
    node: str,
    answers: Answers,
    *,
    generation: str,
    redone_but_by: str | None = None,
) -> NodeForecast:
    facts = answers[node]
    if not isinstance(facts, NodeFacts):
        return NodeForecast(node, Does.UNKNOWN, str(facts))
    found = next_step(facts.jobs, digest=snapshot.digest, component=component, step=step, generation=generation)
    if redone_but_by and isinstance(found, Done) and is_noted(facts, found.job.job_id, but_by=redone_but_by):
        return NodeForecast(node, Does.START, f"attempt {found.job.attempt + 1}; an earlier run's work is done again")
    return _told(node, found, facts, generation)


def _told(node: str, found: NextStep, facts: NodeFacts, generation: str) -> NodeForecast:
    """What bring.py makes of the same facts: done counts once its result was judged and noted on the node."""
    match found:
        case Start(attempt):
            return NodeForecast(node, Does.START, f"attempt {attempt}")
        case Wait(job):
            return NodeForecast(node, Does.START, f"a new attempt, as soon as {job.job_id} has ended")
        case Attach(job):
            return NodeForecast(node, Does.ATTACH, "runs now", job.job_id)
        case Done(job) if is_noted(facts, job.job_id):
            return NodeForecast(node, Does.LEAVE, "done", job.job_id)
        case Done(job) if job.seen and generation not in job.seen:
            return NodeForecast(node, Does.START, f"attempt {job.attempt + 1}; the last one failed by its output")
        case Done(job):
            return NodeForecast(node, Does.ATTACH, "ended, but nobody has judged its output yet", job.job_id)
        case Failed(job, reason):
            return NodeForecast(node, Does.REPORT, f"{reason}, and this is not reported yet", job.job_id)
