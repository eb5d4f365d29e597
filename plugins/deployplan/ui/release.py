"""One release as people look at it: its phases, nodes, criteria, approvals, messages and backout, with their times."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from deployplan.plan.model.criterion import Criterion, MachineCriterion
from deployplan.plan.model.criterion_shapes import CommandExpect, MetricExpect
from deployplan.plan.pages.readable import expected_reading
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.failure.failure_card import told_of_backout
from deployplan.runbook.run.proof import waves_to_do
from deployplan.runbook.run.state import RunState
from deployplan.runbook.take_back import back_out_until
from deployplan.runbook.timing.chosen_window import chosen_in
from deployplan.runbook.timing.estimate import estimate
from deployplan.runbook.timing.past_runs import PastRun
from deployplan.ui.node_bar import NodeStanding, component_standings
from deployplan.ui.progress import Phase, RunProgress, progress_of
from deployplan.ui.release_trail import Cell, JobTimes, MessageSeen, ReadingSeen, SeatSeen, Trail
from deployplan.ui.run_nodes import out_words
from deployplan.ui.tonight import TonightRow

_PRINTED = re.compile(r"printed (-?[0-9]+(?:\.[0-9]+)?)\b")
"""How a command's reading tells the number that it printed."""


class PhaseState(StrEnum):
    """How a run stands to a phase."""

    OVER = "over"
    NOW = "now"
    AHEAD = "ahead"
    NOT_NEEDED = "not needed"
    NOT_REACHED = "not reached"


