"""What opens tonight, what is in its way, what runs and who must act: one row a plan or run, sorted by time to act."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from deployplan.evidence.hold import Hold
from deployplan.evidence.kinds.deploy import WaveWaited
from deployplan.evidence.kinds.window import LockWaited
from deployplan.evidence.record import Records
from deployplan.evidence.waiting import WaitingRun
from deployplan.plan.include import Include
from deployplan.plan.model.infrastructure import Infrastructure
from deployplan.plan.snapshot import Snapshot
from deployplan.runbook.calendar.plan_status import Freezes, PlanState, resting_status
from deployplan.runbook.calendar.queue import ahead_of, verdict_beside, waits_for_nobody
from deployplan.runbook.run.proof import waves_to_do
from deployplan.runbook.run.state import RunState
from deployplan.runbook.timing.chosen_window import chosen_in
from deployplan.runbook.timing.past_runs import PastRun, history_of
from deployplan.runbook.timing.verdict import verdict
from deployplan.ui.progress import Phase, RunProgress
from deployplan.ui.run_reader import RunReader, RunSeen
from deployplan.window.verdict import Verdict

AHEAD = timedelta(days=7)
"""How far ahead an opening may lie in the lane of what is next."""
BEHIND = timedelta(hours=24)
"""How long a run that has ended is shown."""


class Lane(StrEnum):
    """Where a row stands, in the order in which people look."""

    NEEDS_YOU = "needs you"
    RUNNING = "running"
    WAITING = "waiting"
    NEXT = "next 7 days"
    ENDED = "ended in 24 h"


class WaitsFor(StrEnum):
    """What a run that does not go on waits for."""

    PEOPLE = "people"
    CHECKS = "checks"
    HOLD = "hold"
    QUEUE = "queue"
    LOCK = "lock"
    WINDOW = "window"


@dataclass(frozen=True, slots=True)
class TonightRow:
    """A plan, or the run of it that is under way or has ended.

    `sentence` says what it waits for, does, or why it stopped. `opens`, `closes` and `last_safe_start` are those of the
    stretch that is open, or of the next. `problem` tells that the record cannot be believed; what it would say is left
    out, and there is no `progress`. `known` is what the evidence of the run says, `waits_for` why it does not go on.
    """

    plan: str
    lane: Lane
    sentence: str
    environment: str | None = None
    product: str | None = None
    version: str | None = None
    owner: str | None = None
    timezone: str = "UTC"
    run: str | None = None
    progress: RunProgress | None = None
    opens: datetime | None = None
    closes: datetime | None = None
    last_safe_start: datetime | None = None
    ended: datetime | None = None
    outcome: str | None = None
    problem: bool = False
    waits_for: WaitsFor | None = None
    known: RunState | None = field(default=None, compare=False, repr=False)

    @property
    def act_by(self) -> datetime | None:
        """By when somebody must have acted: as the question says, else the last safe start, close or opening."""
        question = None if self.progress is None else self.progress.question
        until = None if question is None else question.until
        return until or self.last_safe_start or self.closes or self.opens


@dataclass(frozen=True, slots=True)
class Tonight:
    """Everything at a glance: the rows in order, who holds everything, and what could not be told yet.

    `unread` runs and plan files were not read in time; `rejected` plans have problems, which `deployplan lint` prints.
    """

    rows: tuple[TonightRow, ...]
    hold: Hold | None = None
    unread: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the answer comes from: the plans as their files are, the environments, the records.

    `today` reads an environment and raises what `load_infrastructure` raises.
    """

    include: Include
    records: Records
    reader: RunReader
    snapshots: Mapping[str, Snapshot]
    today: Callable[[str], Infrastructure]
    hold: Hold | None = None
    rejected: int = 0
    unread: int = 0


def read_tonight(sources: Sources, at: datetime, in_time: Callable[[], bool] = lambda: True) -> Tonight:
    """Return what is known at `at`; runs that were not read before are left for the next look when time is over."""
    runs = sources.reader.read(at - BEHIND, in_time)
    made = _Rows(sources, at)
    rows = [made.under_way(each) for each in runs.active]
    rows += [made.over(each) for each in runs.ended]
    busy, over = ({each.plan for each in some} for some in (runs.active, runs.ended))
    left = {name: each for name, each in sources.snapshots.items() if name not in busy}
    rows += [row for name, each in left.items() for row in made.resting(each, has_row=name in over)]
    return Tonight(tuple(by_time_to_act(rows)), sources.hold, runs.unread + sources.unread, sources.rejected)


