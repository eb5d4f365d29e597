"""What became of each thing of a run, by its evidence: a seat, a card, a wave that stopped, a message, a job."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Generic, TypeAlias, TypeVar

from deployplan.evidence.event import Event
from deployplan.evidence.kinds.backout import (
    BackoutAsked,
    BackoutDeclined,
)
from deployplan.evidence.kinds.deploy import (
    FailureAnswered,
    NodeEnd,
    WaveEnded,
    WaveNotStarted,
    WaveStopped,
)
from deployplan.evidence.kinds.people import MessageBegun
from deployplan.evidence.kinds.review import (
    SeatApproved,
    SeatAsked,
    SeatExpired,
    SeatRejected,
)
from deployplan.evidence.kinds.verify import (
    CardAnswered,
    CardClosed,
    CardPut,
    ManualAnswer,
    QuestionWaits,
    ReleaseVerified,
)
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


OVER = "the card that you answered is over, and was asked anew"
"""Why an answer counts for nothing that came behind the next card."""


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

    @property
    def answer(self) -> CardAnswered | CardClosed | None:
        """What counts: what the task has done, else what was accepted first."""
        return self.closed or self.answered

    def why_not_counted(self, given: CardAnswered) -> str | None:
        """Why this answer, the next in the evidence, does not count: another does, or it was to an earlier card."""
        if given.card not in (None, self.seq):
            return OVER
        counts = self.answer
        return None if counts is None or is_same_answer(counts, given) else why_taken(counts)

    def why_refused(self, person: str | None, option: str | None) -> str | None:
        """Why this answer counts for nothing: its author was not asked, or may not choose that; None when it counts."""
        if person is None or person not in self.put.people:
            return f"asked were {', '.join(self.put.people) or 'nobody'}"
        if self.put.options is None or option is None or person in self.put.options.get(option, ()):
            return None
        if option not in self.put.options:
            return f"{option!r} is not offered; offered are {', '.join(self.put.options)}"
        return f"{option!r} is for {', '.join(self.put.options[option])}"


def is_same_answer(one: CardAnswered | CardClosed, other: CardAnswered | CardClosed) -> bool:
    """Whether both tell of one answer: the name of who gave it may have become known in between."""
    who = one.person == other.person if None in (one.user, other.user) else one.user == other.user
    return who and one.option == other.option


def why_taken(counts: CardAnswered | CardClosed) -> str:
    """Why no other answer is taken, in words for who gives one."""
    if counts.option is None:
        return "silence was taken for an answer already"
    return f"{counts.person} has answered already: {counts.option}"


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


@dataclass(frozen=True, slots=True)
class OutOfService:
    """A node that was taken out of service, or may have been, for a component, and was not put back since.

    `sure`: it was seen that it serves nobody. `failed` is why it could not be put back, `left` why nobody tries.
    """

    component: str
    since: datetime
    on: str | None = None
    sure: bool = False
    failed: str | None = None
    left: str | None = None
