"""How long may the work that is left take? By earlier runs when there are enough, else by the plan's own limits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from deployplan.plan.snapshot import Snapshot
from deployplan.plan.text.scalars import spell_duration
from deployplan.plan.waves import Wave
from deployplan.runbook.timing.past_runs import PastRun

ENOUGH = 5
"""Released runs in which the same wave must have been timed before they count more than the declared timeout."""
LATEST = 20
"""So many of them are looked at, the latest."""
MARGIN = 1.5
"""The p90 is exceeded by one run in ten; what was planned with this margin is exceeded by hardly any."""
LEAST = timedelta(minutes=1)
"""A wave is never planned shorter: connecting, and Airflow's way from one task to the next, take time as well."""


@dataclass(frozen=True, slots=True)
class WaveEstimate:
    """How long a wave may take, its `bake` included, and on how many earlier runs that rests; 0: on its timeout."""

    wave: Wave
    takes: timedelta
    runs: int

    @property
    def told(self) -> str:
        """`web wave 1 of 3 2m (p90 of 7 runs)`."""
        basis = f"p90 of {self.runs} runs" if self.runs else "declared"
        return f"{self.wave.component} wave {self.wave.number} of {self.wave.of} {spell_duration(self.takes)} ({basis})"


@dataclass(frozen=True, slots=True)
class Estimate:
    """How long the waves that are left and the verification may take.

    Manual tests are not counted: people may still test after the window, as a backout is never blocked by it.
    """

    waves: tuple[WaveEstimate, ...]
    soak: timedelta

    @property
    def work(self) -> timedelta:
        """All of it together."""
        return sum((each.takes for each in self.waves), self.soak)

    @property
    def told(self) -> str:
        """One sentence: the sum, its parts, and what each rests on."""
        parts = [each.told for each in self.waves]
        if self.soak:
            parts.append(f"verification {spell_duration(self.soak)}")
        return f"{spell_duration(self.work)} of work: {', '.join(parts) or 'nothing is left'}"

    def as_json(self) -> dict[str, object]:
        """The estimate for programs, lengths in seconds; `runs` 0 means by the declared timeout."""
        return {
            "seconds": self.work.total_seconds(),
            "soak_seconds": self.soak.total_seconds(),
            "waves": [
                {
                    "component": each.wave.component,
                    "wave": each.wave.number,
                    "seconds": each.takes.total_seconds(),
                    "runs": each.runs,
                }
                for each in self.waves
            ],
        }


def estimate(snapshot: Snapshot, remaining: Iterable[Wave], past: Sequence[PastRun]) -> Estimate:
    """Return how long these waves and the verification may take; `past` are earlier runs of the product, in order."""
    left = tuple(remaining)
    return Estimate(tuple(_wave(snapshot, wave, past) for wave in left), _soak(snapshot, left))


def _soak(snapshot: Snapshot, left: tuple[Wave, ...]) -> timedelta:
    """The verification follows the last wave: it is still to come when no wave is left, and not before the last."""
    if left and snapshot.waves[-1] not in left:
        return timedelta()
    return max((criterion.for_ for criterion in snapshot.plan.machine_criteria()), default=timedelta())


def _wave(snapshot: Snapshot, wave: Wave, past: Sequence[PastRun]) -> WaveEstimate:
    """The p90 of earlier runs with its margin, never more than the timeout, at which the scripts are ended anyway."""
    component = snapshot.plan.components[wave.component]
    declared, bake = component.timeout, component.bake
    seconds = [
        time.seconds
        for run in past
        if run.released
        for time in run.waves
        # What fewer nodes took says nothing about this wave: one slow node is enough to make it long.
        if (time.component, time.number, time.of) == (wave.component, wave.number, wave.of)
        and time.nodes >= len(wave.nodes)
    ][-LATEST:]
    if len(seconds) < ENOUGH:
        return WaveEstimate(wave, declared + bake, 0)
    planned = max(LEAST, timedelta(seconds=ceil(p90(seconds) * MARGIN)))
    return WaveEstimate(wave, min(declared, planned) + bake, len(seconds))


def p90(seconds: Sequence[float]) -> float:
    """Return the value that nine in ten do not exceed: of ten values the ninth, of fewer than ten the largest."""
    ordered = sorted(seconds)
    return ordered[ceil(len(ordered) * 9 / 10) - 1]
