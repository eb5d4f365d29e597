"""Have a step done once on a node, whatever dies in between: start it, attach to it, or read its result."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import PurePath

from deployplan.evidence.kinds.deploy import JobAttached, JobStarted, NodeBack, NodeLost
from deployplan.remote.errors import Fenced, RemoteError, Unreachable, beside_name
from deployplan.remote.job import Attach, Chunk, Done, Failed, JobFacts, JobState, Start, Wait, next_step
from deployplan.remote.node_client import NodeClient
from deployplan.remote.node_facts import NodeRecords
from deployplan.runbook.node.follow_job import follow, wait_for_other
from deployplan.runbook.node.handover import describe_unknown_jobs
from deployplan.runbook.node.node_ledger import is_noted
from deployplan.runbook.node.node_step import STOPPED_FIRST, NodeState, NodeStep, StepResult
from deployplan.runbook.node.staging import job_spec
from deployplan.runbook.run.run import LockLost, Run

RECONNECT_FOR = 300.0
"""Seconds for which a lost node may come back while its job runs: a reboot takes that long."""
FIRST_CONTACT_FOR = 45.0
"""Seconds for which a node may refuse before anything was started on it."""
BETWEEN_TRIES = 2.0
CLOSED_FIRST = "the window closed first"


async def bring_node(
    run: Run, step: NodeStep, node: str, stop: asyncio.Event, no_more: asyncio.Event | None = None
) -> StepResult:
    """Have the step done once on the node; `stop` terminates it, `no_more` only keeps it from beginning.

    Raises Refused when the node's lock is held by somebody else: then this controller must not act any more.
    """
    return await _Bringing(run, step, node, stop, no_more or asyncio.Event()).bring()


class _Bringing:
    """One step on one node, through lost connections."""

    def __init__(self, run: Run, step: NodeStep, node: str, stop: asyncio.Event, no_more: asyncio.Event) -> None:
        self.run, self.step, self.node, self.stop, self.no_more = run, step, node, stop, no_more
        self.begun = set(step.begun)
        self.may_have_begun = bool(step.begun)
        self.lost_at = step.lost_at
        self.lost_since: float | None = None

    async def bring(self) -> StepResult:
        while True:
            if self.stop.is_set() and not self.may_have_begun:
                return StepResult(NodeState.NOT_STARTED, STOPPED_FIRST)
            try:
                if (result := await self._try()) is not None:
                    return result
            except Fenced as error:
                raise LockLost(error) from error
            except Unreachable as error:
                if not await self._may_try_again(error):
                    return self._lost(f"unreachable: {error}")
            except RemoteError as error:
                return self._lost(str(error))

    async def _try(self) -> StepResult | None:
        """The result, or None when the node has to be asked again."""
        client = await self.run.fleet.client(self.node)
        facts = await self._look(client)
        await self._is_back()
        match next_step(
            facts.jobs,
            digest=self.run.snapshot.digest,
            component=self.step.component.name,
            step=self.step.name,
            generation=self.step.generation,
        ):
            case Done(job):
                return await self._done(client, facts, job)
            case Failed(job) if job.state is JobState.LOST:  # its runner is gone, but what it started may live
                self.may_have_begun = True
                return await self._follow(client, job, 0.0)
            case Failed(job, reason):
                await client.mark_seen(job.job_id, self.step.generation)
                return StepResult(NodeState.FAILED, f"{job.step}: {reason}", job.job_id)
            case Attach(job):
                self.may_have_begun = True
                await self.run.note(JobAttached(node=self.node, job=job.job_id))
                self.run.say(f"{self.node} | {job.job_id} runs already: attached")
                return await self._follow(client, job, facts.age(job))
            case Wait(job):
                return await wait_for_other(self.run, self.step, self.node, client, job, facts.age(job), self.stop)
            case Start() if forgotten := sorted(job for job in self.begun if facts.job(job) is None):
                return StepResult(
                    NodeState.UNKNOWN, describe_unknown_jobs(self.node, forgotten, facts.base), forgotten[-1]
                )
            case Start(attempt):
                return await self._begin(client, attempt, facts)

    async def _look(self, client: NodeClient) -> NodeRecords:
        """What the node has recorded; with the package, if there is one, so that it need not be asked for by itself."""
        name = self.step.component.package
        if name is None:
            return await client.records()
        package = self.run.snapshot.plan.package[name]
        first = f"{self.run.snapshot.digest[:12]}-{self.step.component.name}-{self.step.name}"
        return await client.survey(package.sha256, PurePath(package.file).name, first=first)

    async def _done(self, client: NodeClient, facts: NodeRecords, job: JobFacts) -> StepResult | None:
        """A script that ended with 0 may have printed a significant error, even while nobody watched.

        So it is done when the node's ledger says that its result was judged; else its log is read now. One that was
        reported as failed to an earlier generation is tried again, and so is what an earlier run did, if that is
        wanted: the node says whose work it was.
        """
        if self.step.anew and is_noted(facts, job.job_id, but_by=self.run.run_id):
            return await self._begin(client, job.attempt + 1, facts)
        if is_noted(facts, job.job_id):
            return StepResult(NodeState.DONE, "already done", job.job_id, already=True)
        if job.seen and self.step.generation not in job.seen:
            return await self._begin(client, job.attempt + 1, facts)
        self.may_have_begun = True
        return await self._follow(client, job, 0.0)

    async def _begin(self, client: NodeClient, attempt: int, facts: NodeRecords) -> StepResult | None:
        spec = await job_spec(self.run, self.step, self.node, client, attempt, found=facts.package)
        if self.stop.is_set() and not self.may_have_begun:
            return StepResult(NodeState.NOT_STARTED, STOPPED_FIRST)
        if self.no_more.is_set():
            return StepResult(NodeState.NOT_STARTED, CLOSED_FIRST)
        self.may_have_begun = True
        async with client.carry(spec) as (job, events):
            component = self.step.component.name
            await self.run.note(JobStarted(node=self.node, job=job.job_id, step=self.step.name, component=component))
            self.begun.add(job.job_id)
            self.run.say(f"{self.node} | started {job.job_id}")
            return await self._follow(client, job, 0.0, events)

    async def _follow(
        self, client: NodeClient, job: JobFacts, age: float, events: AsyncIterator[Chunk | JobFacts] | None = None
    ) -> StepResult | None:
        events = client.watch(job.job_id) if events is None else events
        result = await follow(self.run, self.step, self.node, events, job, age, self.stop)
        if result.state is NodeState.NOT_STARTED:
            return None  # its runner was let in for an earlier generation, and left it: ours comes next
        if result.state is NodeState.FAILED:
            await self.run.fleet.ask(self.node, lambda client: client.mark_seen(job.job_id, self.step.generation))
        return result

    async def _may_try_again(self, error: Unreachable) -> bool:
        """Wait a little before the next try; False when the node was lost for too long."""
        now = asyncio.get_running_loop().time()
        if self.lost_since is None:
            self.lost_since = now - await self._lost_for(error)
        await self.run.fleet.drop(self.node)
        if now - self.lost_since > (RECONNECT_FOR if self.may_have_begun else FIRST_CONTACT_FOR):
            return False
        self.run.say(f"{self.node} | connection lost ({beside_name(self.node, error)}); trying again")
        await asyncio.sleep(BETWEEN_TRIES)
        return True

    async def _lost_for(self, error: Unreachable) -> float:
        """For how many seconds the node is lost already: whoever watched it before may have waited in vain, too."""
        if self.lost_at is not None:
            return max(0.0, (self.run.clock.now() - self.lost_at).total_seconds())
        lost = await self.run.note(NodeLost(node=self.node, component=self.step.component.name, why=str(error)))
        self.lost_at = lost.at
        return 0.0

    async def _is_back(self) -> None:
        """The node answers: from now on its patience counts anew."""
        if self.lost_at is not None:
            await self.run.note(NodeBack(node=self.node, component=self.step.component.name))
        self.lost_at = self.lost_since = None

    def _lost(self, why: str) -> StepResult:
        return StepResult(NodeState.UNKNOWN if self.may_have_begun else NodeState.FAILED, why)