def by_time_to_act(rows: Iterable[TonightRow]) -> list[TonightRow]:
    """Return the rows lane by lane, in each by time to act; what has ended by its end, the latest first."""
    lanes = list(Lane)

    def key(row: TonightRow) -> tuple[int, float, str, str]:
        ended, act_by = row.ended, row.act_by
        if row.lane is Lane.ENDED and ended is not None:
            when = -ended.timestamp()
        else:
            when = float("inf") if act_by is None else act_by.timestamp()
        return (lanes.index(row.lane), when, row.plan, row.run or "")

    return sorted(rows, key=key)


class _Rows:
    """Makes rows; what several of them need is read once."""

    def __init__(self, sources: Sources, at: datetime) -> None:
        self._from, self._at = sources, at
        self._past: dict[tuple[str, str], tuple[PastRun, ...]] = {}
        self._environments: dict[str, Infrastructure | None] = {}
        self._freezes: dict[str, Freezes] = {}
        self._waiting: dict[str, WaitingRun] = {run.plan: run for run in sources.records.waiting.all()}
        self._active = {plan: run_id for plan, (run_id, _) in sources.records.active_plans().items()}

    def under_way(self, run: RunSeen) -> TonightRow:
        """The row of a run that is not over."""
        if run.snapshot is None or run.known is None:
            return self._damaged(run, Lane.NEEDS_YOU)
        snapshot, known = run.snapshot, run.known
        if not known.entries:
            row = _row(snapshot, Lane.WAITING, "its evidence has not begun", None, run.run_id)
            return replace(row, waits_for=WaitsFor.CHECKS)
        found = self._verdict_of_run(snapshot, known, run.run_id)
        progress = self._from.reader.progress(snapshot, known, run.run_id)
        row = _row(snapshot, Lane.WAITING, progress.sentence or found.reason, progress, run.run_id, found)
        if progress.began is not None:  # what is begun need not start again in time
            row = replace(row, lane=Lane.RUNNING, opens=None, last_safe_start=None)
        row = replace(row, known=known, waits_for=_waits_for(known, progress, found, self._from.hold))
        return row if progress.question is None else replace(row, lane=Lane.NEEDS_YOU)

    def over(self, run: RunSeen) -> TonightRow:
        """The row of a run that has ended."""
        ended = run.ended
        assert ended is not None
        if run.snapshot is None or run.known is None:
            return self._damaged(run, Lane.ENDED)
        progress = self._from.reader.progress(run.snapshot, run.known, run.run_id)
        row = _row(run.snapshot, Lane.ENDED, progress.sentence or ended.outcome, progress, run.run_id)
        return replace(row, ended=ended.at, outcome=ended.outcome, known=run.known)

    def resting(self, snapshot: Snapshot, *, has_row: bool) -> Iterator[TonightRow]:
        """The row of a plan without a run under way, when it may open soon, or has missed its windows of late.

        One that was backed out or stopped may run again, but only a person begins that: where its run `has_row`, that
        is enough.
        """
        environment = snapshot.plan.environment
        past = self._history(snapshot)
        found, progress = self._verdict(snapshot, past), self._from.reader.progress(snapshot)
        if (freezes := self._freezes_of(environment)) is None:
            state = PlanState.SCHEDULED  # the verdict says that they cannot be read, and holds
        else:
            try:
                state = resting_status(snapshot, past, freezes, self._at).state
            except ValueError:  # a freeze that cannot be: the verdict says so
                state = PlanState.SCHEDULED
        if has_row and state in (PlanState.MAY_RUN_AGAIN, PlanState.MISSED):
            return
        if state is PlanState.MISSED:
            if (closed := _closed_last(snapshot, self._at)) is not None:
                yield replace(_row(snapshot, Lane.ENDED, found.reason, progress), ended=closed, outcome=str(state))
        elif not state.over and (found.next_open is None or found.next_open <= self._at + AHEAD):
            yield _row(snapshot, Lane.NEXT, found.reason, progress, found=found)

    def _damaged(self, run: RunSeen, lane: Lane) -> TonightRow:
        """The row of a run whose record cannot be read: what it would say is not guessed at."""
        row = TonightRow(run.plan, lane, run.problem or "not read", run.environment, run.product, run=run.run_id)
        if run.snapshot is not None:
            plan = run.snapshot.plan
            release = plan.scope.release
            row = replace(row, environment=plan.environment, product=release.product, version=release.version)
        if run.ended is not None:
            row = replace(row, ended=run.ended.at)
        return replace(row, problem=True)

    def _verdict_of_run(self, snapshot: Snapshot, known: RunState, run_id: str) -> Verdict:
        chosen = chosen_in(known)
        windows = None if chosen is None else (chosen.release_window(),)
        left = waves_to_do(snapshot, known)
        environment = snapshot.plan.environment
        found = verdict(
            snapshot,
            self._from.include,
            at=self._at,
            past=self._history(snapshot),
            remaining=left,
            windows=windows,
            today=self._today(environment),
        )
        return verdict_beside(found, self._from.hold, self._ahead(snapshot.plan.name, run_id, found))

    def _ahead(self, plan: str, run_id: str, found: Verdict) -> Sequence[tuple[WaitingRun, tuple[str, ...]]]:
        me = self._waiting.get(plan)
        if me is None or me.run_id != run_id or me.started or waits_for_nobody(self._at, found.last_safe_start):
            return ()
        return ahead_of(me, self._waiting.values(), self._active, self._at)

    def _verdict(self, snapshot: Snapshot, past: Sequence[PastRun]) -> Verdict:
        today = self._today(snapshot.plan.environment)
        return verdict(snapshot, self._from.include, at=self._at, past=past, today=today, hold=self._from.hold)

    def _history(self, snapshot: Snapshot) -> tuple[PastRun, ...]:
        key = (snapshot.plan.environment, snapshot.plan.scope.release.product)
        if key not in self._past:
            self._past[key] = history_of(self._from.records, *key)
        return self._past[key]

    def _today(self, environment: str) -> Infrastructure | None:
        """The environment as its file says; None when it cannot be read, which `verdict` then says, and holds."""
        if environment not in self._environments:
            try:
                self._environments[environment] = self._from.today(environment)
            except Exception:
                self._environments[environment] = None
        return self._environments[environment]

    def _freezes_of(self, environment: str) -> Freezes | None:
        today = self._today(environment)
        if today is None:
            return None
        return self._freezes.setdefault(environment, Freezes(today))


