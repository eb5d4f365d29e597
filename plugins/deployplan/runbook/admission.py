"""May the next wave start? Not while everything is held, nor when it could not be finished and undone in time."""

import asyncio

from deployplan.evidence.kinds.deploy import WaveNotStarted, WaveWaited
from deployplan.plan.waves import Wave
from deployplan.runbook.run.run import Run, StepFailed
from deployplan.runbook.timing.verdict import verdict_of
from deployplan.window.sweep import INSTANT
from deployplan.window.verdict import Verdict

LOOK_AGAIN = 2.0
"""Seconds between two looks at the hold switch, the freezes and the clock."""


async def admit_wave(run: Run, wave: Wave, remaining: tuple[Wave, ...]) -> None:
    """Wait until the wave may start; `remaining` are the waves still to do, this one first.

    What passes within the approved window is waited for: the hold switch, a freeze. Raises StepFailed when the window
    closes first: the next one needs a new approval. The plan's `on_close` says what has to fit, and what becomes of
    the release when it does not.
    """
    told = ""
    if run.snapshot.plan.schedule.on_close == "finish_wave":  # the others are for the next window, if need be
        remaining = tuple(each for each in remaining if each == wave)
    while True:
        found = await asyncio.to_thread(verdict_of, run, remaining=remaining)
        if found.open:
            return
        if not passes(run, found):
            await run.note(WaveNotStarted(component=wave.component, wave=wave.number, reason=found.reason))
            raise StepFailed(f"{wave.component} wave {wave.number} did not start: {found.reason}")
        if found.reason != told:
            told = found.reason
            run.say(f"{wave.component} wave {wave.number} waits: {told}")
            await run.note(WaveWaited(component=wave.component, wave=wave.number, reason=told))
        await run.clock.sleep(LOOK_AGAIN)


def passes(run: Run, found: Verdict) -> bool:
    """Whether what is in the way may pass within the approved window: a hold, a freeze that ends before it closes."""
    windows, now = run.snapshot.plan.schedule.windows(), run.clock.now()
    if found.held is not None:
        return True  # for how long, nobody knows; when it outlasts the window, that is missed
    if found.missed:
        return False
    if not windows:
        return True  # nothing but a freeze holds, or something that cannot be read: it is waited for
    until = found.next_open or now  # not known: it is waited for until the window closes
    return any(
        occurrence.contains(now) and occurrence.contains(until)
        for window in windows
        for occurrence in window.occurrences(now, until + INSTANT)
    )
