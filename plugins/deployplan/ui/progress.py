"""How far is a run: its phase, wave, seats and budget, and the one sentence that says what it waits for?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from deployplan.evidence.kinds.deploy import WaveWaited
from deployplan.evidence.story import sentence_of
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.waves import Wave
from deployplan.runbook.decide import Decision, trouble_in
from deployplan.runbook.run.proof import waves_to_do
from deployplan.runbook.run.state import RunState
from deployplan.runbook.task_names import wave_title
from deployplan.ui.node_bar import NodeStanding, component_standings, count_standings, goes_on, node_standings

NAMED = 5
"""So many nodes that are in trouble are named."""
TROUBLE = frozenset({NodeStanding.FAILED, NodeStanding.UNKNOWN, NodeStanding.LEFT_OUT})
"""What counts on the budget."""


class Phase(IntEnum):
    """The six phases that Airflow's grid shows."""

    REVIEW = 1
    WINDOW = 2
    DEPLOY = 3
    VERIFY = 4
    BACKOUT = 5
    OUTCOME = 6


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A card that nobody has answered: its task, the people who may, and what stands on it.

    `until` is when silence is taken for an answer; None when nothing is done without one. `rights` says by option who
    may choose it, where that is not everybody who is asked.
    """

    task: str
    people: tuple[str, ...]
    subject: str
    until: datetime | None = None
    rights: Mapping[str, tuple[str, ...]] | None = None

    def may_choose(self, person: str, option: str) -> bool:
        """Whether this person may choose that."""
        return person in self.people and (self.rights is None or person in self.rights.get(option, ()))


@dataclass(frozen=True, slots=True)
class SeatsTaken:
    """How many of the approval's seats have a yes, of whom, and who may take those that are left."""

    taken: int
    of: int
    by: tuple[str, ...]
    may: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BudgetLeft:
    """How many nodes of the component that is worked on will not have the release, and how many may."""

    component: str
    failed: int
    allowed: int

    def __str__(self) -> str:
        return f"{max(0, self.allowed - self.failed)} of {self.allowed} left ({self.component})"


@dataclass(frozen=True, slots=True)
class WavePlace:
    """The wave that goes on or comes next, counted over all components, and its name; `of` when all are done."""

    number: int
    of: int
    title: str


@dataclass(frozen=True, slots=True)
class RunProgress:
    """All that plan and evidence say of a run; it changes with the evidence, and not with the clock.

    `troubled` names the first nodes that failed, are unknown or were left out. `sentence` is None where the verdict
    says what it waits for. `began` is when it took its nodes.
    """

    phase: Phase | None
    wave: WavePlace
    nodes: Mapping[NodeStanding, int]
    troubled: tuple[str, ...]
    question: OpenQuestion | None
    seats: SeatsTaken
    budget: BudgetLeft
    sentence: str | None
    began: datetime | None


def progress_of(snapshot: Snapshot, known: RunState | None = None) -> RunProgress:
    """How far a run is; without one, how far a plan is of which nothing has begun."""
    standings = node_standings(snapshot, known)
    armed = None if known is None else known.review.armed
    return RunProgress(
        phase=None if known is None else phase_of(snapshot, known),
        wave=wave_place(snapshot, known),
        nodes=count_standings(standings.values()),
        troubled=tuple(node for node, standing in standings.items() if standing in TROUBLE)[:NAMED],
        question=None if known is None else open_question(known),
        seats=seats_of(snapshot, known),
        budget=budget_left(snapshot, known),
        sentence=None if known is None else told_by_evidence(snapshot, known),
        began=None if armed is None else armed.at,
    )


def phase_of(snapshot: Snapshot, known: RunState) -> Phase:
    """The phase in which a run is."""
    review, after = known.review, known.since_armed
    if known.is_over:
        return Phase.OUTCOME
    if review.armed is None:
        return Phase.WINDOW if len(review.approvals) >= snapshot.plan.approval.quorum else Phase.REVIEW
    if known.taking_back is not None:
        return Phase.BACKOUT
    decided = after.decision is not None and after.decision.decision == Decision.BACK_OUT
    if decided or after.undone or after.failures or after.stopped_by:
        return Phase.BACKOUT
    return Phase.DEPLOY if waves_to_do(snapshot, known) else Phase.VERIFY


