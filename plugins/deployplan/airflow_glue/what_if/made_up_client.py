"""The way to a made-up node: what a step asks of one, answered from its table on the clock of the simulation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from deployplan.airflow_glue.what_if.made_up_node import NEVER, MadeUpJob, MadeUpNode
from deployplan.remote.command import Command, Value
from deployplan.remote.errors import Unreachable
from deployplan.remote.job import Chunk, JobFacts, JobSpec, JobState, Proof
from deployplan.remote.node_client import NodeClient
from deployplan.remote.node_facts import Holder, NodeFacts, NodeRecords
from deployplan.remote.staging import Staged
from deployplan.remote.transport import Result
from deployplan.remote.watching import SILENCE

if TYPE_CHECKING:
    from deployplan.remote.transport import Transport

ROOM = 100 * 1024**3
"""Bytes that are free on every node."""
BASE = "/made-up/.deployplan"
TERM_TAKES = 1.0
"""Seconds that a script takes to end when it is told to."""


class _Line:
    """The line to a node: it has a name, and can be hung up."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def close(self) -> None:
        """Nothing is open."""


class MadeUpClient(NodeClient):
    """One connection to a made-up node.

    `takes` says how long a job takes and how often it says something; `answers` what a command prints there.
    """

    def __init__(
        self,
        node: MadeUpNode,
        takes: Callable[[JobSpec], tuple[timedelta, float]],
        answers: Callable[[str], Result],
    ) -> None:
        super().__init__(cast("Transport", _Line(node.name)), BASE)
        self._node, self._takes, self._answers = node, takes, answers

    async def facts(self) -> NodeFacts:
        node, known = self._there(), self._recorded(None)
        known |= {"free_bytes": ROOM, "home": "/made-up", "holder": node.holder, "host": node.name, "detach": "setsid"}
        return NodeFacts(**known)

    async def records(self) -> NodeRecords:
        self._there()
        return NodeRecords(**self._recorded(None))

    async def survey(self, sha256: str, filename: str, *, first: str) -> NodeRecords:
        self._there()
        return NodeRecords(**self._recorded("there"))

    async def lock(self, holder: Holder, *, keep_frozen: bool = False) -> Holder:
        return self._there().lock(holder, keep_frozen=keep_frozen)

    async def unlock(self, holder: Holder, *, force_reason: str | None = None) -> None:
        self._there().unlock(holder, force=force_reason is not None)

    async def freeze_lock(self, holder: Holder, reason: str) -> None:
        self._there().freeze(holder, reason)

    async def stage(self, sha256: str, filename: str, local: Path, *, found: str | None = None) -> Staged:
        self._there()
        return Staged(f"{BASE}/packages/{sha256}/files")

    async def stage_scripts(self, sha256: str, files: Mapping[str, bytes]) -> str:
        self._there()
        return f"{BASE}/scripts/{sha256}"

    async def start(self, job: JobSpec) -> JobFacts:
        return self._facts_of(self._there().start(job, *self._takes(job)))

    @asynccontextmanager
    async def carry(self, job: JobSpec) -> AsyncIterator[tuple[JobFacts, AsyncIterator[Chunk | JobFacts]]]:
        facts = await self.start(job)
        yield facts, self.watch(job.job_id)

    async def watch(self, job_id: str, *, offset: int = 0) -> AsyncIterator[Chunk | JobFacts]:
        node = self._there()
        job, since = node.jobs[job_id], node.now
        while True:
            await self._hold(since, job_id)
            said, state = job.log(node.now)[offset:], job.state(node.now)
            if said:
                yield Chunk(offset, said)
                offset += len(said)
            if state.final:
                yield self._facts_of(job)
                return
            await self._wait_until(min(job.next_change(node.now), node.next_cut()))

    async def terminate(self, job_id: str, *, grace: float, holder: Holder) -> Proof:
        node = self._there()
        node.fence(f"terminate:{job_id}", holder.run)
        job = node.jobs[job_id]
        was_running = job.state(node.now) is JobState.RUNNING
        if was_running and grace:
            await self._wait_until(min(node.now + min(grace, TERM_TAKES), job.ends), woken=False)
            self._there()
        node.terminate(job)
        signals = ("TERM 1",) if was_running else ()
        return Proof(True, (), signals, node.at(node.now), self._facts_of(job), ground="reaper")

    async def mark_seen(self, job_id: str, generation: str) -> None:
        seen = self._there().jobs[job_id].seen
        if generation not in seen:
            seen.append(generation)

    async def append_ledger(
        self, entry: Mapping[str, Any], *, run: str | None = None, once_for_job: str | None = None
    ) -> None:
        node = self._there()
        node.fence("ledger", run if run is not None else str(entry["run"]))
        if once_for_job is None or all(line.get("job") != once_for_job for line in node.ledger):
            node.ledger.append(dict(entry))

    async def read_log(self, job_id: str, offset: int = 0, limit: int = 65_536) -> bytes:
        node = self._there()
        return node.jobs[job_id].log(node.now)[offset : offset + limit]

    async def run(
        self,
        command: str | Command,
        cwd: str | None = None,
        env: Mapping[str, Value] | None = None,
        timeout: float = 60.0,
        *,
        limit: int = 1024 * 1024,
    ) -> Result:
        self._there()
        return self._answers(str(command))

    async def prune(self, keep: int = 20, older_than_days: int = 30) -> tuple[str, ...]:
        return ()

    def _there(self) -> MadeUpNode:
        self._node.reach()
        return self._node

    def _recorded(self, package: str | None) -> dict[str, Any]:
        node = self._node
        return {
            "now": node.at(node.now),
            "base": BASE,
            "jobs": tuple(map(self._facts_of, node.jobs.values())),
            "ledger": tuple(node.ledger),
            "package": package,
        }

    def _facts_of(self, job: MadeUpJob) -> JobFacts:
        return job.facts(self._node.now, self._node.at)

    async def _hold(self, since: float, job_id: str) -> None:
        """Go on while the line holds. Raises Unreachable when it was cut, or has been silent for too long."""
        node = self._node
        cut = node.cut(since)
        if cut is None:
            return
        if not cut:
            back = min((ends for begins, ends, _ in node.away if begins <= node.now < ends), default=node.now)
            await self._wait_until(min(back, node.now + SILENCE), woken=False)
            if node.cut(since) is None:
                return
        raise Unreachable(f"{node.name}: the connection was lost while watching {job_id}")

    async def _wait_until(self, time: float, *, woken: bool = True) -> None:
        """Wait until then, with `woken` only until something changes before."""
        changed = self._node.changed if woken else asyncio.Event()
        if time == NEVER:
            await changed.wait()
            return
        try:
            async with asyncio.timeout_at(time):
                await changed.wait()
        except TimeoutError:
            return
