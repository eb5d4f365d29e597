"""What becomes of a wave that is still under way when the window closes: what the plan's `on_close` says."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from enum import StrEnum

from deployplan.plan.snapshot import Snapshot
from deployplan.plan.text.scalars import spell_duration
from deployplan.runbook.run.concurrently import run_meanwhile
from deployplan.runbook.run.run import Run
from deployplan.window.openings import openings
from deployplan.window.sweep import INSTANT
from deployplan.window.wall_time import local

LONGEST_SLEEP = 30.0
"""Seconds after which the clock is looked at again, should somebody have set it."""
NOTHING = timedelta()


class AtClose(StrEnum):
    """What ends at that moment."""

    NO_MORE_NODES = "no more nodes"
    SCRIPTS = "scripts"


@asynccontextmanager
async def watching_the_close(run: Run, began: datetime, tell: Callable[[AtClose, str], None]) -> AsyncIterator[None]:
    """Call `tell` once, with what ends and why, when the window in which the wave `began` leaves it no more time.

    A wave of a plan that lets it finish, or that has no window, is never told anything.
    """
    due = due_at(run.snapshot, began)
    if due is None:
        yield
        return

    async def watch() -> None:
        while (left := (due.at - run.clock.now()).total_seconds()) > 0:
            await run.clock.sleep(min(left, LONGEST_SLEEP))
        tell(due.what, due.why)

    async with run_meanwhile(watch()):
        yield


class Due:
    """When a wave must come to an end, what of it ends, and the sentence that says why."""

    def __init__(self, at: datetime, what: AtClose, why: str) -> None:
        self.at, self.what, self.why = at, what, why


def due_at(snapshot: Snapshot, began: datetime) -> Due | None:
    """Return what the close of the window that held at `began` means for the wave; None when it may finish.

    `hold`: no further node begins after the close. `back_out`: the scripts end so early that the undo, which takes
    `backout_reserve`, is over at the close.
    """
    schedule = snapshot.plan.schedule
    around = openings(schedule.windows(), (), after=began, before=began + INSTANT, work=NOTHING, reserve=NOTHING)
    closes = next((opening.closes for opening in around), None)
    if closes is None or schedule.on_close == "finish_wave":
        return None
    told = f"the window closes {local(closes, snapshot.timezone)}"
    if schedule.on_close == "hold":
        return Due(closes, AtClose.NO_MORE_NODES, told.replace("closes", "closed"))
    reserve = schedule.backout_reserve
    return Due(closes - reserve, AtClose.SCRIPTS, f"{told}, and {spell_duration(reserve)} are kept for the backout")
