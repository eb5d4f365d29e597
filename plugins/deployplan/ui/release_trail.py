"""When did what happen in a run: its jobs, readings, messages and phases, each with its time, by the evidence."""

import copy
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from deployplan.evidence.entry import Entry
from deployplan.evidence.event import Event
from deployplan.evidence.kinds import backout, deploy, end, event_in, people, review, verify, window
from deployplan.evidence.ledger import Ledger
from deployplan.runbook.decide import Decision
from deployplan.runbook.run.fold import fold
from deployplan.runbook.run.state import RunState
from deployplan.ui.progress import Phase

MOST_READINGS = 60
"""Readings of a criterion on a node that are kept, the latest."""

Cell = tuple[str | None, str]
"""A component and a node."""


@dataclass(frozen=True, slots=True)
class JobTimes:
    """A script that ran on a node: which, from when to when, and how it ended; `ended` is None while it runs."""

    job: str
    component: str | None
    step: str | None
    began: datetime
    ended: datetime | None = None
    state: str | None = None
    exit: int | None = None


@dataclass(frozen=True, slots=True)
class ReadingSeen:
    """What a criterion read at an instant. `phase` says in which: window stands for what was read before the start."""

    at: datetime
    answer: str
    observed: str | None
    why: str | None
    phase: Phase
    value: float | None = None


@dataclass(frozen=True, slots=True)
class MessageSeen:
    """What became of a message on one channel, and since when: `being sent`, `sent` or `not sent`."""

    to: str
    moment: str
    via: str
    state: str
    at: datetime
    receipt: str | None = None


@dataclass(frozen=True, slots=True)
class SeatSeen:
    """What was answered on an approval seat, and by whom: `asked`, `approved`, `rejected` or `expired`."""

    seat: int
    state: str
    at: datetime
    asked_at: datetime
    people: tuple[str, ...]
    digest: str
    person: str | None = None
    why: str | None = None
    window: str | None = None


@dataclass(slots=True)
class Trail:
    """All of it since the plan was frozen last, but for messages, which stand as long as the run.

    `began` says when each phase began, `phase` which was entered last, `last_wave` when a wave ended last, `outcomes`
    when the run was over, more than once where it was taken back or cleared; `jobs` holds each component's latest
    script on a node, `words` what was said last of it there, and `places` to which component on a node a job belongs.
    `bounds` are those of the numbers that a criterion read last on a node.
    """

    entries: int = 0
    last_wave: datetime | None = None
    phase: Phase = Phase.REVIEW
    began: dict[Phase, datetime] = field(default_factory=dict)
    outcomes: tuple[datetime, ...] = ()
    jobs: dict[Cell, JobTimes] = field(default_factory=dict)
    places: dict[tuple[str, str], Cell] = field(default_factory=dict)
    words: dict[Cell, str] = field(default_factory=dict)
    readings: dict[tuple[str, str | None], tuple[ReadingSeen, ...]] = field(default_factory=dict)
    bounds: dict[tuple[str, str | None], tuple[float | None, float | None]] = field(default_factory=dict)
    messages: dict[tuple[str, str], MessageSeen] = field(default_factory=dict)
    seats: dict[int, SeatSeen] = field(default_factory=dict)
    known_by: dict[Cell, str] = field(default_factory=dict)
    controls: dict[str, review.ControlChecked] = field(default_factory=dict)

    def copy(self) -> "Trail":
        """A copy whose collections are its own."""
        new = copy.copy(self)
        for each in fields(self):
            setattr(new, each.name, copy.copy(getattr(self, each.name)))
        return new

    def enter(self, phase: Phase, at: datetime) -> None:
        """Note when a phase began; what comes later in it changes nothing of that."""
        self.phase = phase
        self.began.setdefault(phase, at)


