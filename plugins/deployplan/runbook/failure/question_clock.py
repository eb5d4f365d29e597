"""Until when may a question stay open? As long as what is done without an answer still fits the window."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from deployplan.plan.snapshot import Snapshot
from deployplan.window.openings import openings
from deployplan.window.sweep import INSTANT

NOTHING = timedelta()


@dataclass(frozen=True, slots=True)
class QuestionClock:
    """When silence is taken for an answer; None waits for ever. `backs_out`: it backs out then, else it asks again."""

    until: datetime | None
    backs_out: bool

    def is_over(self, now: datetime) -> bool:
        """Whether nobody needs to be waited for any more."""
        return self.until is not None and now >= self.until


def question_clock(
    snapshot: Snapshot, *, asked: datetime, waits_until: datetime | None, now: datetime
) -> QuestionClock:
    """Return the clock of a question that was `asked` then, and about which people may have said that it waits.

    A plan whose silence is to wait has no deadline. What waits is asked anew at `waits_until`, and then has its own
    time; a backout must still fit in any case.
    """
    plan = snapshot.plan.backout
    last = last_backout(snapshot, asked) if plan.on_silence == "back_out" else None
    if waits_until is not None and now < waits_until:
        at_last = last is not None and last <= waits_until
        return QuestionClock(last if at_last else waits_until, at_last)
    if plan.on_silence != "back_out":
        return QuestionClock(None, False)
    allowed = (waits_until or asked) + plan.decide_within
    return QuestionClock(allowed if last is None else min(allowed, last), True)


def waiting_time(snapshot: Snapshot, clock: QuestionClock, *, asked: datetime, now: datetime) -> datetime | None:
    """Return until when it would wait, if people say so now; None when that would not be later than without a word."""
    wanted = now + snapshot.plan.backout.decide_within
    if snapshot.plan.backout.on_silence != "back_out":
        return wanted
    last = last_backout(snapshot, asked)
    until = wanted if last is None else min(wanted, last)
    return until if clock.until is not None and until > clock.until else None


def last_backout(snapshot: Snapshot, at: datetime) -> datetime | None:
    """Return the last instant at which a backout would be over before the window that holds at `at` closes.

    None for a plan without windows; `at` itself when none holds any more.
    """
    windows = snapshot.plan.schedule.windows()
    if not windows:
        return None
    around = openings(windows, (), after=at, before=at + INSTANT, work=NOTHING, reserve=NOTHING)
    found = next(around, None)
    if found is None:
        return at
    return None if found.closes is None else found.closes - backout_takes(snapshot)


def backout_takes(snapshot: Snapshot) -> timedelta:
    """Return how long a backout is planned to take at most."""
    return max(snapshot.plan.schedule.backout_reserve, snapshot.plan.backout.expected_duration or NOTHING)