def _waits_for(known: RunState, progress: RunProgress, found: Verdict, hold: Hold | None) -> WaitsFor | None:
    """Why the run does not go on; None for one that works."""
    if progress.question is not None:
        return WaitsFor.PEOPLE
    if progress.began is not None:
        holds_back = progress.phase is Phase.DEPLOY and isinstance(known.review.waits, WaveWaited)
        return (WaitsFor.WINDOW if hold is None else WaitsFor.HOLD) if holds_back else None
    if progress.phase is Phase.REVIEW:
        return WaitsFor.CHECKS
    if hold is not None:
        return WaitsFor.HOLD
    if found.held is not None:
        return WaitsFor.QUEUE
    return WaitsFor.LOCK if isinstance(known.review.waits, LockWaited) else WaitsFor.WINDOW


def _row(
    snapshot: Snapshot,
    lane: Lane,
    sentence: str,
    progress: RunProgress | None = None,
    run: str | None = None,
    found: Verdict | None = None,
) -> TonightRow:
    """A row of what plan and evidence say; the times are those of the verdict."""
    plan = snapshot.plan
    return TonightRow(
        plan=plan.name,
        lane=lane,
        sentence=sentence,
        environment=plan.environment,
        product=plan.scope.release.product,
        version=plan.scope.release.version,
        owner=plan.author,
        timezone=snapshot.timezone,
        run=run,
        progress=progress,
        opens=None if found is None else found.next_open,
        closes=None if found is None else found.closes,
        last_safe_start=None if found is None else found.last_safe_start,
    )


def _closed_last(snapshot: Snapshot, at: datetime) -> datetime | None:
    """When the last of the plan's windows closed, if that was a short time ago."""
    windows = snapshot.plan.schedule.windows()
    ends = [each.end for window in windows for each in window.occurrences(at - BEHIND, at) if each.end <= at]
    return max(ends, default=None)
