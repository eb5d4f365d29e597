"""Terminate: a job is dead only when it was looked for again and not found."""

from collections.abc import Iterable
from datetime import timedelta

from deployplan.evidence.kinds.deploy import JobTerminated
from deployplan.plan.model.plan import Plan
from deployplan.plan.text.scalars import spell_duration
from deployplan.remote.errors import NodeFault, RemoteError, beside_name
from deployplan.remote.job import GROUNDS, JobFacts, JobId, JobState
from deployplan.remote.node_client import NodeClient
from deployplan.remote.node_facts import Holder, NodeFacts, one_line
from deployplan.runbook.node.handover import describe_unknown_jobs, parse_jobs
from deployplan.runbook.run.generation import Generation
from deployplan.runbook.run.lock_token import acts_for
from deployplan.runbook.run.run import Run

MAY_LIVE = {JobState.CLAIMED, JobState.RUNNING, JobState.LOST}
"""Jobs that may have processes, now or in a moment; a lost one has no runner any more, but perhaps its children."""


async def terminate_job(
    run: Run, node: str, job: JobFacts, why: str, *, holder: Holder, grace: timedelta
) -> JobFacts | None:
    """End every process of the job and record the proof; `holder` is who holds the node's lock.

    The end counts as reported, so that a later generation may try again; a script that ended well by itself before it
    could be terminated is done. Returns the job as it is now that it is proven dead, None when that is not proven.
    """
    run.say(f"{node} | terminating {job.job_id}: {why}")
    started = job.launched or job.job_id in (await run.state()).jobs_without_end().get(node, ())
    forgotten: list[str] = []

    async def end(client: NodeClient) -> JobFacts | None:
        facts = await client.facts()
        if started and facts.job(job.job_id) is None:
            forgotten[:] = [describe_unknown_jobs(node, [job.job_id], facts.base)]
        proof = await client.terminate(job.job_id, grace=grace.total_seconds(), holder=holder)
        if forgotten:  # what bears its mark is dead now; that it was never launched is no proof of anything
            raise NodeFault(forgotten[0])
        ended = JobTerminated(
            node=node,
            job=job.job_id,
            why=why,
            gone=proof.gone,
            survivors=tuple(proof.survivors),
            signals=tuple(proof.signals),
            state=str(proof.job.state),
            ground=GROUNDS.get(proof.ground, ""),
            strangers=tuple(proof.strangers),
        )
        await run.note(ended)
        for stranger in proof.strangers:
            run.say(
                f"{node} | left alone: {one_line(stranger)} carries the mark of {job.job_id}, but others started it"
            )
        if proof.job.state is not JobState.DONE:
            await client.mark_seen(job.job_id, job.generation or holder.run)
        return proof.job if proof.gone else None

    try:
        ended = await run.fleet.ask(node, end, tries=5)
    except RemoteError as error:
        await run.note(JobTerminated(node=node, job=job.job_id, why=why, gone=False, error=str(error)))
        run.say(f"{node} | {job.job_id} is not proven dead: {beside_name(node, error)}")
        return None
    run.say(f"{node} | {job.job_id} {'STILL HAS PROCESSES' if ended is None else 'proven dead'}")
    return ended


async def terminate_all(
    run: Run,
    nodes: Iterable[str],
    why: str,
    *,
    token: str,
    components: Iterable[str] | None = None,
    step: str | None = None,
) -> dict[str, str]:
    """End every living job of this plan on the nodes; only those of some components, or of one step, when given.

    `token` says in whose name: where a later turn of this run holds the node, its jobs are left alone.
    Returns the nodes where that could not be proven, with the reason: they are unknown.
    """
    wanted = None if components is None else set(components)
    plan, started = run.snapshot.plan, parse_jobs(await run.state())

    def is_meant(job: JobFacts | JobId) -> bool:
        """Whether it is one of those to be ended."""
        mine = run.snapshot.digest.startswith(job.digest12)
        return mine and (wanted is None or job.component in wanted) and (step is None or job.step == step)

    async def one(node: str, client: NodeClient) -> str | None:
        facts = await client.facts()
        for job in facts.jobs:
            if job.state not in MAY_LIVE or not is_meant(job):
                continue
            grace = grace_of(plan, job)
            holder = _holder(run, facts.holder, token)
            if await terminate_job(run, node, job, why, holder=holder, grace=grace) is None:
                return f"{job.job_id} is not proven dead"
        forgotten = [str(job) for job in started.get(node, ()) if is_meant(job) and _is_forgotten(facts, job)]
        return describe_unknown_jobs(node, forgotten, facts.base) if forgotten else None

    answers = await run.fleet.ask_all(nodes, one)
    return {node: str(answer) for node, answer in answers.items() if answer is not None}


def _is_forgotten(facts: NodeFacts, job: JobId) -> bool:
    """Whether the node knows nothing of a job that was started there; one that we ended since never began, it says."""
    found = facts.job(str(job))
    return found is None or (found.state is JobState.TERMINATED and not found.launched and not found.fenced)


async def terminate_overdue(run: Run, node: str, generation: Generation) -> None:
    """End the jobs of this run on the node that are beyond their timeout: whoever watched them may be gone."""

    async def overdue(client: NodeClient) -> list[tuple[JobFacts, Holder]]:
        facts = await client.facts()
        return [
            (job, _holder(run, facts.holder, generation.deploy))
            for job in facts.jobs
            if job.state is JobState.RUNNING
            and job.started is not None
            and generation.owns(job.run)
            and run.snapshot.digest.startswith(job.digest12)
            and facts.now - job.started > timeout_of(run.snapshot.plan, job)
        ]

    try:
        found = await run.fleet.ask(node, overdue)
    except RemoteError as error:
        run.say(f"{node} | could not be asked for its jobs: {beside_name(node, error)}")
        return
    for job, holder in found:
        plan = run.snapshot.plan
        why = f"not done within its timeout of {spell_duration(timeout_of(plan, job))}"
        await terminate_job(run, node, job, why, holder=holder, grace=grace_of(plan, job))


def grace_of(plan: Plan, job: JobFacts) -> timedelta:
    """The time that a job is given to end by itself; what directs traffic is no component's."""
    component = plan.components.get(job.component)
    return timedelta(seconds=10) if component is None else component.terminate_grace


def timeout_of(plan: Plan, job: JobFacts) -> timedelta:
    """How long a job may run; what directs traffic as long as the longest of the plan's components lets it."""
    component = plan.components.get(job.component)
    if component is not None:
        return component.timeout
    return max((each.traffic.timeout for each in plan.components.values() if each.traffic), default=timedelta())


def _holder(run: Run, holder: Holder | None, token: str) -> Holder:
    """The lock as it is when this run holds the node, in no later turn; else ourselves, whom the node refuses."""
    return holder if holder is not None and acts_for(token, holder) else run.holder(token)
