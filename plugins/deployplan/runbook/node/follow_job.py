"""Follow a job: its output line by line, its limits, and its end."""

import asyncio
from collections.abc import AsyncIterator
from typing import Literal

from deployplan.evidence.kinds.deploy import JobEnded
from deployplan.plan.text.pattern import compile_pattern
from deployplan.plan.text.scalars import spell_duration
from deployplan.remote.errors import Unreachable
from deployplan.remote.job import Chunk, JobFacts, JobState
from deployplan.remote.node_client import NodeClient
from deployplan.remote.node_facts import one_line
from deployplan.runbook.node.node_step import STOPPED_FIRST, NodeState, NodeStep, StepResult
from deployplan.runbook.node.output import Output
from deployplan.runbook.node.terminate_job import terminate_job
from deployplan.runbook.run.run import Run


async def follow(
    run: Run,
    step: NodeStep,
    node: str,
    events: AsyncIterator[Chunk | JobFacts],
    job: JobFacts,
    age: float,
    stop: asyncio.Event,
) -> StepResult:
    """Pass the job's output on until it ends; terminate it when it breaks a limit or `stop` is set.

    A significant error sets `stop` itself, so that whoever shares it ends too.

    `events` is a watch from the job's beginning, `age` how many seconds it runs already. A job that its own runner left
    alone, as the node was taken meanwhile, is NOT_STARTED. Raises Unreachable when the connection is lost: the job goes
    on.
    """
    watch = _Watch(run, step, node, job, age)

    async def read() -> JobFacts:
        async for event in events:
            if isinstance(event, Chunk):
                await watch.feed(event.data)
            else:
                await watch.close()
                return event
        raise Unreachable(f"{node}: the watch of {job.job_id} ended without a result")

    reading = asyncio.create_task(read())
    stopping, harm = asyncio.create_task(stop.wait()), asyncio.create_task(watch.harm.wait())
    try:
        ended: set[asyncio.Task[JobFacts] | asyncio.Task[Literal[True]]] = set()
        while not ended and watch.patience() > 0:
            ended, _ = await asyncio.wait(
                {reading, stopping, harm}, timeout=watch.patience(), return_when=asyncio.FIRST_COMPLETED
            )
        facts = reading.result() if reading in ended else None
    finally:
        for task in (reading, stopping, harm):
            task.cancel()
        await asyncio.gather(reading, stopping, harm, return_exceptions=True)
        watch.leave()
    if watch.harm.is_set():
        stop.set()  # at once, and not only when this job is proven dead: the same harm threatens every node
    if facts is not None and facts.state is not JobState.LOST:
        return await _ended(run, node, facts, watch)
    if facts is not None:
        await _record_end(run, node, facts, watch)
    why = watch.why(stopped=stop.is_set()) if facts is None else _why(facts)
    return await _terminated(run, step, node, job, why, significant=watch.harm.is_set())


