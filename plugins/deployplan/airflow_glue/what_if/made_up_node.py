"""A node that behaves as told: its lock, jobs and ledger as the node's half keeps them, without a node.

What a real one does with shell text, this one does with a table; what it answers is of the same types, so that nobody
who asks can tell the difference. tests/airflow/what_if/test_simulation_agrees.py holds it to real ones.
"""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from deployplan.airflow_glue.what_if.faults import Fault, Faults
from deployplan.clock import Clock
from deployplan.remote.errors import Fenced, LockHeld, NodeFault, Unreachable
from deployplan.remote.job import JobFacts, JobId, JobSpec, JobState
from deployplan.remote.node_facts import Holder

NEVER = math.inf
BEGUN = b"begun\n"
"""What every script says first."""


@dataclass(slots=True)
class MadeUpJob:
    """A script on its way: when it began, and how it will go if nobody interferes. Times are those of the loop."""

    spec: JobSpec
    seq: int
    began: float
    ends: float
    exit: int
    says_every: float = NEVER
    lost: float = NEVER
    terminated: float = NEVER
    seen: list[str] = field(default_factory=list)

    def state(self, now: float) -> JobState:
        """What has become of it; a time that has come first stands."""
        first = min(self.ends, self.lost, self.terminated)
        if now < first:
            return JobState.RUNNING
        if first == self.ends:
            return JobState.DONE if self.exit == 0 else JobState.FAILED
        return JobState.TERMINATED if self.terminated < NEVER else JobState.LOST

    def log(self, now: float) -> bytes:
        """All that it has said."""
        until = min(now, self.ends, self.lost, self.terminated)
        lines = 0 if self.says_every == NEVER else int((until - self.began) / self.says_every)
        return BEGUN + b"at work\n" * lines

    def next_change(self, now: float) -> float:
        """When it says or becomes something else."""
        line = NEVER
        if self.says_every < NEVER:
            line = self.began + (int((now - self.began) / self.says_every) + 1) * self.says_every
        return min(time for time in (line, self.ends, self.lost, self.terminated, NEVER) if time > now or time == NEVER)

    def facts(self, now: float, at: Any) -> JobFacts:
        """What the node says of it; `at` makes an instant of a time."""
        state, name = self.state(now), JobId.parse(self.spec.job_id)
        ended = min(self.ends, self.terminated) if state.ended_by_itself or state is JobState.TERMINATED else None
        return JobFacts(
            job_id=self.spec.job_id,
            digest12=name.digest12,
            component=name.component,
            step=name.step,
            attempt=name.attempt,
            seq=self.seq,
            run=self.spec.run,
            generation=self.spec.generation,
            state=state,
            exit=self.exit if state.ended_by_itself else None,
            started=at(self.began),
            ended=None if ended is None else at(ended),
            log_bytes=len(self.log(now)),
            seen=tuple(self.seen),
        )


