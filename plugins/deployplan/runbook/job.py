"""One step on one node: start it or find it, follow it, and stop it when it does harm."""

import asyncio
import hashlib
import re
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from deployplan.plan.work import Component
from deployplan.remote.errors import Fenced, RemoteError, Unreachable
from deployplan.remote.job import Attach, Chunk, Done, Failed, JobFacts, JobSpec, JobState, Start, next_step
from deployplan.remote.node_client import NodeClient
from deployplan.runbook.lines import Lines
from deployplan.runbook.run import Refused, Run
from deployplan.runbook.terminate import terminate_job

RECONNECT_FOR = 300.0
"""Seconds for which a lost node may come back while its job runs: a reboot takes that long."""
FIRST_CONTACT_FOR = 45.0
"""Seconds for which a node may refuse before anything was started on it."""
BETWEEN_TRIES = 2.0


class NodeState(StrEnum):
    """What is true of a step on a node."""

    DONE = "done"
    FAILED = "failed"
    NOT_STARTED = "not_started"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class JobResult:
    """How a step ended on a node. `already` means that it was done before; `touched` that its script was launched."""

    state: NodeState
    why: str = ""
    job_id: str | None = None
    already: bool = False
    significant: bool = False

    def as_json(self) -> dict[str, object]:
        """The result as plain values for the evidence."""
        return {"state": str(self.state), "why": self.why, "job": self.job_id, "already": self.already}


@dataclass(frozen=True)
class Step:
    """What to do on a node: the component's deploy or undo script, in this generation.

    `token` is what the node's lock must hold; `generation` decides whether an earlier failure may be tried again.
    """

    component: Component
    name: str
    script: str
    token: str
    generation: str
    previous: str | None = None


async def bring_node(run: Run, step: Step, node: str, stop: asyncio.Event) -> JobResult:
    """Have the step done once on the node, whatever dies in between.

    Starts it, attaches to it when it runs already, or reads its result when it has ended. `stop` terminates it.
    Raises Refused when the node's lock is held by somebody else: then this controller must not act any more.
    """
    lost_since: float | None = None
    started = False
    loop = asyncio.get_running_loop()
    while True:
        if stop.is_set() and not started:
            return JobResult(NodeState.NOT_STARTED, "the component stopped first")
        try:
            client = await run.fleet.client(node)
            job = await _start_or_find(run, step, node, client)
            if isinstance(job, JobResult):
                return job
            started, lost_since = True, None
            return await _follow(run, step, node, client, job, stop)
        except Fenced as error:
            raise Refused(f"{node}: {error}; this task no longer holds the node") from error
        except Unreachable as error:
            await run.fleet.drop(node)
            lost_since = loop.time() if lost_since is None else lost_since
            if loop.time() - lost_since > (RECONNECT_FOR if started else FIRST_CONTACT_FOR):
                state = NodeState.UNKNOWN if started else NodeState.FAILED
                return JobResult(state, f"unreachable: {error}")
            run.say(f"{node} | connection lost ({error}); trying again")
            await asyncio.sleep(BETWEEN_TRIES)
        except RemoteError as error:
            return JobResult(NodeState.UNKNOWN if started else NodeState.FAILED, str(error))


async def _start_or_find(run: Run, step: Step, node: str, client: NodeClient) -> JobFacts | JobResult:
    facts = await client.facts()
    match next_step(
        facts.jobs,
        digest=run.snapshot.digest,
        component=step.component.name,
        step=step.name,
        generation=step.generation,
    ):
        case Done(job):
            return JobResult(NodeState.DONE, "already done", job.job_id, already=True)
        case Failed(job):
            await client.mark_seen(job.job_id, step.generation)
            return JobResult(NodeState.FAILED, _why(job), job.job_id)
        case Attach(job):
            run.record("job_attached", node=node, job=job.job_id)
            run.say(f"{node} | {job.job_id} runs already: attached")
            return job
        case Start(attempt):
            spec = await _spec(run, step, node, client, attempt)
            job = await client.start(spec)
            run.record("job_started", node=node, job=job.job_id, step=step.name, component=step.component.name)
            run.say(f"{node} | started {job.job_id}")
            return job
    raise AssertionError("next_step has four answers")


async def _spec(run: Run, step: Step, node: str, client: NodeClient, attempt: int) -> JobSpec:
    package_dir, scripts_dir = await place_files(run, step.component, client)
    plan = run.snapshot.plan
    env = dict(step.component.env)
    env |= run.secrets.get(step.component.name, {})
    env |= {f"DEPLOYPLAN_VAR_{name.upper()}": str(value) for name, value in run.snapshot.infrastructure.nodes[node].vars.items()}
    env |= {
        "DEPLOYPLAN_PLAN": plan.name,
        "DEPLOYPLAN_VERSION": plan.scope.release.version,
        "DEPLOYPLAN_PREVIOUS": step.previous or plan.scope.release.previous or "",
        "DEPLOYPLAN_COMPONENT": step.component.name,
        "DEPLOYPLAN_NODE": node,
        "DEPLOYPLAN_PACKAGE_DIR": package_dir or "",
        "DEPLOYPLAN_SCRIPTS_DIR": scripts_dir or "",
        "DEPLOYPLAN_ATTEMPT": str(attempt),
    }
    return JobSpec(
        digest=run.snapshot.digest,
        component=step.component.name,
        step=step.name,
        attempt=attempt,
        run=step.token,
        generation=step.generation,
        script=step.script,
        env=env,
        cwd=package_dir or scripts_dir,
    )


