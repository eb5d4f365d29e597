"""Of several runs that may start, who goes first? The stated order, docs/reference/windows.md; the node lock guards."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from deployplan.evidence.hold import Hold
from deployplan.evidence.waiting import WaitingRun
from deployplan.lint.claims import Claim
from deployplan.window.verdict import Verdict

SILENT = timedelta(seconds=60)
"""A run that could start and has not been heard of for so long holds nobody up: its triggerer is gone."""
SETTLE = timedelta(seconds=3)
"""So long a run that nobody expected to be ready lets others on its nodes find out whether they are ready too."""
LAST_MINUTE = timedelta(seconds=60)
"""So long before its last safe start a run waits for nobody any more; the lock of the node decides then."""


def order(run: WaitingRun) -> tuple[datetime, int, datetime, str]:
    """What runs are sorted by: the place in the queue, the higher priority, the earlier approval, the name.

    All that came before they could start have the same place: before the window opened, or while a freeze lasted in
    it. Those who came later stand behind them in the order in which they came, whatever their priority, so that nobody
    is overtaken for ever.
    """
    return (_place(run), -run.priority, run.approved_at, run.plan)


def _place(run: WaitingRun) -> datetime:
    if run.came_at >= run.ready_at:
        return max(run.came_at, run.opens_at)
    # The end of a freeze that is known is one instant for all; one that is lifted each run finds at its own instant.
    return max(run.opens_at, run.ready_at) if run.expected else run.opens_at


def ahead_of(
    me: WaitingRun, others: Iterable[WaitingRun], active: Mapping[str, str], now: datetime
) -> tuple[tuple[WaitingRun, tuple[str, ...]], ...]:
    """Return the runs that `me` lets go first, in order, each with the nodes over which the two would meet.

    `active` are the ids of the runs that are not over, by plan. A run that has started is waited for until it is over;
    one that waits is, when it could start too and comes before `me` in the order.
    """
    mine = claim(me)
    found = [
        (other, nodes)
        for other in others
        if other.plan != me.plan and active.get(other.plan) == other.run_id
        if other.started or (_could_start(other, now) and order(other) < order(me))
        if (nodes := mine.shares_with(claim(other)))
    ]
    return tuple(sorted(found, key=lambda each: (not each[0].started, order(each[0]))))


def settles(me: WaitingRun, others: Iterable[WaitingRun], active: Mapping[str, str], now: datetime) -> bool:
    """Whether a run has become ready out of the blue, as when a freeze was lifted, and others may have as well."""
    if me.expected or now >= me.ready_at + SETTLE:
        return False
    mine = claim(me)
    waiting = (other for other in others if not other.started and active.get(other.plan) == other.run_id)
    return any(other.plan != me.plan and mine.shares_with(claim(other)) for other in waiting)


def waits_for_nobody(now: datetime, last_safe_start: datetime | None) -> bool:
    """Whether a run that may start would miss its last safe start if it let others go first any longer."""
    return last_safe_start is not None and now >= last_safe_start - LAST_MINUTE


def describe_queue(ahead: Iterable[tuple[WaitingRun, tuple[str, ...]]], most: int = 3) -> str:
    """Say who goes first: `waits for storefront-4.3.0 (priority 5) on web-1, web-2`."""
    parts = [_one(other, nodes) for other, nodes in ahead]
    more = f" and {len(parts) - most} more" if len(parts) > most else ""
    return "waits for " + "; ".join(parts[:most]) + more


def verdict_beside(found: Verdict, hold: Hold | None, ahead: Sequence[tuple[WaitingRun, tuple[str, ...]]]) -> Verdict:
    """What is told of a wait: window and freezes, under a hold of everything, else under those who go first."""
    if hold is not None:
        return found.under(str(hold))
    return found.under(describe_queue(ahead)) if found.open and ahead else found


def claim(run: WaitingRun) -> Claim:
    """What the run needs for itself."""
    return Claim(run.plan, run.environment, frozenset(run.works_on), frozenset(run.watches), ())


def _could_start(other: WaitingRun, now: datetime) -> bool:
    return other.ready_at <= now < max(other.heard_at, other.ready_at) + SILENT


def _one(other: WaitingRun, nodes: tuple[str, ...], most: int = 3) -> str:
    shown = ", ".join(nodes[:most]) + (f" and {len(nodes) - most} more" if len(nodes) > most else "")
    state = ", under way" if other.started else ""
    return f"{other.plan} (priority {other.priority}{state}) on {shown}"