@dataclass(frozen=True, slots=True)
class PhaseTimes:
    """A phase, when it was planned to begin and to be over at the latest, and when it did and was; None: not known."""

    phase: Phase
    state: PhaseState
    planned_begin: datetime | None = None
    planned_end: datetime | None = None
    began: datetime | None = None
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class CellSeen:
    """A component on a node: the release before, the one that is there now and the one that is to be; None: not known.

    `words` is what was said of it last: why it failed, or how its script ended.
    """

    component: str
    wave: int
    standing: NodeStanding
    before: str | None
    now: str | None
    after: str | None
    job: JobTimes | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A node, and what becomes of each component that lands on it, in the order of the waves."""

    node: str
    cells: tuple[CellSeen, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """A reading, and the number in it where its criterion has a limit for one."""

    seen: ReadingSeen
    phase: Phase
    value: float | None = None


@dataclass(frozen=True, slots=True)
class SeriesSeen:
    """What a criterion read on a node, or from the controller (None), in order.

    `least` and `most` are the limits of its number there, where they came with the numbers: those of a comparison do.
    """

    node: str | None
    points: tuple[Point, ...]
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class CriterionSeen:
    """A criterion, what it must show, and what it did; `least` and `most` are the limits of its number."""

    name: str
    question: str
    wanted: str
    neighbour: bool
    seconds: float | None
    series: tuple[SeriesSeen, ...]
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class BackoutSeen:
    """What a backout would do now, in the words of the cards; `undoes` are the components that have begun."""

    sentence: str
    undoes: tuple[str, ...]
    until: datetime | None
    authority: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReleaseSeen:
    """All of it. `progress` is as in the row of tonight; `sentence` says what it waits for or why it stopped."""

    snapshot: Snapshot
    run_id: str
    entries: int
    sentence: str
    progress: RunProgress
    triggered_by: str | None
    outcome: str | None
    ended: datetime | None
    phases: tuple[PhaseTimes, ...]
    nodes: tuple[NodeRow, ...]
    criteria: tuple[CriterionSeen, ...]
    seats: tuple[SeatSeen, ...]
    messages: tuple[MessageSeen, ...]
    backout: BackoutSeen | None


def release_of(
    snapshot: Snapshot,
    run_id: str,
    known: RunState,
    trail: Trail,
    row: TonightRow | None = None,
    past: Sequence[PastRun] = (),
) -> ReleaseSeen:
    """Return a release by its plan and evidence.

    `row` is that of tonight, when it is there: it says what window, freezes, hold or queue let it wait for. `past` are
    earlier releases of the product, by which the times are planned.
    """
    progress = progress_of(snapshot, known)
    over = known.outcome if known.is_over else None
    return ReleaseSeen(
        snapshot=snapshot,
        run_id=run_id,
        entries=trail.entries,
        sentence=progress.sentence or (row.sentence if row is not None else "waits for its window"),
        progress=progress,
        triggered_by=None if known.frozen is None else known.frozen.triggered_by,
        outcome=None if over is None else over.event.outcome,
        ended=None if over is None else over.at,
        phases=tuple(_phases(snapshot, known, trail, progress, row, past)),
        nodes=tuple(_nodes(snapshot, known, trail)),
        criteria=tuple(_criteria(snapshot, trail, verify_began(snapshot, known, trail))),
        seats=tuple(trail.seats[number] for number in sorted(trail.seats)),
        messages=tuple(sorted(trail.messages.values(), key=lambda each: each.at)),
        backout=_backout(snapshot, known),
    )


def _backout(snapshot: Snapshot, known: RunState) -> BackoutSeen | None:
    """What a backout would do now; None when the run is over and left nothing that one could undo."""
    begun = tuple(known.review.begun)
    if not begun or (known.is_over and known.released is None):
        return None
    return BackoutSeen(
        sentence=told_of_backout(snapshot, begun),
        undoes=tuple(reversed(begun)),
        until=back_out_until(snapshot.plan.backout, known),
        authority=snapshot.plan.backout_authority(),
    )


def verify_began(snapshot: Snapshot, known: RunState, trail: Trail) -> datetime | None:
    """When the last wave was done; None while one is to do."""
    all_done = trail.last_wave is not None and (known.review.verified is not None or not waves_to_do(snapshot, known))
    return trail.last_wave if all_done else None


def _phases(
    snapshot: Snapshot,
    known: RunState,
    trail: Trail,
    progress: RunProgress,
    row: TonightRow | None,
    past: Sequence[PastRun],
) -> Iterator[PhaseTimes]:
    began = dict(trail.began)
    if (verified := verify_began(snapshot, known, trail)) is not None:
        began[Phase.VERIFY] = verified
    planned = _planned(snapshot, known, row, past)
    for phase in Phase:
        later = [at for other, at in began.items() if other > phase]
        if phase is Phase.VERIFY and verified is not None:  # a release that is taken back was verified long before
            later += [at for at in trail.outcomes if at >= verified]
        state = _state_of(phase, progress.phase, began)
        ended = min(later, default=None) if phase in began and state is not PhaseState.NOW else None
        if phase is Phase.OUTCOME:
            ended = None
        yield PhaseTimes(phase, state, *planned.get(phase, (None, None)), began.get(phase), ended)


def _state_of(phase: Phase, now: Phase | None, began: dict[Phase, datetime]) -> PhaseState:
    if now is None or phase > now:
        return PhaseState.AHEAD
    if phase is now:
        return PhaseState.OVER if phase is Phase.OUTCOME else PhaseState.NOW
    if phase in began or any(phase < other <= Phase.VERIFY for other in began):
        return PhaseState.OVER
    return PhaseState.NOT_NEEDED if phase is Phase.BACKOUT else PhaseState.NOT_REACHED


def _planned(
    snapshot: Snapshot, known: RunState, row: TonightRow | None, past: Sequence[PastRun]
) -> dict[Phase, tuple[datetime | None, datetime | None]]:
    """By phase, when it is to begin and to be over: by the window, and how long such work may take."""
    chosen = chosen_in(known)
    opens, closes = (
        (chosen.opens, chosen.closes) if chosen else (None, None) if row is None else (row.opens, row.closes)
    )
    armed = known.review.armed_first
    start = armed or opens
    if start is None:
        return {}
    work = estimate(snapshot, snapshot.waves, past)
    verify = start + work.work - work.soak
    return {
        Phase.REVIEW: (None, opens),
        Phase.WINDOW: (opens, chosen.last_safe_start if chosen else None if row is None else row.last_safe_start),
        Phase.DEPLOY: (start, verify),
        Phase.VERIFY: (verify, verify + work.soak),
        Phase.OUTCOME: (None, closes),
    }


def _nodes(snapshot: Snapshot, known: RunState, trail: Trail) -> Iterator[NodeRow]:
    standings = component_standings(snapshot, known)
    waves = {(wave.component, node): wave.number for wave in snapshot.waves for node in wave.nodes}
    rows: dict[str, list[CellSeen]] = {}
    for (component, node), standing in standings.items():
        cell = _cell(snapshot, known, trail, (component, node), standing, waves[component, node])
        rows.setdefault(node, []).append(cell)
    return (NodeRow(node, tuple(cells)) for node, cells in rows.items())


def _cell(snapshot: Snapshot, known: RunState, trail: Trail, key: Cell, standing: NodeStanding, wave: int) -> CellSeen:
    component, node = str(key[0]), key[1]
    examined = known.review.nodes.get(node)
    before = known.points.get((node, component)) or (examined.release if examined is not None else None)
    after = snapshot.plan.scope.release.version
    return CellSeen(
        component,
        wave,
        standing,
        before,
        _there(standing, before, after),
        after,
        trail.jobs.get(key),
        _words(known, trail, key),
    )


def _words(known: RunState, trail: Trail, key: Cell) -> str | None:
    """What was said last of a component on a node; first of all that it is drained for it."""
    out = known.out.get(key[1])
    found = [out_words(out)] if out is not None and out.component == key[0] else []
    return "; ".join([*found, *filter(None, [trail.words.get(key)])]) or None


def _there(standing: NodeStanding, before: str | None, after: str) -> str | None:
    """The release that is on a node; one on which a script runs, or has failed, is not guessed at."""
    match standing:
        case NodeStanding.DONE:
            return after
        case NodeStanding.UNDONE | NodeStanding.NOT_STARTED:
            return before
        case _:
            return None


def _criteria(snapshot: Snapshot, trail: Trail, verified: datetime | None) -> Iterator[CriterionSeen]:
    found: dict[str, list[SeriesSeen]] = {}
    for (name, node), seen in trail.readings.items():
        points, bounds = tuple(_point(each, verified) for each in seen), trail.bounds.get((name, node), (None, None))
        found.setdefault(name, []).append(SeriesSeen(node, points, *bounds))
    for name, criterion in snapshot.plan.success.items():
        yield _criterion(criterion, sorted(found.get(name, ()), key=lambda each: each.node or ""))


def _criterion(criterion: Criterion, series: Sequence[SeriesSeen]) -> CriterionSeen:
    expect = getattr(criterion, "expect", None)
    limits: tuple[float | None, float | None] = (None, None)
    if isinstance(expect, CommandExpect):
        limits = expect.stdout_min, expect.stdout_max
    elif isinstance(expect, MetricExpect):
        limits = expect.min, expect.max
    least, most = (None if each is None else float(each) for each in limits)
    machine = criterion if isinstance(criterion, MachineCriterion) else None
    return CriterionSeen(
        name=criterion.name,
        question=criterion.question,
        wanted=expected_reading(criterion, str),
        neighbour=machine is not None and machine.neighbour,
        seconds=None if machine is None else machine.for_.total_seconds(),
        series=tuple(series),
        least=least,
        most=most,
    )


def _point(seen: ReadingSeen, verified: datetime | None) -> Point:
    phase = seen.phase
    if phase is Phase.DEPLOY and verified is not None and seen.at > verified:
        phase = Phase.VERIFY
    if seen.value is not None:
        return Point(seen, phase, seen.value)
    number = _PRINTED.search(seen.observed or "") or _PRINTED.search(seen.why or "")
    return Point(seen, phase, None if number is None else float(number[1]))
