"""Until when may a question stay open? As long as what is done without an answer still fits the window."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from deployplan.plan.snapshot import Snapshot
from deployplan.window.openings import openings
from deployplan.window.sweep import INSTANT
from deployplan.window.wall_time import local

NOTHING = timedelta()


@dataclass(frozen=True, slots=True)
class QuestionClock:
    """When silence is taken for an answer; None waits for ever. `backs_out`: it backs out then, else it asks again."""

    until: datetime | None
    backs_out: bool

    def told(self, zone: str) -> str:
        """What happens without an answer, and when, in a sentence."""
        if self.until is None:
            return "There is no deadline: it waits for an answer."
        default = "it is backed out" if self.backs_out else "it is asked again"
        return f"Without an answer by {local(self.until.replace(microsecond=0), zone)} {default}."

    def is_over(self, now: datetime) -> bool:
        """Whether nobody needs to be waited for any more."""
        return self.until is not None and now >= self.until


NO_CLOCK = QuestionClock(None, backs_out=False)
"""That of a question for which nobody is hurried."""


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
    """Return until when it would wait, if people say so now; None when that can never be longer than without a word."""
    wanted = now + snapshot.plan.backout.decide_within
    if snapshot.plan.backout.on_silence != "back_out":
        return wanted
    last = last_backout(snapshot, asked)
    if last is None:
        return wanted
    return min(wanted, last) if clock.until is not None and last > clock.until else None


def last_backout(snapshot: Snapshot, at: datetime) -> datetime | None:
    """Return the last instant at which a backout would be over before the window that holds at `at` closes.

    None when no window holds: the plan has none, or it is over already, and nobody is hurried for its sake.
    """
    windows = snapshot.plan.schedule.windows()
    if not windows:
        return None
    around = openings(windows, (), after=at, before=at + INSTANT, work=NOTHING, reserve=NOTHING)
    closes = next((opening.closes for opening in around), None)
    return None if closes is None else closes - backout_takes(snapshot)


def backout_takes(snapshot: Snapshot) -> timedelta:
    """Return how long a backout is planned to take at most."""
    return max(snapshot.plan.schedule.backout_reserve, snapshot.plan.backout.expected_duration or NOTHING)
