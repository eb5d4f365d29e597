"""One step on one node: what is wanted, and how it ended."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from deployplan.evidence.kinds.deploy import NodeEnd
from deployplan.plan.model.component import Component


class NodeState(StrEnum):
    """What is true of a step on a node."""

    DONE = "done"
    FAILED = "failed"
    NOT_STARTED = "not_started"
    UNKNOWN = "unknown"


STOPPED_FIRST = "the component stopped first"
"""Why a step did not begin on a node whose component had failed elsewhere."""


@dataclass(frozen=True)
class NodeStep:
    """What to do on a node: the component's deploy or undo script, in this generation.

    `token` is what the node's lock must hold; `generation` decides whether an earlier failure may be tried again: that
    of an undo also tells one clear of its task from the next.
    `previous` is the release that the node came from, where it is recorded. `begun` are the ids of its jobs that the
    evidence says were started on the node. `anew`: what an earlier run did on the node is done again.
    `owner` is the component whose variables and secrets it has, where it is not the step's own name; `about` is the
    node that it is about, where that is not the one on which it runs.
    `lost_at` is since when the node does not answer, where an earlier process of this step found that.
    """

    component: Component
    name: str
    script: str
    token: str
    generation: str
    previous: str | None = None
    begun: frozenset[str] = frozenset()
    anew: bool = False
    lost_at: datetime | None = None
    owner: str | None = None
    about: str | None = None


@dataclass(frozen=True)
class StepResult:
    """How a step ended on a node. `already`: it was done before. `significant`: the whole component must stop."""

    state: NodeState
    why: str = ""
    job_id: str | None = None
    already: bool = False
    significant: bool = False

    @property
    def end(self) -> NodeEnd:
        """The result as evidence."""
        return NodeEnd(state=str(self.state), why=self.why, job=self.job_id, already=self.already)
