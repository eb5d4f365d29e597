"""Many runs by chance: how they end, how often, and which were the worst."""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random

from deployplan.airflow_glue.what_if.faults import Faults
from deployplan.airflow_glue.what_if.random_faults import random_faults
from deployplan.airflow_glue.what_if.simulate import Simulated, simulate
from deployplan.airflow_glue.what_if.world import Scene

PROCESSES_AT_MOST = 8
AT_ONCE = 20
"""Runs that a process is given at once."""


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How one run of many ended; `seed` repeats it. `spare` is the time between its last script and the close."""

    seed: int
    outcome: str
    bad: bool
    because: str
    began: datetime
    ended: datetime
    nodes_out: tuple[str, ...]
    faults: tuple[str, ...]
    spare: timedelta | None

    @property
    def took(self) -> timedelta:
        return self.ended - self.began


@dataclass(frozen=True, slots=True)
class ManyRuns:
    """The ends of all runs, in the order of their seeds."""

    ends: tuple[RunEnd, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many ended how, the most frequent first."""
        return dict(Counter(end.outcome for end in self.ends).most_common())

    @property
    def worst(self) -> dict[str, RunEnd]:
        """The worst runs, by what makes them so; of several equal ones the first."""
        bad = [end for end in self.ends if end.bad]
        timed = [end for end in self.ends if end.spare is not None]
        found = {"longest": max(self.ends, key=lambda end: end.took)}
        found["most nodes out"] = max(self.ends, key=lambda end: len(end.nodes_out))
        if timed:
            found["latest against its window"] = min(timed, key=lambda end: end.spare or timedelta())
        if bad:
            found["worst end"] = max(bad, key=lambda end: len(end.nodes_out))
        return found


def by_chance(scene: Scene, stated: Faults, seed: int) -> Simulated:
    """One run in which what goes wrong, and how long all takes, is left to chance: the same for the same seed."""
    return simulate(scene, random_faults(scene.snapshot, Random(seed), stated), Random(f"{seed} durations"))


def simulate_many(scene: Scene, stated: Faults, seed: int, runs: int) -> ManyRuns:
    """Carry out so many runs, with the seeds from `seed` on, on the processors that there are."""
    seeds = range(seed, seed + runs)
    processes = min(PROCESSES_AT_MOST, _processors(), -(-runs // AT_ONCE))
    one = partial(_end_of, scene, stated)
    return ManyRuns(tuple(map(one, seeds) if processes < 2 else _side_by_side(one, seeds, processes)))


def _processors() -> int:
    """How many this process may use; all that there are where the system cannot say, as on macOS."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _side_by_side(one: Callable[[int], RunEnd], seeds: Sequence[int], processes: int) -> list[RunEnd]:
    gc.freeze()  # what is here already stays
    global _one  # inherited by the processes that are forked now, and by no others
    _one = one
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("fork")) as pool:
        return list(pool.map(_here, seeds, chunksize=AT_ONCE))


_one: Callable[[int], RunEnd] | None = None


def _here(seed: int) -> RunEnd:
    assert _one is not None
    return _one(seed)


def _end_of(scene: Scene, stated: Faults, seed: int) -> RunEnd:
    run = by_chance(scene, stated, seed)
    return RunEnd(
        seed=seed,
        outcome=run.ended_as,
        bad=run.is_bad,
        because=run.because,
        began=run.begins,
        ended=run.ends,
        nodes_out=run.nodes_out,
        faults=tuple(map(str, run.faults.each)),
        spare=run.spare,
    )