async def place_files(run: Run, component: Component | None, client: NodeClient) -> tuple[str | None, str | None]:
    """Have the component's package and the plan's scripts on the node, verified; returns their directories.

    Bytes that are there already are not sent again.
    """
    package_dir = scripts_dir = None
    if component is not None and component.package is not None:
        package = run.snapshot.plan.package[component.package]
        staged = await client.stage(package.sha256, package.file, run.include.packages / package.file)
        package_dir = staged.package_dir
    if run.snapshot.scripts:
        files = {script.path: script.content for script in run.snapshot.scripts}
        scripts_dir = await client.stage_scripts(run.snapshot.scripts_digest, files)
    return package_dir, scripts_dir


@dataclass
class _Watch:
    """What was seen of a job so far, and which of its limits is broken."""

    patterns: tuple[re.Pattern[str], ...]
    timeout: timedelta
    no_progress: timedelta | None
    began: float
    progressed: float
    harm: asyncio.Event = field(default_factory=asyncio.Event)
    line: str = ""

    def see(self, line: str) -> None:
        if not self.harm.is_set() and any(pattern.search(line) for pattern in self.patterns):
            self.line = line
            self.harm.set()

    def patience(self, now: float) -> float:
        limits = [self.began + self.timeout.total_seconds()]
        if self.no_progress is not None:
            limits.append(self.progressed + self.no_progress.total_seconds())
        return max(0.0, min(limits) - now)

    def broken(self, now: float) -> str:
        if now >= self.began + self.timeout.total_seconds():
            return f"not done within its timeout of {self.timeout}"
        return f"no output for {self.no_progress}"


async def _follow(run: Run, step: Step, node: str, client: NodeClient, job: JobFacts, stop: asyncio.Event) -> JobResult:
    loop = asyncio.get_running_loop()
    now = loop.time()
    watch = _Watch(
        patterns=tuple(re.compile(pattern) for pattern in step.component.significant_errors),
        timeout=step.component.timeout,
        no_progress=step.component.no_progress,
        began=now - job.age,
        progressed=now,
    )
    log = hashlib.sha256()
    lines = Lines(lambda line: (run.say(f"{node} | {line}"), watch.see(line)))

    async def read() -> JobFacts:
        async for event in client.watch(job.job_id, offset=0):
            if isinstance(event, Chunk):
                watch.progressed = loop.time()
                log.update(event.data)
                lines.feed(event.data)
            else:
                lines.close()
                return event
        raise Unreachable(f"{node}: the watch of {job.job_id} ended without a result")

    tasks = {"read": asyncio.create_task(read()), "stop": asyncio.create_task(stop.wait()), "harm": asyncio.create_task(watch.harm.wait())}
    try:
        ended, _ = await asyncio.wait(tasks.values(), timeout=watch.patience(loop.time()), return_when=asyncio.FIRST_COMPLETED)
        while not ended and watch.patience(loop.time()) > 0:
            ended, _ = await asyncio.wait(tasks.values(), timeout=watch.patience(loop.time()), return_when=asyncio.FIRST_COMPLETED)
        if tasks["read"] in ended and not watch.harm.is_set():
            return await _ended(run, step, node, client, tasks["read"].result(), log.hexdigest())
        significant = watch.harm.is_set()
        if significant:
            why = f"significant error: {watch.line.strip()[:200]}"
        elif stop.is_set():
            why = "terminated with its component"
        else:
            why = watch.broken(loop.time())
    finally:
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
    gone = await terminate_job(run, node, job.job_id, why, token=step.token, grace=step.component.terminate_grace)
    if gone:
        await run.fleet.ask(node, lambda client: client.mark_seen(job.job_id, step.generation))
        return JobResult(NodeState.FAILED, why, job.job_id, significant=significant)
    return JobResult(NodeState.UNKNOWN, f"{why}; could not prove it dead", job.job_id, significant=significant)


async def _ended(run: Run, step: Step, node: str, client: NodeClient, job: JobFacts, digest: str) -> JobResult:
    run.record("job_ended", node=node, job=job.job_id, state=str(job.state), exit=job.exit, log_sha256=digest, log_bytes=job.log_bytes)
    if job.state is JobState.DONE:
        run.say(f"{node} | {job.job_id} done")
        return JobResult(NodeState.DONE, "", job.job_id)
    await client.mark_seen(job.job_id, step.generation)
    return JobResult(NodeState.FAILED, _why(job), job.job_id)


def _why(job: JobFacts) -> str:
    match job.state:
        case JobState.FAILED:
            return f"{job.step} script ended with exit code {job.exit}"
        case JobState.TERMINATED:
            return f"{job.step} script was terminated"
        case _:
            return f"{job.step} script vanished without an exit code (killed or node restarted)"


