"""One look at a run that waits for its window: may it start, is it too late, and if neither, why and until when?"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from deployplan.evidence.kinds.window import WindowPassed
from deployplan.evidence.waiting import WaitingRun
from deployplan.lint.claims import claim_of
from deployplan.plan.model.infrastructure import Infrastructure
from deployplan.runbook.calendar.queue import ahead_of, settles, verdict_beside, waits_for_nobody
from deployplan.runbook.calendar.waiting_runs import Beside
from deployplan.runbook.run.run import Run
from deployplan.runbook.run.state import RunState
from deployplan.runbook.timing.chosen_window import chosen_opening
from deployplan.runbook.timing.verdict import make_verdict_event, verdict_of
from deployplan.window.interval import FOREVER
from deployplan.window.sweep import INSTANT, later, window_spans
from deployplan.window.verdict import Verdict

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
SAY_AGAIN = timedelta(seconds=15)
"""So often a run that could start, but lets others go first, says that it is still there."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was found; `again_at` is the instant at which it changes by itself, None when none is known.

    `queued` tells that nothing but other runs are in the way; `held` is who holds everything and why.
    """

    may_start: bool
    missed: bool
    reason: str
    again_at: datetime | None = None
    queued: bool = False
    held: str | None = None


def look(run: Run, beside: Beside, *, before: str, today: Callable[[], Infrastructure] | None = None) -> Look:
    """Look once, and record what has changed since the reason `before`; `today` reads the environment as it is now.

    A run that may start has started by this: others that want its nodes wait until it is over.
    """
    found, now, hold = _verdict(run, today), run.clock.now(), run.hold()
    if found.missed:
        run.record(make_verdict_event(found))
        run.record(WindowPassed(reason=found.reason))
        beside.forget(run.snapshot.plan.name, run.run_id)
        return Look(False, True, found.reason)
    before_me = beside.said(run.snapshot.plan.name, run.run_id)
    me = _place(run, before_me, found, now)
    if before_me is None:  # before it decides: another one that comes now must see this one, or this one that one
        beside.say(me)
        before_me = me
    ahead: tuple[tuple[WaitingRun, tuple[str, ...]], ...] = ()
    if found.open and hold is None and not waits_for_nobody(now, found.last_safe_start):
        ahead = ahead_of(me, beside.waiting(), beside.active(), now)
        if not ahead and settles(me, beside.waiting(), beside.active(), now):
            _say(beside, me, before_me)
            return Look(False, False, before, queued=True)
    told, queued = verdict_beside(found, hold, ahead), bool(ahead)
    reason = told.reason if told.held is None else told.held
    if reason != before:
        run.say(reason)
        run.record(make_verdict_event(told))
    if found.open and hold is None and not queued:
        beside.say(replace(me, started=True, heard_at=now))
        return Look(True, False, reason)
    _say(beside, me, before_me)
    return Look(False, False, reason, _again_at(found), queued, None if hold is None else str(hold))


def _verdict(run: Run, today: Callable[[], Infrastructure] | None) -> Verdict:
    """What window and freezes say: the place in the queue rests on these, and is kept while everything is held.

    A file that cannot be read holds, as in `verdict`, which is asked to read it itself then.
    """
    try:
        return verdict_of(run, today=today() if today else None, under_hold=False)
    except Exception:
        return verdict_of(run, under_hold=False)


def _again_at(found: Verdict) -> datetime | None:
    """The next edge: the opening, and while it is open, the last safe start."""
    return found.last_safe_start if found.open else found.next_open


def _say(beside: Beside, me: WaitingRun, before: WaitingRun | None) -> None:
    """Let the others know, when it is new, or when one that said nothing more would be taken for gone."""
    could = me.ready_at <= me.heard_at
    if (
        before is None
        or replace(me, heard_at=before.heard_at) != before
        or (could and me.heard_at >= before.heard_at + SAY_AGAIN)
    ):
        beside.say(me)


def _place(run: Run, before: WaitingRun | None, found: Verdict, now: datetime) -> WaitingRun:
    """From when on this run can start, and which place it has; both are kept while it is held."""
    plan = run.snapshot.plan
    if before is not None and before.started:
        before = None  # its window task was cleared: it waits anew
    ready_at = now if found.open else found.next_open or FOREVER
    if found.open and before is not None and before.ready_at <= now:
        ready_at = before.ready_at
    opens_at = _opening(run, now if found.open else ready_at)
    claim = claim_of(run.snapshot, ())
    return WaitingRun(
        plan=plan.name,
        run_id=run.run_id,
        environment=plan.environment,
        works_on=tuple(sorted(claim.works_on)),
        watches=tuple(sorted(claim.watches)),
        priority=plan.schedule.priority,
        approved_at=approved_at(run.read_state(), now),
        came_at=now if before is None else before.came_at,
        opens_at=opens_at,
        ready_at=ready_at,
        heard_at=now,
        expected=before.expected if before is not None and before.ready_at == ready_at else not found.open,
    )


def _opening(run: Run, at: datetime) -> datetime:
    """When the window opens, or has opened, that is open at this instant; long ago for a plan without windows."""
    chosen, windows = chosen_opening(run), run.snapshot.plan.schedule.windows()
    if chosen is not None:
        return chosen.opens.astimezone(UTC)
    if not windows:
        return _LONG_AGO
    span = next(window_spans(windows, at, later(at, INSTANT)), None) if at < FOREVER else None
    return at if span is None else span.start


def approved_at(state: RunState, now: datetime) -> datetime:
    """When the last approval of this review was given; without any, when the review began."""
    return state.review.approved_at or state.review.began or now
