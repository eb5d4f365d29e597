"""Have a step done once on a node, whatever dies in between: start it, attach to it, or read its result."""

import asyncio

from deployplan.remote.errors import Fenced, RemoteError, Unreachable
from deployplan.remote.job import Attach, Done, Failed, JobFacts, JobSpec, Start, State, next_step
from deployplan.remote.node_client import NodeClient
from deployplan.remote.node_facts import NodeFacts
from deployplan.runbook.follow import follow
from deployplan.runbook.node_ledger import is_noted
from deployplan.runbook.node_step import NodeState, Step, StepResult
from deployplan.runbook.run import Refused, Run
from deployplan.runbook.staging import job_spec

RECONNECT_FOR = 300.0
"""Seconds for which a lost node may come back while its job runs: a reboot takes that long."""
FIRST_CONTACT_FOR = 45.0
"""Seconds for which a node may refuse before anything was started on it."""
BETWEEN_TRIES = 2.0
STOPPED_FIRST = "the component stopped first"


async def bring_node(run: Run, step: Step, node: str, stop: asyncio.Event) -> StepResult:
    """Have the step done once on the node; `stop` terminates it.

    Raises Refused when the node's lock is held by somebody else: then this controller must not act any more.
    """
    return await _Bringing(run, step, node, stop).bring()


class _Bringing:
    """One step on one node, through lost connections."""

    def __init__(self, run: Run, step: Step, node: str, stop: asyncio.Event) -> None:
        self.run, self.step, self.node, self.stop = run, step, node, stop
        self.may_have_begun = False
        self.lost_since: float | None = None

    async def bring(self) -> StepResult:
        while True:
            if self.stop.is_set() and not self.may_have_begun:
                return StepResult(NodeState.NOT_STARTED, STOPPED_FIRST)
            try:
                return await self._try()
            except Fenced as error:
                raise Refused(f"{error}; this task no longer holds the node") from error
            except Unreachable as error:
                if not await self._may_try_again(error):
                    return self._lost(f"unreachable: {error}")
            except RemoteError as error:
                return self._lost(str(error))

    async def _try(self) -> StepResult:
        client = await self.run.fleet.client(self.node)
        facts = await client.facts()
        self.lost_since = None
        match next_step(
            facts.jobs,
            digest=self.run.snapshot.digest,
            component=self.step.component.name,
            step=self.step.name,
            generation=self.step.generation,
            run=self.step.token,
        ):
            case Done(job):
                return await self._done(client, facts, job)
            case Failed(job) if job.state is State.LOST:  # its runner is gone, but what it started may live
                self.may_have_begun = True
                return await self._follow(client, job, 0.0)
            case Failed(job, reason):
                await client.mark_seen(job.job_id, self.step.generation)
                return StepResult(NodeState.FAILED, f"{job.step}: {reason}", job.job_id)
            case Attach(job):
                self.may_have_begun = True
                self.run.record("job_attached", node=self.node, job=job.job_id)
                self.run.say(f"{self.node} | {job.job_id} runs already: attached")
                age = (facts.now - job.started).total_seconds() if job.started else 0.0
                return await self._follow(client, job, age)
            case Start(attempt):
                return await self._begin(client, attempt)

    async def _done(self, client: NodeClient, facts: NodeFacts, job: JobFacts) -> StepResult:
        """A script that ended with 0 may have printed a significant error, even while nobody watched.

        So it is done when the node's ledger says that its result was judged; else its log is read now. One that was
        reported as failed to an earlier generation is tried again.
        """
        if is_noted(facts, job.job_id):
            return StepResult(NodeState.DONE, "already done", job.job_id, already=True)
        if job.seen and self.step.generation not in job.seen:
            return await self._begin(client, job.attempt + 1)
        self.may_have_begun = True
        return await self._follow(client, job, 0.0)

    async def _begin(self, client: NodeClient, attempt: int) -> StepResult:
        spec = await job_spec(self.run, self.step, self.node, client, attempt)
        if self.stop.is_set() and not self.may_have_begun:
            return StepResult(NodeState.NOT_STARTED, STOPPED_FIRST)
        return await self._follow(client, await self._start(client, spec), 0.0)

    async def _start(self, client: NodeClient, spec: JobSpec) -> JobFacts:
        self.may_have_begun = True
        job = await client.start(spec)
        self.run.record(
            "job_started", node=self.node, job=job.job_id, step=self.step.name, component=self.step.component.name
        )
        self.run.say(f"{self.node} | started {job.job_id}")
        return job

    async def _follow(self, client: NodeClient, job: JobFacts, age: float) -> StepResult:
        result = await follow(self.run, self.step, self.node, client, job, age, self.stop)
        if result.state is NodeState.FAILED:
            await self.run.fleet.ask(self.node, lambda client: client.mark_seen(job.job_id, self.step.generation))
        return result

    async def _may_try_again(self, error: Unreachable) -> bool:
        """Wait a little before the next try; False when the node was lost for too long."""
        now = asyncio.get_running_loop().time()
        self.lost_since = now if self.lost_since is None else self.lost_since
        await self.run.fleet.drop(self.node)
        if now - self.lost_since > (RECONNECT_FOR if self.may_have_begun else FIRST_CONTACT_FOR):
            return False
        self.run.say(f"{self.node} | connection lost ({error}); trying again")
        await asyncio.sleep(BETWEEN_TRIES)
        return True

    def _lost(self, why: str) -> StepResult:
        return StepResult(NodeState.UNKNOWN if self.may_have_begun else NodeState.FAILED, why)
