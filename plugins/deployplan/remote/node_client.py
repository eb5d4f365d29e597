"""Driving one node: facts, lock, packages, jobs; every call may be repeated after a lost connection."""

import json
import math
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

from deployplan.remote import programs, staging
from deployplan.remote.check_command import check_command, out_of_time
from deployplan.remote.command import Command, Secret, Value, exports
from deployplan.remote.errors import Fenced, LockHeld, NodeFault, RemoteError
from deployplan.remote.job import Chunk, JobFacts, JobId, JobSpec, Proof
from deployplan.remote.node_facts import (
    FORMAT,
    Holder,
    NodeFacts,
    NodeRecords,
    field_text,
    fields,
    holder_text,
    one_line,
    read_facts,
    read_holder,
    read_jobs,
    read_proof,
    read_records,
)
from deployplan.remote.pruning import prunable
from deployplan.remote.staging import Staged
from deployplan.remote.transport import KIBI, Result, Transport
from deployplan.remote.watching import Frames, watch

__all__ = ["Chunk", "Holder", "JobFacts", "JobSpec", "NodeClient", "NodeFacts", "NodeRecords", "Proof", "Staged"]

# Exit codes of the node's half (shell/): nothing else of ours ends with these.
FENCED, HELD = 97, 98
_LEDGER_LINE = 32 * KIBI
Told = TypeVar("Told", NodeFacts, NodeRecords)