class MadeUpNode:
    """What is true of one node, whoever is connected to it."""

    def __init__(self, name: str, faults: Faults, clock: Clock, versions: dict[str, str | None]) -> None:
        self.name, self.faults, self.clock, self.versions = name, faults, clock, versions
        self.holder: Holder | None = None
        self.turns: dict[str, int] = {}
        self.jobs: dict[str, MadeUpJob] = {}
        self.ledger: list[dict[str, Any]] = []
        self.away: list[tuple[float, float, bool]] = []
        self.changed = asyncio.Event()

    @property
    def now(self) -> float:
        return asyncio.get_running_loop().time()

    def at(self, time: float) -> datetime:
        """The instant of a time, in whole seconds as a node tells it."""
        return (self.clock.now() + timedelta(seconds=time - self.now)).replace(microsecond=0)

    def reach(self) -> None:
        """Raises Unreachable while it is away."""
        if self.away and any(begins <= self.now < ends for begins, ends, _ in self.away):
            raise Unreachable(f"{self.name}: connection refused, nothing listens there")

    def cut(self, since: float) -> bool | None:
        """Whether a connection from then on was reset (True) or is silent (False); None while it holds."""
        for begins, ends, reset in self.away:
            if since < begins <= self.now and (reset or self.now < ends):
                return reset
        return None

    def next_cut(self) -> float:
        """When the node goes away, or is back, next."""
        return min((time for away in self.away for time in away[:2] if time > self.now), default=NEVER)

    def go_away(self, begins: float, lasts: timedelta, *, reset: bool) -> None:
        """Be unreachable for a while; with `reset` its connections are told so."""
        self.away.append((begins, begins + lasts.total_seconds(), reset))

    def tell(self) -> None:
        """Wake who watches."""
        event, self.changed = self.changed, asyncio.Event()
        event.set()

    # The lock: as take_lock.sh and change_lock.sh have it.

    def lock(self, holder: Holder, *, keep_frozen: bool) -> Holder:
        """Take the node for a run; see NodeClient.lock."""
        if holder.series and self.turns.get(f"{holder.plan} {holder.series}", 0) > holder.turn:
            raise Fenced(f"{self.name}: lock refused, the node is held by {self.holder or 'nobody'}", self.holder)
        mine = self.holder
        if mine is not None and mine.run == holder.run:
            return mine
        if mine is not None and not self._may_take_over(mine, holder, keep_frozen=keep_frozen):
            raise LockHeld(f"{self.name}: the node is held by {mine}: by another run", mine)
        frozen = mine.frozen if mine is not None and keep_frozen else None
        self.holder = _with(holder, frozen)
        self._passed(holder)
        return self.holder

    def _may_take_over(self, mine: Holder, other: Holder, *, keep_frozen: bool) -> bool:
        if mine.frozen is not None and not keep_frozen:
            return False
        if other.series and (mine.plan, mine.series) == (other.plan, other.series):
            return True
        return mine.plan == other.plan and mine.frozen is None and not self.working()

    def unlock(self, holder: Holder, *, force: bool) -> None:
        """Give it back; see NodeClient.unlock."""
        if self.holder is None:
            return
        self.fence("unlock", holder.run)
        if not force and (self.holder.frozen is not None or self.working()):
            raise LockHeld(f"{self.name}: the node is held by {self.holder}: frozen, or at work", self.holder)
        self.holder = None
        self._passed(holder)

    def freeze(self, holder: Holder, reason: str) -> None:
        """Keep it for this run."""
        self.fence("freeze", holder.run)
        self.holder = _with(holder, reason)

    def fence(self, label: str, run: str) -> None:
        """Raises Fenced unless this run holds the node."""
        if self.holder is None or self.holder.run != run:
            held = self.holder or "nobody"
            raise Fenced(f"{self.name}: {label} refused, the node is held by {held}", self.holder)

    def _passed(self, holder: Holder) -> None:
        if holder.series:
            key = f"{holder.plan} {holder.series}"
            self.turns[key] = max(holder.turn, self.turns.get(key, 0))

    def working(self) -> bool:
        """Whether a job lives."""
        return any(not job.state(self.now).final for job in self.jobs.values())

    # Jobs.

    def start(self, spec: JobSpec, takes: timedelta, says_every: float) -> MadeUpJob:
        """Start a job once; how it goes is what is made up for it."""
        self.fence(f"start:{spec.job_id}", spec.run)
        known = self.jobs.get(spec.job_id)
        if known is not None:
            return known
        for job in self.jobs.values():
            if job.spec.component == spec.component and not job.state(self.now).final:
                raise NodeFault(f"{self.name}: start:{spec.job_id} could not be done: {job.spec.job_id} still runs")
        began, fault = self.now, self.faults.of(self.name, spec.step, "exit", "silent", "unreachable", "reboot")
        seconds = takes.total_seconds()
        job = MadeUpJob(spec, len(self.jobs) + 1, began, began + seconds, 0, says_every)
        self.jobs[spec.job_id] = job
        if fault is not None:
            self._spoil(job, fault, began + seconds / 2)
        version = spec.env.get("DEPLOYPLAN_VERSION" if spec.step == "deploy" else "DEPLOYPLAN_PREVIOUS")
        self.versions[spec.component] = str(version) or None
        self.tell()
        return job

    def _spoil(self, job: MadeUpJob, fault: Fault, half: float) -> None:
        match fault.kind:
            case "exit":
                job.exit = fault.exit
            case "silent":
                job.ends, job.says_every = NEVER, NEVER
            case "unreachable":
                self.go_away(half, fault.length, reset=False)
            case "reboot":
                job.lost = half
                self.go_away(half, fault.length, reset=True)

    def terminate(self, job: MadeUpJob) -> None:
        """End it now, by TERM; of one that was lost it is proven that nothing of it lives."""
        if not job.state(self.now).ended_by_itself:
            job.ends = NEVER
            if job.lost > self.now:
                job.lost = NEVER
            job.terminated = min(job.terminated, self.now)
            self.tell()

    def deployed_since(self) -> float | None:
        """When a deploy was done here last; None when none was, or an undo was done since."""
        since = None
        for job in sorted(self.jobs.values(), key=lambda job: job.seq):
            if job.state(self.now) is JobState.DONE:
                since = job.ends if job.spec.step == "deploy" else None
        return since


def _with(holder: Holder, frozen: str | None) -> Holder:
    return Holder(
        holder.plan, holder.digest, holder.run, holder.since, holder.controller, frozen, holder.series, holder.turn
    )