async def wait_for_other(
    run: Run, step: NodeStep, node: str, client: NodeClient, job: JobFacts, age: float, stop: asyncio.Event
) -> StepResult | None:
    """Let a job of the component's other step end, which an earlier generation started: an undo, before a deploy.

    `age` is how many seconds it runs already; beyond its timeout it is terminated. Returns None when the node is to be
    asked again, else why it cannot go on.
    """
    run.say(f"{node} | {job.job_id} still runs: it has to end first")

    async def end() -> None:
        async for event in client.watch(job.job_id, offset=job.log_bytes):
            if not isinstance(event, Chunk):
                return

    timeout = step.component.timeout
    ending, stopping = asyncio.create_task(end()), asyncio.create_task(stop.wait())
    try:
        patience = max(0.0, timeout.total_seconds() - age)
        await asyncio.wait({ending, stopping}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        if ending.done():
            return ending.result()
    finally:
        for task in (ending, stopping):
            task.cancel()
        await asyncio.gather(ending, stopping, return_exceptions=True)
    if stop.is_set():
        return StepResult(NodeState.NOT_STARTED, STOPPED_FIRST)
    why = f"not done within its timeout of {spell_duration(timeout)}"
    holder, grace = run.holder(step.token), step.component.terminate_grace
    if await terminate_job(run, node, job, why, holder=holder, grace=grace) is None:
        return StepResult(NodeState.UNKNOWN, f"{job.job_id} {why}; not proven dead", job.job_id)
    return None


async def _terminated(run: Run, step: NodeStep, node: str, job: JobFacts, why: str, *, significant: bool) -> StepResult:
    """End the job; one that ended well by itself in this very moment is done all the same."""
    grace = step.component.terminate_grace
    ended = await terminate_job(run, node, job, why, holder=run.holder(step.token), grace=grace)
    if ended is None:
        return StepResult(NodeState.UNKNOWN, f"{why}; not proven dead", job.job_id, significant=significant)
    if ended.state is JobState.DONE and not significant:
        return StepResult(NodeState.DONE, "", job.job_id)
    return StepResult(NodeState.FAILED, why, job.job_id, significant=significant)


class _Watch:
    """What was seen of a job so far, and which of its limits is broken."""

    def __init__(self, run: Run, step: NodeStep, node: str, job: JobFacts, age: float) -> None:
        self._run, self._key = run, (node, job.job_id)
        self._output = Output(
            lambda line: run.say(f"{node} | {one_line(line)}"),
            masks=run.masks,
            patterns=[compile_pattern(pattern) for pattern in step.component.significant_errors],
            skip=run.shown.get(self._key, 0),
        )
        self._timeout = step.component.timeout
        self._no_progress = step.component.no_progress
        self._began = _now() - age
        self._progressed = _now()
        self._line = ""
        self.harm = asyncio.Event()

    @property
    def log_sha256(self) -> str:
        return self._output.log_sha256

    async def feed(self, data: bytes) -> None:
        self._progressed = _now()
        self._see(await self._output.feed(data))
        self._run.shown[self._key] = self._output.shown

    async def close(self) -> None:
        self._see(await self._output.close())

    def leave(self) -> None:
        """Say what was left out, whether the job has ended or somebody else goes on with it."""
        self._output.tell_left_out(last=True)

    def _see(self, line: str | None) -> None:
        """A significant error ends the component: the first one is kept."""
        if line is not None and not self.harm.is_set():
            self._line = line.strip()[:200]
            self.harm.set()

    def patience(self) -> float:
        """Seconds until the next limit is broken; 0 when one is."""
        return max(0.0, min(limit for limit, _ in self._limits()) - _now())

    def why(self, *, stopped: bool) -> str:
        if self.harm.is_set():
            return f"significant error: {self._line}"
        if stopped:
            return "terminated with its component"
        return min(self._limits())[1]

    def _limits(self) -> list[tuple[float, str]]:
        limits = [
            (
                self._began + self._timeout.total_seconds(),
                f"not done within its timeout of {spell_duration(self._timeout)}",
            )
        ]
        if self._no_progress is not None:
            limit = self._progressed + self._no_progress.total_seconds()
            limits.append((limit, f"no output for {spell_duration(self._no_progress)}"))
        return limits


async def _record_end(run: Run, node: str, job: JobFacts, watch: _Watch) -> None:
    ended = JobEnded(
        node=node,
        job=job.job_id,
        state=str(job.state),
        exit=job.exit,
        log_sha256=watch.log_sha256,
        log_bytes=job.log_bytes,
    )
    await run.note(ended)


async def _ended(run: Run, node: str, job: JobFacts, watch: _Watch) -> StepResult:
    await _record_end(run, node, job, watch)
    if job.fenced:
        return StepResult(NodeState.NOT_STARTED, "the node was taken by another controller first", job.job_id)
    significant = watch.harm.is_set()
    if job.state is JobState.DONE and not significant:
        run.say(f"{node} | {job.job_id} done")
        return StepResult(NodeState.DONE, "", job.job_id)
    why = watch.why(stopped=False) if significant else _why(job)
    return StepResult(NodeState.FAILED, why, job.job_id, significant=significant)


def _why(job: JobFacts) -> str:
    match job.state:
        case JobState.FAILED:
            return f"{job.step} script ended with exit code {job.exit}"
        case JobState.TERMINATED:
            return f"{job.step} script was terminated"
        case _:
            return f"{job.step} script vanished without an exit code (killed, or the node restarted)"


def _now() -> float:
    return asyncio.get_running_loop().time()
