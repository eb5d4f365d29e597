"""How long do scripts take in a simulated run? As in earlier runs where there were any, else by the plan's limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from statistics import median

from deployplan.airflow_glue.what_if.faults import Faults
from deployplan.airflow_glue.what_if.made_up_node import NEVER
from deployplan.plan.snapshot import Snapshot
from deployplan.remote.job import JobSpec
from deployplan.runbook.timing.past_runs import PastRun

OF_ITS_TIMEOUT = 0.5
"""The part of its timeout that a script takes of which nothing else is known."""
SPREAD = 0.4
"""How far random durations lie apart: the standard deviation of their logarithm."""


@dataclass(frozen=True)
class Durations:
    """How long each script takes; with `chance` not always the same."""

    snapshot: Snapshot
    past: Sequence[PastRun]
    faults: Faults
    chance: Random | None = None

    def takes(self, node: str, spec: JobSpec) -> tuple[timedelta, float]:
        """How long the job takes on the node, and after how many seconds each it says something."""
        stated = self.faults.of(node, spec.step, "takes")
        length = stated.length if stated is not None else self._usual(spec.component, spec.step)
        if stated is None and self.chance is not None:
            length *= self.chance.lognormvariate(0.0, SPREAD)
        silence = self.snapshot.plan.components[spec.component].no_progress
        return length, NEVER if silence is None else silence.total_seconds() / 2

    def _usual(self, component: str, step: str) -> timedelta:
        wanted = self.snapshot.plan.components[component]
        expected = self.snapshot.plan.backout.expected_duration
        if step == "undo" and expected is not None:
            return min(expected, wanted.timeout * OF_ITS_TIMEOUT)
        times = [time.seconds for run in self.past if run.released for time in run.waves if time.component == component]
        return timedelta(seconds=median(times)) if times else wanted.timeout * OF_ITS_TIMEOUT
