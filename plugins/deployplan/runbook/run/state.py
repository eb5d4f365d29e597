"""What has become of a run, by its evidence: one typed value, into which fold.py folds each entry once."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Generic, Self, TypeAlias, TypeVar

from deployplan.evidence.event import Event
from deployplan.evidence.kinds.backout import (
    BackoutAsked,
    BackoutDeclined,
    BackoutVerified,
    RestUnproven,
    UndoEnded,
)
from deployplan.evidence.kinds.deploy import (
    FailureAnswered,
    NodeEnd,
    NodeFailed,
    WaveEnded,
    WaveNotStarted,
    WaveStopped,
    WaveWaited,
)
from deployplan.evidence.kinds.end import OutcomeReached
from deployplan.evidence.kinds.people import Acknowledged, MessageBegun
from deployplan.evidence.kinds.review import (
    AuthorsFound,
    BaselineTaken,
    ConflictFound,
    ConnectionSeen,
    NodeExamined,
    PlanFrozen,
    SeatApproved,
    SeatAsked,
    SeatExpired,
    SeatRejected,
)
from deployplan.evidence.kinds.verify import (
    CardAnswered,
    CardClosed,
    CardPut,
    CriterionRead,
    DecisionMade,
    ManualAnswer,
    QuestionWaits,
    ReleaseVerified,
)
from deployplan.evidence.kinds.window import ArmingBegun, LockWaited, RunArmed, WindowChosen
from deployplan.plan.model.moment import Moment

E = TypeVar("E", bound=Event, covariant=True)

WaveKey: TypeAlias = tuple[str, int]
"""A component and the number of its wave."""
Refusal: TypeAlias = SeatRejected | SeatExpired
Failure: TypeAlias = WaveEnded | WaveNotStarted | ReleaseVerified | ManualAnswer


@dataclass(frozen=True, slots=True)
class Noted(Generic[E]):
    """An event and its place. `bound`: its entry says to which run it belongs; those of the first format do not."""

    event: E
    seq: int
    at: datetime
    bound: bool
    hash: str = ""


@dataclass(frozen=True, slots=True)
class SeatState:
    """The latest card of an approval seat, and what was answered since."""

    asked: SeatAsked | None = None
    answer: Noted[SeatApproved | Refusal] | None = None

    @property
    def approval(self) -> Noted[SeatApproved] | None:
        """The yes that stands."""
        found = self.answer
        return found if found is not None and isinstance(found.event, SeatApproved) else None  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class CardState:
    """The latest card of a task, what Airflow took as its answer, and what the task made of that.

    `tries` is how many were put since a person cleared the task last, each by another try of it, and `since` when the
    first of them was; `waits` is the last word that it shall wait.
    `gone`: a person has ended or cleared its task since, so that nobody is asked any more.
    """

    seq: int
    put: CardPut
    at: datetime
    answered: CardAnswered | None = None
    closed: CardClosed | None = None
    tries: int = 1
    since: datetime | None = None
    waits: QuestionWaits | None = None
    gone: bool = False

    @property
    def is_open(self) -> bool:
        """Whether people are asked, as far as the evidence says."""
        return self.answered is None and self.closed is None and not self.gone

    def why_refused(self, person: str | None, option: str | None) -> str | None:
        """Why this answer counts for nothing: its author was not asked, or may not choose that; None when it counts."""
        if person is None or person not in self.put.people:
            return f"asked were {', '.join(self.put.people) or 'nobody'}"
        if self.put.options is None or option is None or person in self.put.options.get(option, ()):
            return None
        if option not in self.put.options:
            return f"{option!r} is not offered; offered are {', '.join(self.put.options)}"
        return f"{option!r} is for {', '.join(self.put.options[option])}"


class FailureAnswer(StrEnum):
    """What becomes of a wave that has stopped."""

    TRY_AGAIN = "try_again"
    LEAVE_OUT = "leave_out"
    BACK_OUT = "back_out"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class StoppedWave:
    """A wave that has stopped and asks; `waits` is the last word that it shall wait, `ends` that it is backed out."""

    stop: Noted[WaveStopped]
    waits: Noted[FailureAnswered] | None = None
    ends: Noted[FailureAnswered] | None = None

    @property
    def wave(self) -> WaveKey:
        return self.stop.event.component, self.stop.event.wave

    @property
    def asked_seq(self) -> int:
        """The entry since which it is asked as it is now: an answer to a card before it was to another question."""
        return (self.waits or self.stop).seq


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A node that people left out of a component after it had failed there."""

    component: str
    end: NodeEnd
    by: str


