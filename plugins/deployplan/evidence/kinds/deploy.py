"""Kinds of entries of the waves and of the jobs on the nodes."""

from collections.abc import Mapping
from typing import Annotated

from deployplan.evidence.event import Event, Facts
from deployplan.evidence.kinds.words import (
    ComponentFact,
    GenerationFact,
    JobFact,
    NodeFact,
    NodesFact,
    NoteFact,
    PersonFact,
    WaveFact,
    WhyFact,
)


class NodeEnd(Facts):
    """How a step ended on a node."""

    state: Annotated[str, "done, failed, not_started or unknown"]
    why: WhyFact = None
    job: Annotated[str | None, "id of the job"] = None
    already: Annotated[bool, "whether it was done before"] = False

    @property
    def is_done(self) -> bool:
        """Whether the step did its work there."""
        return self.state == "done"


class JobShown(Facts):
    """Up to which byte a job's output was shown."""

    job: JobFact
    shown: Annotated[int, "bytes"]


class WaveWaited(Event, line="{component} wave {wave} waits: {reason}"):
    """The wave may not start yet."""

    component: ComponentFact
    wave: WaveFact
    reason: WhyFact = None


class WaveNotStarted(Event, kind="wave_held", line="{component} wave {wave} did NOT START: {reason}"):
    """The wave could not start before the window closed."""

    component: ComponentFact
    wave: WaveFact
    reason: WhyFact = None


class WaveStarted(Event, line="{component} wave {wave} started on {nodes}"):
    """From here on jobs of the wave may run."""

    component: ComponentFact
    wave: WaveFact
    nodes: NodesFact = ()
    generation: GenerationFact = None


class JobStarted(Event, line="{node}: [{component} ][{step} ]started as {job}"):
    """A script runs on a node."""

    node: NodeFact
    job: JobFact
    step: Annotated[str | None, "deploy or undo"] = None
    component: Annotated[str | None, "name of the component"] = None


class JobAttached(Event, line="{node}: attached to {job}, which runs already"):
    """A job that runs is watched."""

    node: NodeFact
    job: JobFact


class NodeLost(Event, line="{node} does not answer[ ({component})][: {why}]"):
    """The line to a node broke."""

    node: NodeFact
    component: Annotated[str | None, "name of the component"] = None
    why: WhyFact = None


class NodeBack(Event, line="{node} answers again[ ({component})]"):
    """The line stands again."""

    node: NodeFact
    component: Annotated[str | None, "name of the component"] = None


class JobEnded(Event, line="{node}: {job} ended[ as {state}][ with exit {exit}]"):
    """A script is over."""

    node: NodeFact
    job: JobFact
    state: Annotated[str | None, "done, failed, terminated or lost"] = None
    exit: Annotated[int | None, "exit code of the script"] = None
    log_sha256: Annotated[str | None, "sha256 of the job's log"] = None
    log_bytes: Annotated[int | None, "length of the log"] = None


class WaveLeft(Event, line="{component} wave {wave}: watched by another process from here on"):
    """The process that watched is going."""

    component: ComponentFact
    wave: WaveFact
    nodes: Annotated[Mapping[str, JobShown], "by node, the job and up to which byte its output was shown"]


class NodeFailed(Event, line="{node} FAILED[ ({component})][: {why}]"):
    """A node counts on the budget."""

    node: NodeFact
    component: Annotated[str | None, "name of the component"] = None
    why: WhyFact = None
    state: Annotated[str | None, "how the step ended there: failed or unknown"] = None


class NodeExcluded(Event, line="{node} left out[ of {component}][: {why}]"):
    """Nothing is put on top of what failed."""

    node: NodeFact
    component: Annotated[str | None, "name of the component"] = None
    why: WhyFact = None


class JobTerminated(
    Event,
    kind="terminated",
    line="{node}: terminated {job}, {gone?proven gone|NOT PROVEN GONE}[ ({why})][: {error}][, left over: {survivors}]"
    "[; looked for: {ground}][; left alone: {strangers}]",
):
    """A job was ended, and it was looked for again."""

    node: NodeFact
    job: JobFact
    why: WhyFact = None
    gone: Annotated[bool, "whether every process is proven gone"] = True
    state: Annotated[str | None, "how the job stands"] = None
    signals: Annotated[tuple[str, ...], "what was sent"] = ()
    survivors: Annotated[tuple[str, ...], "processes that are still there"] = ()
    ground: Annotated[str | None, "which processes were looked for, and which ones that does not see"] = None
    strangers: Annotated[
        tuple[str, ...], "processes that carry the job's mark and that others started; they were left alone"
    ] = ()
    error: Annotated[str | None, "why there is no proof"] = None


class WaveStopped(Event, line="{component} wave {wave} stopped, and asks what to do: {why}"):
    """The wave has failed, and is not over: people are asked first."""

    component: ComponentFact
    wave: WaveFact
    why: Annotated[str, "what stopped it"]
    nodes: Annotated[Mapping[str, NodeEnd], "how the step ended on each node"]
    criteria: Annotated[tuple[str, ...], "criteria that did not hold"] = ()
    no_answer: Annotated[
        tuple[str, ...], "of those, the ones that told nothing and back nothing out by themselves"
    ] = ()
    generation: GenerationFact = None


class FailureAnswered(
    Event,
    line="{component} wave {wave}: {answer}[ {nodes}][, until {until}][, says {person}][ ({note})]",
):
    """What becomes of a wave that has stopped."""

    component: ComponentFact
    wave: WaveFact
    answer: Annotated[str, "try_again, leave_out, back_out or wait"]
    person: PersonFact = None
    note: NoteFact = None
    nodes: Annotated[tuple[str, ...], "the nodes that it is about"] = ()
    until: Annotated[str | None, "when it is asked again"] = None
    generation: GenerationFact = None


class WaveEnded(Event, line="{component} wave {wave} {ok?done|STOPPED}[: {why}][; left out: {excluded}]"):
    """The wave is over, its gate too."""

    component: ComponentFact
    wave: WaveFact
    ok: Annotated[bool, "whether it ended well"]
    nodes: Annotated[Mapping[str, NodeEnd], "how the step ended on each node"]
    excluded: Annotated[tuple[str, ...], "nodes that failed within the budget"] = ()
    why: Annotated[str | None, "what stopped it"] = None
    closed: Annotated[bool, "whether it was the close of the window"] = False
    criteria: Annotated[tuple[str, ...], "criteria that did not hold"] = ()
    no_answer: Annotated[
        tuple[str, ...], "of those, the ones that told nothing and back nothing out by themselves"
    ] = ()
    generation: GenerationFact = None
