"""What has become of a run, by its evidence: one typed value, into which fold.py folds each entry once."""

import copy
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Self

from deployplan.evidence.event import Event
from deployplan.evidence.kinds.backout import (
    BackoutVerified,
    RestUnproven,
    UndoEnded,
)
from deployplan.evidence.kinds.deploy import (
    FailureAnswered,
    NodeFailed,
    WaveEnded,
    WaveStopped,
    WaveWaited,
)
from deployplan.evidence.kinds.end import OutcomeReached
from deployplan.evidence.kinds.people import Acknowledged
from deployplan.evidence.kinds.review import (
    AuthorsFound,
    BaselineTaken,
    ConflictFound,
    ConnectionSeen,
    NodeExamined,
    PlanFrozen,
    SeatApproved,
)
from deployplan.evidence.kinds.verify import (
    CriterionRead,
    DecisionMade,
    ManualAnswer,
    ReleaseVerified,
)
from deployplan.evidence.kinds.window import ArmingBegun, LockWaited, RunArmed, WindowChosen
from deployplan.plan.model.moment import Moment
from deployplan.runbook.run.traces import (
    CardState,
    Failure,
    JobTrace,
    LeftOut,
    MessageTrace,
    MomentSeen,
    Noted,
    OutOfService,
    Refusal,
    SeatState,
    StoppedWave,
    TakingBack,
    WaveKey,
    WaveRun,
)


class _Folded:
    """A value that is copied before more is folded into it: what somebody holds never changes under his hands."""

    def copy(self) -> Self:
        """A copy whose collections are its own; what they hold is never changed."""
        new = copy.copy(self)
        for each in fields(self):  # type: ignore[arg-type]
            setattr(new, each.name, _own(getattr(self, each.name)))
        return new


def _own(value: Any) -> Any:
    if isinstance(value, dict | set | list):
        return value.copy()
    return value.copy() if isinstance(value, _Folded) else value


@dataclass(slots=True)
class ReviewState(_Folded):
    """What was found since the plan was frozen last: one pass of the run, from its review to its end.

    `early_end` is what ended it before anything was deployed; `held` tells that the window closed on it half done, and
    that nobody has decided since; `first_starts` are when waves began, whatever was tried again later; `waits` is why
    the next wave, or the arming, does not begin; `failed` are the nodes on which a component failed since its wave
    began last, by component and node.
    """

    began: datetime | None = None
    seats: dict[int, SeatState] = field(default_factory=dict)
    refusals: list[Noted[Refusal]] = field(default_factory=list)
    approved_at: datetime | None = None
    nodes: dict[str, NodeExamined] = field(default_factory=dict)
    conflicts: list[ConflictFound] = field(default_factory=list)
    authors: AuthorsFound | None = None
    connections: dict[str, ConnectionSeen] = field(default_factory=dict)
    connections_asked: dict[int, dict[str, ConnectionSeen]] = field(default_factory=dict)
    baseline: BaselineTaken | None = None
    window: WindowChosen | None = None
    early_end: Noted[Event] | None = None
    arming: int | None = None
    armed: Noted[RunArmed] | None = None
    armed_first: datetime | None = None
    begun: dict[str, None] = field(default_factory=dict)
    waves: dict[WaveKey, WaveEnded] = field(default_factory=dict)
    starts: dict[tuple[WaveKey, str | None], datetime] = field(default_factory=dict)
    first_starts: dict[WaveKey, datetime] = field(default_factory=dict)
    runs: dict[WaveKey, WaveRun] = field(default_factory=dict)
    verified: ReleaseVerified | None = None
    manual: dict[str, ManualAnswer] = field(default_factory=dict)
    marks: list[str] = field(default_factory=list)
    held: bool = False
    waits: WaveWaited | LockWaited | None = None
    failed: dict[tuple[str | None, str], NodeFailed] = field(default_factory=dict)

    @property
    def approvals(self) -> dict[int, Noted[SeatApproved]]:
        """The yes that stands, by seat: the latest word on it since it was asked last."""
        found = {number: seat.approval for number, seat in self.seats.items()}
        return {number: yes for number, yes in found.items() if yes is not None}

    @property
    def done(self) -> set[WaveKey]:
        """The waves that ended well and were not undone since."""
        return {key for key, ended in self.waves.items() if ended.ok}


@dataclass(slots=True)
class ArmingState(_Folded):
    """What was found since the last arming.

    `tries` counts, by wave, how often people had it tried again, and `admitted` which of these was begun; `again` are
    the stops of those that were not; `resumed` are those of all that have not ended since. `backs_out` is the word on a
    stopped wave that the release goes back, and `undoes` whether that was decided otherwise, or the undo of a component
    has begun.
    """

    failures: list[Failure] = field(default_factory=list)
    question: StoppedWave | None = None
    backs_out: FailureAnswered | None = None
    tries: dict[WaveKey, int] = field(default_factory=dict)
    admitted: dict[WaveKey, int] = field(default_factory=dict)
    again: dict[WaveKey, WaveStopped] = field(default_factory=dict)
    resumed: dict[WaveKey, WaveStopped] = field(default_factory=dict)
    left_out: dict[str, LeftOut] = field(default_factory=dict)
    readings: dict[tuple[str, str | None], CriterionRead] = field(default_factory=dict)
    marks: list[str] = field(default_factory=list)
    stopped_by: list[str] = field(default_factory=list)
    decision: DecisionMade | None = None
    unproven: RestUnproven | None = None
    undoes: bool = False
    undone: dict[str, UndoEnded] = field(default_factory=dict)
    backout: BackoutVerified | None = None
    manual: dict[str, ManualAnswer] = field(default_factory=dict)