@dataclass(frozen=True, slots=True)
class MomentSeen:
    """Something of which people are told; `occasion` tells two of the same moment apart, `facts` go into the words."""

    moment: Moment
    occasion: str | None
    at: datetime
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MessageTrace:
    """What became of a message on one channel. `begun`: an attempt that has not ended, as far as the evidence says.

    `ended` are the attempts that have: an attempt that began before the seal may end behind it, in another ledger.
    `at` is when something became of it last, `again_at` when a person wanted it sent again.
    """

    begun: Noted[MessageBegun] | None = None
    ended: tuple[str, ...] = ()
    sent: bool = False
    uncertain: bool = False
    failures: int = 0
    failed_at: datetime | None = None
    told: str | None = None
    at: datetime | None = None
    again_at: datetime | None = None

    def beside(self, other: "MessageTrace") -> "MessageTrace":
        """This, when the other ledger of the run says that."""
        if other.again_at is not None and self.at is not None and self.at <= other.again_at:
            return MessageTrace(ended=self.ended)
        if self.begun is None or self.begun.event.attempt not in other.ended:
            return self
        return replace(self, begun=None)


ATTEMPT_GONE_AFTER = timedelta(seconds=300)
"""An attempt to send a message that has not ended by then never will: the process that made it is gone."""


@dataclass(frozen=True, slots=True)
class JobTrace:
    """A job that was started on a node. `counts`: since the last arming, or its end is not known, and not undone.

    `state` is how it ended: done, failed, terminated or lost.
    """

    component: str | None
    step: str | None
    ended: bool = False
    counts: bool = True
    state: str | None = None


@dataclass(frozen=True, slots=True)
class WaveRun:
    """A wave that was done as a whole in one go: when it began, and its end."""

    began: datetime
    ended: Noted[WaveEnded]


@dataclass(frozen=True, slots=True)
class TakingBack:
    """A backout that was asked for when the release had ended well, and not yet come to an outcome."""

    asked: Noted[BackoutAsked]
    declined: BackoutDeclined | None = None


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
    the stops of those that were not. `backs_out` is the word on a stopped wave that the release goes back.
    """

    failures: list[Failure] = field(default_factory=list)
    question: StoppedWave | None = None
    backs_out: FailureAnswered | None = None
    tries: dict[WaveKey, int] = field(default_factory=dict)
    admitted: dict[WaveKey, int] = field(default_factory=dict)
    again: dict[WaveKey, WaveStopped] = field(default_factory=dict)
    left_out: dict[str, LeftOut] = field(default_factory=dict)
    readings: dict[tuple[str, str | None], CriterionRead] = field(default_factory=dict)
    marks: list[str] = field(default_factory=list)
    stopped_by: list[str] = field(default_factory=list)
    decision: DecisionMade | None = None
    unproven: RestUnproven | None = None
    undone: dict[str, UndoEnded] = field(default_factory=dict)
    backout: BackoutVerified | None = None
    manual: dict[str, ManualAnswer] = field(default_factory=dict)


@dataclass(slots=True)
class RunState(_Folded):
    """All that the evidence of a run says, of `entries` entries.

    `points`, `at_work` and `readings_before` are by node and component or criterion; `tries` are the last ends of the
    waves by generation; `gates` says whether a wave's criteria have held since its component was undone last;
    `messages` are by key and channel, `moments` by moment and occasion, the first of each;
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