def open_question(known: RunState) -> OpenQuestion | None:
    """The card that was put last, while nobody has answered it and the run is not over."""
    waiting = [card for card in known.cards.values() if card.is_open]
    if known.is_over or not waiting:
        return None
    put = max(waiting, key=lambda card: card.seq).put
    until = None if put.until is None else datetime.fromisoformat(put.until)
    return OpenQuestion(put.task, put.people, put.subject or put.task, until, put.options)


def seats_of(snapshot: Snapshot, known: RunState | None = None) -> SeatsTaken:
    """The seats of a plan's approval; without a run all are to be taken."""
    plan = snapshot.plan
    yes = [] if known is None else [each.event.person or "?" for each in known.review.approvals.values()]
    started_by = None if known is None or known.frozen is None else known.frozen.triggered_by
    wrote = known.review.authors.people if known is not None and known.review.authors is not None else ()
    may = plan.may_approve(besides=[*yes, *wrote, *([started_by] if started_by else [])])
    quorum = plan.approval.quorum
    return SeatsTaken(len(yes), quorum, tuple(yes), may if len(yes) < quorum else ())


def wave_place(snapshot: Snapshot, known: RunState | None = None) -> WavePlace:
    """The wave that goes on, else the first that is still to do, else the last."""
    waves, wave = snapshot.waves, _current(snapshot, known)
    return WavePlace(waves.index(wave) + 1, len(waves), wave_title(wave))


def budget_left(snapshot: Snapshot, known: RunState | None = None) -> BudgetLeft:
    """The budget of the component of that wave: a node that failed, is unknown or was left out counts on it."""
    component = _current(snapshot, known).component
    found = component_standings(snapshot, known)
    failed = sum(1 for (of, _), standing in found.items() if of == component and standing in TROUBLE)
    return BudgetLeft(component, failed, snapshot.plan.components[component].max_failures)


def _current(snapshot: Snapshot, known: RunState | None) -> Wave:
    left = snapshot.waves if known is None else waves_to_do(snapshot, known)
    on = [wave for wave in left if known is not None and goes_on(known, (wave.component, wave.number))]
    return next(iter((*on, *left)), snapshot.waves[-1])


def told_by_evidence(snapshot: Snapshot, known: RunState) -> str | None:
    """Say what a run waits for, does, or why it stopped: a card's subject, or the words of the evidence.

    None when that is for window, freezes, hold and the queue to say, now.
    """
    review, after = known.review, known.since_armed
    if known.is_over and known.outcome is not None:
        return known.outcome.event.because or known.outcome.event.outcome
    if (question := open_question(known)) is not None:
        return question.subject
    if known.taking_back is not None and not after.undone:
        return sentence_of(known.taking_back.asked.event)
    if review.armed is None:
        return _before_arming(snapshot, known)
    if after.decision is not None and after.decision.decision == Decision.BACK_OUT:
        return sentence_of(after.decision)
    if trouble := trouble_in(known):
        return "; ".join(trouble)
    if after.question is not None:
        return sentence_of((after.question.waits or after.question.stop).event)
    if isinstance(review.waits, WaveWaited) and review.waits.reason:
        return review.waits.reason
    if waves_to_do(snapshot, known):
        return wave_place(snapshot, known).title
    return _verifying(snapshot, known)


def _before_arming(snapshot: Snapshot, known: RunState) -> str | None:
    review = known.review
    if review.early_end is not None:
        return sentence_of(review.early_end.event)
    if phase_of(snapshot, known) is Phase.REVIEW:
        return "controls and preflight" if not review.seats else f"approval seat {max(review.seats)} is being asked"
    if review.arming is not None and review.waits is not None:
        return sentence_of(review.waits)
    return None


def _verifying(snapshot: Snapshot, known: RunState) -> str:
    """Which criteria are read, or that all has been and the run comes to its end."""
    if known.review.verified is not None:
        return sentence_of(known.review.verified)
    names: Mapping[str, None] = dict.fromkeys(each.name for each in snapshot.plan.machine_criteria())
    return f"machine criteria: {', '.join(names)}" if names else "machine criteria"