class NodeClient:
    """One node. `base_dir` is where it keeps its facts (~/ is the home folder there); `timeout` bounds each answer.

    Every method may raise Unreachable (unknown what happened; ask again), NodeFault (the node could not), and, where
    it acts for a run, Fenced (that run does not hold the node).
    """

    def __init__(self, transport: Transport, base_dir: str = "~/.deployplan", *, timeout: float = 60.0) -> None:
        self.transport = transport
        self.base_dir = base_dir
        self.timeout = timeout
        self.placed: dict[str, tuple[str | None, str | None]] = {}
        """What was placed over this connection, for whoever placed it."""

    @property
    def name(self) -> str:
        return self.transport.name

    async def facts(self) -> NodeFacts:
        """Ask everything there is to know, in one remote command that changes nothing."""
        return self._whole(read_facts(await self._ask("facts", programs.FACTS)))

    async def records(self) -> NodeRecords:
        """Ask what the node has recorded, in one remote command that changes nothing."""
        return self._whole(read_records(await self._ask("records", programs.RECORDS)))

    async def survey(self, sha256: str, filename: str, *, first: str) -> NodeRecords:
        """Ask the records, and for a package in the same command: `package` is what `stage` would ask for anyway.

        Nothing is said of it when there was a job already whose id begins with `first`.
        """
        staging.check_package(sha256, filename)
        answer = await self._ask("facts", programs.SURVEY, sha=sha256, name=filename, first=first)
        return self._whole(read_records(answer))

    def _whole(self, facts: Told | None) -> Told:
        if facts is None:
            raise NodeFault(f"{self.name}: the answer to facts is cut short or makes no sense")
        if facts.later:
            raise NodeFault(
                f"{self.name}: {one_line(', '.join(facts.later[:3]))} was written by a later version of deployplan; "
                f"this one reads formats 1 and {FORMAT}: work on this node with that version"
            )
        return facts

    async def lock(self, holder: Holder, *, keep_frozen: bool = False) -> Holder:
        """Hold the node for `holder.run`; return the holder as it is written there (the first `since` stays).

        An earlier turn of the same plan and series is taken over at once, whatever runs: it is fenced from then on.
        With `keep_frozen` even when it is frozen, and it stays so. A lock of the same plan's other run is taken over
        when it is not frozen and no job lives. Else LockHeld; Fenced when a later turn has had the node.
        """
        answer = await self._ask(
            "lock",
            programs.TAKE_LOCK,
            run=field_text(holder.run),
            plan_line=f"plan={field_text(holder.plan)}",
            series_line=f"series={field_text(holder.series)}" if holder.series else "",
            turn=holder.turn,
            thaw=int(keep_frozen),
            holder_text=holder_text(replace(holder, frozen=None)),
        )
        return read_holder(_lines(answer)) or holder

    async def unlock(self, holder: Holder, *, force_reason: str | None = None) -> None:
        """Give the node back; nothing happens when it is free. No turn of its series below `holder.turn` gets it again.

        LockHeld when it is frozen or a job lives, unless `force_reason` says why all the same. Fenced when another run
        than `holder.run` holds it, reason or not: look at who holds it, and unlock that.
        """
        freed = {"state": "free", "run": holder.run, "plan": holder.plan, "by": holder.controller}
        if holder.series:
            freed |= {"series": holder.series, "turn": str(holder.turn)}
        if force_reason is not None:
            freed["reason"] = force_reason
        await self._change_lock("unlock", holder.run, _text(freed), force=force_reason is not None, release=True)

    async def freeze_lock(self, holder: Holder, reason: str) -> None:
        """Keep the node for `holder.run`, so that no other run takes it over until a person unlocks it."""
        await self._change_lock(
            "freeze", holder.run, holder_text(replace(holder, frozen=reason)), force=False, release=False
        )

    async def _change_lock(self, label: str, run: str, text: str, *, force: bool, release: bool) -> None:
        script = programs.CHANGE_LOCK
        await self._ask(label, script, run=field_text(run), next_text=text, force=int(force), release=int(release))

    async def stage(self, sha256: str, filename: str, local: Path, *, found: str | None = None) -> Staged:
        """Bring a package there (see staging.stage); interrupted, the next call goes on where this one ended.

        `found` is what a survey has just said of it.
        """
        return await staging.stage(
            self.transport,
            self.base_dir,
            sha256=sha256,
            filename=filename,
            local=local,
            timeout=self.timeout,
            found=found,
        )

    async def stage_scripts(self, sha256: str, files: Mapping[str, bytes]) -> str:
        """Bring scripts there, named by the sha256 of the set; return their folder."""
        return await staging.stage_scripts(
            self.transport, self.base_dir, sha256=sha256, files=files, timeout=self.timeout
        )

    async def start(self, job: JobSpec) -> JobFacts:
        """Start a job once: a second start, from wherever, finds the first.

        NodeFault also when another job of the same component is not dead.
        """
        return self._one(job.job_id, await self._ask(f"start:{job.job_id}", programs.START, **self._launch(job)))

    @asynccontextmanager
    async def carry(self, job: JobSpec) -> AsyncIterator[tuple[JobFacts, AsyncIterator[Chunk | JobFacts]]]:
        """Start a job as `start` does and watch it from its beginning, both in one remote command.

        Leaving ends the watching, never the job. A connection that is lost at any point leaves what a `start` of its
        own would have left: nothing, or a job to be found by the next one who looks.
        """
        label = f"start:{job.job_id}"
        # No program need count what its log says already: the watch will tell all of it.
        more = {"streamer": programs.perl("stream"), "read_to": 0, **self._launch(job)}
        script = programs.script(programs.START_AND_WATCH, base=self.base_dir, **more)
        async with self.transport.stream(script, label=label) as output:
            frames = Frames(self.name, output)
            answer, ended = await frames.head(within=self.timeout)
            if ended is not None:
                raise self._refusal(label, replace(ended, stdout=answer))
            yield self._one(job.job_id, answer), watch(self.name, job.job_id, frames, 0)

    def _launch(self, job: JobSpec) -> dict[str, Any]:
        cwd = {"cwd": job.cwd or "", "job": job.job_id, "run": field_text(job.run), "base": self.base_dir}
        secret = {name: value for name, value in job.env.items() if isinstance(value, Secret)}
        plain = {name: value for name, value in job.env.items() if name not in secret}
        return {
            "run": field_text(job.run),
            "job": job.job_id,
            "digest": job.digest,
            "component": job.component,
            "step": job.step,
            "attempt": job.attempt,
            "claim": _claim(job),
            "script": job.script.removesuffix("\n"),
            "env": exports(plain).removesuffix("\n"),
            "secret": exports(secret).removesuffix("\n"),
            "runner_text": programs.script(programs.RUNNER, **cwd),
            "launcher": programs.perl("launch"),
        }

    async def watch(self, job_id: str, *, offset: int = 0) -> AsyncIterator[Chunk | JobFacts]:
        """Yield the job's output from `offset` on as it comes, then its facts in a final state.

        One remote command until the job ends. Unreachable when the connection is lost: reconnect and go on from where
        the last chunk ended; no byte is lost or repeated.
        """
        JobId.parse(job_id)
        script = programs.script(
            programs.WATCH, base=self.base_dir, job=job_id, offset=offset, streamer=programs.perl("stream")
        )
        async with self.transport.stream(script, label=f"watch:{job_id}") as output:
            async for piece in watch(self.name, job_id, Frames(self.name, output), offset):
                yield piece

    async def terminate(self, job_id: str, *, grace: float, holder: Holder) -> Proof:
        """Make the job dead: TERM to all its processes, `grace` seconds, KILL, look again; repeating it is harmless.

        A job that ended by itself is left alone. One that was never launched never will be.
        """
        name = JobId.parse(job_id)
        claim = {
            "format": FORMAT,
            "run": holder.run,
            "generation": "",
            "digest": holder.digest,
            "component": name.component,
            "step": name.step,
            "attempt": str(name.attempt),
            "controller": holder.controller,
        }
        answer = await self._ask(
            f"terminate:{job_id}",
            programs.TERMINATE,
            timeout=self.timeout + grace + 30,
            run=field_text(holder.run),
            job=job_id,
            claim=_text(claim),
            grace=max(0, math.ceil(grace)),
            by=field_text(holder.controller),
        )
        return read_proof(answer, self._one(job_id, answer))

    async def mark_seen(self, job_id: str, generation: str) -> None:
        """Note that the job's end was reported to `generation`; twice is once."""
        JobId.parse(job_id)
        if not generation:
            raise ValueError("the generation that has seen a job cannot be empty")
        await self._ask("seen", programs.SEEN, job=job_id, generation=field_text(generation))

    async def append_ledger(
        self, entry: Mapping[str, Any], *, run: str | None = None, once_for_job: str | None = None
    ) -> None:
        """Add one line to the node's ledger. `run` (by default the entry's own) must hold the node.

        With `once_for_job`, which is then the entry's `job`, nothing is added when a line speaks of that job already.
        ValueError for an entry that is not JSON, longer than 32 KiB, or without a run.
        """
        holder = run if run is not None else entry.get("run")
        if not isinstance(holder, str):
            raise ValueError(f"a ledger entry needs the run that writes it, got {holder!r}")
        line = json.dumps({"format": int(FORMAT), **entry}, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
        if len(line) > _LEDGER_LINE:
            raise ValueError(f"a ledger entry of {len(line)} bytes; at most {_LEDGER_LINE} fit in a line")
        once = ""
        if once_for_job is not None:
            entry_job = str(JobId.parse(once_for_job))
            once = f'"job":"{entry_job}"'  # as it stands in a line; in a text, its quotes would be escaped
        await self._ask("ledger", programs.LEDGER, run=field_text(holder), entry=line, once=once)

    async def read_log(self, job_id: str, offset: int = 0, limit: int = 65_536) -> bytes:
        """Return up to `limit` bytes of a job's output, from `offset` on."""
        JobId.parse(job_id)
        return await self._ask("log", programs.READ_LOG, answer_limit=limit, job=job_id, offset=offset, limit=limit)

    async def run(
        self,
        command: str | Command,
        cwd: str | None = None,
        env: Mapping[str, Value] | None = None,
        timeout: float = 60.0,
        *,
        limit: int = 1024 * KIBI,
    ) -> Result:
        """Run a command to its end, for checks: nothing is fenced, nothing is kept, stdin is empty.

        NodeFault when it takes longer than `timeout` seconds (it is ended) or says more than `limit` bytes; exit code
        126 when `cwd` cannot be entered.
        """
        script = check_command(command, cwd, env or {}, timeout)
        begun = monotonic()
        result = await self.transport.run(script, label="check", timeout=timeout + 15, limit=limit)
        if out_of_time(result, timeout, monotonic() - begun):
            raise NodeFault(f"{self.name}: the command did not end within {timeout:g} s: {str(command)[:200]}")
        return result

    async def prune(self, keep: int = 20, older_than_days: int = 30) -> tuple[str, ...]:
        """Remove jobs that are over and old, and packages no job refers to; return the ids (see pruning.prunable)."""
        facts = await self.facts()
        old = prunable(facts.jobs, keep=keep, older_than=facts.now - timedelta(days=older_than_days))
        await self._ask("prune", programs.PRUNE, jobs=" ".join(old), days=older_than_days)
        return old

    def _one(self, job_id: str, answer: bytes) -> JobFacts:
        for job in read_jobs(answer):
            if job.job_id == job_id:
                return job
        raise NodeFault(f"{self.name}: the answer says nothing of job {job_id}")

    async def _ask(
        self,
        label: str,
        parts: tuple[str, ...],
        *,
        timeout: float | None = None,
        answer_limit: int = 8 * KIBI * KIBI,
        **values: str | int,
    ) -> bytes:
        script = programs.script(parts, **{"base": self.base_dir, **values})
        result = await self.transport.run(script, label=label, timeout=timeout or self.timeout, limit=answer_limit)
        if result.ok:
            return result.stdout
        raise self._refusal(label, result)

    def _refusal(self, label: str, result: Result) -> RemoteError:
        lines = _lines(result.stdout)
        holder = read_holder(lines)
        if result.exit == FENCED:
            return Fenced(f"{self.name}: {label} refused, the node is held by {holder or 'nobody'}", holder)
        if result.exit == HELD:
            why = one_line(fields(lines).get("why", ""))[:500]
            return LockHeld(f"{self.name}: the node is held by {holder}: {why}", holder)
        said = result.complaint or "it did not say why"
        return NodeFault(f"{self.name}: {label} could not be done (exit code {result.exit}): {said}")


def _claim(job: JobSpec) -> str:
    return _text(
        {
            "format": FORMAT,
            "run": job.run,
            "generation": job.generation,
            "digest": job.digest,
            "component": job.component,
            "step": job.step,
            "attempt": str(job.attempt),
            "controller": job.controller,
        }
    )


def _text(values: Mapping[str, str]) -> str:
    return "\n".join(f"{key}={field_text(value)}" for key, value in values.items())


def _lines(answer: bytes) -> list[str]:
    return answer.decode(errors="replace").split("\n")