@dataclass(slots=True)
class RunState(_Folded):
    """All that the evidence of a run says, of `entries` entries.

    `points`, `at_work` and `readings_before` are by node and component or criterion; `tries` are the last ends of the
    waves by generation; `gates` says whether a wave's criteria have held since its component was undone last;
    `out` are the nodes that are out of service, or may be; `messages` are by key and channel, `moments` by moment and
    occasion, the first of each;
    `released` is the outcome by which the release came to production, while it is there, and a backout that was asked
    for and declined leaves it, so that it puts off no time limit; `half_done` are the components that were begun and
    neither released nor undone since; `is_over` is true from an outcome to the next pass.
    """

    entries: int = 0
    frozen: PlanFrozen | None = None
    review: ReviewState = field(default_factory=ReviewState)
    since_armed: ArmingState = field(default_factory=ArmingState)
    last_arming: ArmingBegun | None = None
    armed: Noted[RunArmed] | None = None
    generation: int | None = None
    points: dict[tuple[str, str], str | None] = field(default_factory=dict)
    out: dict[str, OutOfService] = field(default_factory=dict)
    at_work: set[tuple[str, str | None]] = field(default_factory=set)
    jobs: dict[tuple[str, str], JobTrace] = field(default_factory=dict)
    begun_steps: dict[tuple[str, str, str | None], int] = field(default_factory=dict)
    losses: dict[tuple[str | None, str], tuple[tuple[int, datetime], ...]] = field(default_factory=dict)
    shown: dict[tuple[WaveKey, str, str], int] = field(default_factory=dict)
    starts: dict[tuple[WaveKey, str | None], datetime] = field(default_factory=dict)
    tries: dict[tuple[WaveKey, str | None], WaveEnded] = field(default_factory=dict)
    gates: dict[WaveKey, bool] = field(default_factory=dict)
    excluded: set[str] = field(default_factory=set)
    messages: dict[tuple[str, str], MessageTrace] = field(default_factory=dict)
    moments: dict[tuple[Moment, str | None], MomentSeen] = field(default_factory=dict)
    acknowledged: Noted[Acknowledged] | None = None
    acknowledged_alone: dict[str, datetime] = field(default_factory=dict)
    cards: dict[str, CardState] = field(default_factory=dict)
    readings_before: dict[tuple[str, str | None], bool] = field(default_factory=dict)
    half_done: dict[str, None] = field(default_factory=dict)
    backout_proven: bool = True
    outcome: Noted[OutcomeReached] | None = None
    released: Noted[OutcomeReached] | None = None
    taking_back: TakingBack | None = None
    is_over: bool = False
    refusals: set[tuple[str | None, str | None]] = field(default_factory=set)
    refused_requests: int = 0

    @property
    def is_backing_out(self) -> bool:
        """Whether the run goes back by now, whoever has said so."""
        after = self.since_armed
        return not self.is_over and (after.undoes or after.backs_out is not None or after.backout is not None)

    @property
    def redeploys(self) -> bool:
        """Whether whoever triggered the run wants the scripts to run again where they have run."""
        return self.frozen is not None and self.frozen.redeploy is True

    def jobs_begun(self, component: str, step: str) -> dict[str, frozenset[str]]:
        """By node, the jobs of this step that the node must know of: those started since the last arming, and those of
        earlier turns of whose end there is no evidence. A deploy that was undone since does not count.
        """
        found: dict[str, set[str]] = {}
        for (node, job), trace in self.jobs.items():
            if trace.counts and (trace.component, trace.step) == (component, step):
                found.setdefault(node, set()).add(job)
        return {node: frozenset(jobs) for node, jobs in found.items()}

    def jobs_without_end(self) -> dict[str, tuple[str, ...]]:
        """By node, the jobs that were started there, in any turn of the run, and of whose end there is no evidence."""
        found: dict[str, tuple[str, ...]] = {}
        for (node, job), trace in self.jobs.items():
            if not trace.ended:
                found[node] = (*found.get(node, ()), job)
        return found

    def lost_since(self, component: str, step: str, generation: str) -> dict[str, datetime]:
        """By node, since when it does not answer, of those that have not come back since this step began.

        `step` is deploy or undo.
        """
        begun = self.begun_steps.get((component, step, generation))
        if begun is None:
            return {}
        found = {}
        for (of, node), losses in self.losses.items():
            behind = [at for seq, at in losses if seq > begun]
            if of == component and behind:
                found[node] = behind[0]
        return found

    def shown_of(self, wave: WaveKey) -> dict[tuple[str, str], int]:
        """Up to which byte the output of the wave's jobs was shown, by node and job."""
        return {(node, job): shown for (key, node, job), shown in self.shown.items() if key == wave}