class TrailReader:
    """Reads a ledger into what is known and its times; a further look reads what is new. Threads may share it."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._lock = Lock()
        self._state, self._trail = RunState(), Trail()

    def read(self) -> tuple[RunState, Trail]:
        """Return what the evidence says now. Raises LedgerDamaged as the ledger does, RecordError as `fold_all`."""
        with self._lock:
            entries = self._ledger.entries()
            if fresh := entries[self._trail.entries :]:
                self._state, self._trail = fold(self._state, fresh), follow_trail(self._trail, fresh)
            return self._state, self._trail

    def entries(self) -> tuple[Entry, ...]:
        """Return the entries themselves."""
        return self._ledger.entries()


def follow_trail(trail: Trail, entries: Iterable[Entry]) -> Trail:
    """Return a new trail with these entries; `trail` stays as it is."""
    new = trail.copy()
    for entry in entries:
        new.entries += 1
        event = event_in(entry)
        if event is not None and (step := _STEPS.get(type(event))) is not None:
            step(new, event, entry.at)
    return new


Step = Callable[[Trail, Any, datetime], None]
_STEPS: dict[type[Event], Step] = {}


def _on(*kinds: type[Event]) -> Callable[[Step], Step]:
    def register(step: Step) -> Step:
        _STEPS.update(dict.fromkeys(kinds, step))
        return step

    return register


@_on(review.PlanFrozen)
def _plan_frozen(trail: Trail, _: review.PlanFrozen, at: datetime) -> None:
    for collection in (trail.began, trail.seats, trail.controls, trail.readings, trail.words, trail.jobs, trail.places):
        collection.clear()
    trail.last_wave, trail.outcomes = None, ()
    trail.enter(Phase.REVIEW, at)


@_on(review.ControlChecked)
def _control_checked(trail: Trail, event: review.ControlChecked, _: datetime) -> None:
    trail.controls[event.name] = event


@_on(review.SeatAsked)
def _seat_asked(trail: Trail, event: review.SeatAsked, at: datetime) -> None:
    trail.seats[event.seat] = SeatSeen(event.seat, "asked", at, at, event.people, event.digest, window=event.window)


@_on(review.SeatApproved, review.SeatRejected)
def _seat_answered(trail: Trail, event: review.SeatApproved | review.SeatRejected, at: datetime) -> None:
    asked = trail.seats.get(event.seat)
    trail.seats[event.seat] = SeatSeen(
        event.seat,
        event.kind,
        at,
        at if asked is None else asked.asked_at,
        () if asked is None else asked.people,
        event.digest,
        event.person,
        getattr(event, "why", None),
        event.window,
    )


@_on(review.SeatExpired)
def _seat_expired(trail: Trail, event: review.SeatExpired, at: datetime) -> None:
    asked = trail.seats.get(event.seat)
    since = at if asked is None else asked.asked_at
    trail.seats[event.seat] = SeatSeen(event.seat, event.kind, at, since, event.people, event.digest)


@_on(review.BaselineTaken, window.WindowChosen, window.ArmingBegun)
def _window_phase(trail: Trail, event: Event, at: datetime) -> None:
    if not isinstance(event, window.WindowChosen):
        trail.enter(Phase.WINDOW, at)


@_on(window.RunArmed)
def _run_armed(trail: Trail, _: window.RunArmed, at: datetime) -> None:
    trail.enter(Phase.DEPLOY, at)


@_on(window.RollbackPointKnown)
def _point_known(trail: Trail, event: window.RollbackPointKnown, _: datetime) -> None:
    if event.known_by:
        trail.known_by[event.component, event.node] = event.known_by


@_on(deploy.JobStarted)
def _job_started(trail: Trail, event: deploy.JobStarted, at: datetime) -> None:
    trail.jobs[event.component, event.node] = JobTimes(event.job, event.component, event.step, at)
    trail.places[event.node, event.job] = event.component, event.node
    trail.words[event.component, event.node] = f"{event.step or 'script'} runs"


@_on(deploy.JobEnded, deploy.JobTerminated)
def _job_ended(trail: Trail, event: deploy.JobEnded | deploy.JobTerminated, at: datetime) -> None:
    cell = trail.places.get((event.node, event.job))
    job = None if cell is None else trail.jobs.get(cell)
    if cell is None or job is None or job.job != event.job:
        return
    code, state = getattr(event, "exit", None), event.state or "terminated"
    trail.jobs[cell] = replace(job, ended=at, state=state, exit=code)
    trail.words[cell] = state if code is None else f"{state}, exit {code}"


@_on(deploy.NodeFailed, deploy.NodeExcluded, deploy.NodeLost)
def _node_in_trouble(
    trail: Trail, event: deploy.NodeFailed | deploy.NodeExcluded | deploy.NodeLost, _: datetime
) -> None:
    trail.words[event.component, event.node] = event.why or "does not answer"


@_on(deploy.NodeBack)
def _node_back(trail: Trail, event: deploy.NodeBack, _: datetime) -> None:
    trail.words[event.component, event.node] = "answers again"


@_on(deploy.WaveEnded, deploy.WaveStopped, backout.UndoEnded)
def _step_ended(trail: Trail, event: deploy.WaveEnded | deploy.WaveStopped | backout.UndoEnded, at: datetime) -> None:
    for node, found in event.nodes.items():
        if found.why:
            trail.words[event.component, node] = found.why
        elif found.already:
            trail.words[event.component, node] = "was done before"
    if isinstance(event, deploy.WaveEnded):
        trail.last_wave = at


@_on(backout.BackoutAsked, backout.UndoStarted)
def _backout_began(trail: Trail, _: Event, at: datetime) -> None:
    trail.enter(Phase.BACKOUT, at)


@_on(verify.DecisionMade)
def _decision_made(trail: Trail, event: verify.DecisionMade, at: datetime) -> None:
    if event.decision == Decision.BACK_OUT:
        trail.enter(Phase.BACKOUT, at)


@_on(review.ReadBefore)
def _read_before(trail: Trail, event: review.ReadBefore, at: datetime) -> None:
    _add(trail, event.criterion, event.node, ReadingSeen(at, event.answer, event.observed, None, Phase.WINDOW))


@_on(verify.CriterionRead)
def _criterion_read(trail: Trail, event: verify.CriterionRead, at: datetime) -> None:
    phase = trail.phase
    for when, value in _numbers(event):
        _add(trail, event.criterion, event.node, ReadingSeen(when, _answer(value, event), None, None, phase, value))
    if event.figures is not None:
        trail.bounds[event.criterion, event.node] = event.figures.least, event.figures.most
    figures = event.figures.values if event.figures is not None else ()
    last = ReadingSeen(at, event.answer, event.observed, event.why, phase, figures[-1] if figures else None)
    _add(trail, event.criterion, event.node, last)


def _numbers(event: verify.CriterionRead) -> Iterator[tuple[datetime, float | None]]:
    """The numbers of a criterion but for the last, which its entry tells with its answer."""
    if event.figures is not None:
        began = datetime.fromisoformat(event.figures.began)
        for seconds, value in zip(event.figures.seconds[:-1], event.figures.values[:-1], strict=False):
            yield began + timedelta(seconds=seconds), value


def _answer(value: float | None, event: verify.CriterionRead) -> str:
    """What a number says, by the bounds that are known of it."""
    figures = event.figures
    if value is None or figures is None:
        return "unknown"
    low, high = figures.least is not None and value < figures.least, figures.most is not None and value > figures.most
    return "fail" if low or high else "pass"


def _add(trail: Trail, criterion: str, node: str | None, seen: ReadingSeen) -> None:
    key = criterion, node
    trail.readings[key] = (*trail.readings.get(key, ()), seen)[-MOST_READINGS:]


@_on(people.MessageBegun)
def _message_begun(trail: Trail, event: people.MessageBegun, at: datetime) -> None:
    _message(trail, event, MessageSeen(event.to, event.moment, event.via, "being sent", at))


@_on(people.MessageSent)
def _message_sent(trail: Trail, event: people.MessageSent, at: datetime) -> None:
    _message(trail, event, MessageSeen(event.to, event.moment, event.via, "sent", at, event.receipt))


@_on(people.MessageFailed)
def _message_failed(trail: Trail, event: people.MessageFailed, at: datetime) -> None:
    state = "perhaps sent" if event.uncertain else "not sent"
    _message(trail, event, MessageSeen(event.to, event.moment, event.via, state, at, event.why))


def _message(trail: Trail, event: Any, seen: MessageSeen) -> None:
    trail.messages[event.key or f"{event.to} {event.moment}", event.via] = seen


@_on(end.OutcomeReached)
def _outcome_reached(trail: Trail, _: end.OutcomeReached, at: datetime) -> None:
    trail.began[Phase.OUTCOME] = at
    trail.outcomes += (at,)
