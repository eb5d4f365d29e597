"""One simulated run, and what it comes to."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar

from deployplan.airflow_glue.what_if.faults import Faults
from deployplan.airflow_glue.what_if.made_up_node import MadeUpJob, MadeUpNode
from deployplan.airflow_glue.what_if.virtual_time import Stuck, VirtualLoop
from deployplan.airflow_glue.what_if.walk import Card, Walk
from deployplan.airflow_glue.what_if.world import Scene, World
from deployplan.evidence.entry import Entry
from deployplan.plan.snapshot import freezes_for
from deployplan.remote.job import JobState
from deployplan.runbook.run.fold import fold_all
from deployplan.runbook.run.outcome_kinds import Outcome
from deployplan.window.openings import openings
from deployplan.window.sweep import INSTANT

T = TypeVar("T")
FOR_EVER = "waits for ever"
"""The end of a run that has none."""


@dataclass(frozen=True)
class Simulated:
    """How a simulated run went: its evidence, its cards, its end.

    `outcome` is None, and `stuck` says why, when it waits for ever. `work_ended` is when the last script ended,
    `closes` when the window closed in which it was armed; None where there was none. `nodes_out` are those on which a
    script had failed, or that nobody could tell of.
    """

    faults: Faults
    begins: datetime
    ends: datetime
    outcome: Outcome | None
    because: str
    entries: tuple[Entry, ...]
    cards: tuple[Card, ...]
    tasks: tuple[tuple[datetime, str, str], ...]
    nodes_out: tuple[str, ...]
    work_ended: datetime | None
    closes: datetime | None

    @property
    def spare(self) -> timedelta | None:
        """How long before the close the last script ended, negative when after it; None where neither is known."""
        return None if self.closes is None or self.work_ended is None else self.closes - self.work_ended

    @property
    def is_outside(self) -> bool:
        """Whether a script still ran when the window had closed."""
        return self.spare is not None and self.spare < timedelta()

    @property
    def ended_as(self) -> str:
        """Its outcome in a word."""
        return FOR_EVER if self.outcome is None else str(self.outcome)

    @property
    def is_bad(self) -> bool:
        """Whether it is worse than a backout, or a script still ran when the window had closed."""
        return self.is_outside or self.outcome in (None, Outcome.BACKOUT_FAILED, Outcome.UNKNOWN)


def simulate(scene: Scene, faults: Faults, chance: Random | None = None) -> Simulated:
    """Carry out a run of the plan with these faults; random durations and delays when there is `chance`."""
    return run_virtually(_simulate(scene, faults, chance))


def run_virtually(work: Coroutine[Any, Any, T]) -> T:
    """Run on a loop of its own, whose time jumps."""
    loop = VirtualLoop()
    gc.disable()  # its circles are looked for when it is over: a third of the time goes to looking meanwhile
    try:
        return loop.run_until_complete(work)
    finally:
        gc.enable()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.close()


async def _simulate(scene: Scene, faults: Faults, chance: Random | None) -> Simulated:
    world = World(scene, faults, chance)
    walk, stuck = Walk(world), None
    try:
        await walk.to_the_end()
    except Stuck as error:
        stuck = str(error)
    entries = world.ledger.entries()
    ended = fold_all(entries).outcome
    jobs = [job for node in world.nodes.values() for job in node.jobs.values()]
    return Simulated(
        faults=faults,
        begins=scene.begins,
        ends=world.clock.now(),
        outcome=None if ended is None or stuck else Outcome(ended.event.outcome),
        because=stuck or (str(ended.event.because) if ended is not None else ""),
        entries=entries,
        cards=tuple(walk.cards),
        tasks=tuple(walk.tasks),
        nodes_out=tuple(node.name for node in world.nodes.values() if _is_out(node)),
        work_ended=max((_end_of(job, world) for job in jobs), default=None),
        closes=_closes(scene, min((world.instant(job.began) for job in jobs), default=None)),
    )


def _end_of(job: MadeUpJob, world: World) -> datetime:
    """When it ended; one that never does goes on to the end of the run."""
    return min(world.instant(min(job.ends, job.lost, job.terminated, world.elapsed)), world.clock.now())


def _is_out(node: MadeUpNode) -> bool:
    """Whether the node is still locked, or the last thing that was done there has not gone well."""
    latest = max(node.jobs.values(), key=lambda job: job.seq, default=None)
    return node.holder is not None or (latest is not None and latest.state(node.now) is not JobState.DONE)


def _closes(scene: Scene, began: datetime | None) -> datetime | None:
    """When the window closes in which the first script began; None when none did, or it never closes."""
    if began is None:
        return None
    windows = scene.snapshot.plan.schedule.windows()
    freezes = freezes_for(scene.today or scene.snapshot.infrastructure, scene.snapshot)
    around = openings(windows, freezes, after=began, before=began + INSTANT, work=timedelta(), reserve=timedelta())
    return next((opening.closes for opening in around), None)
