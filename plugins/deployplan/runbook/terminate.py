"""Terminate: a job is dead only when it was looked for again and not found."""

from collections.abc import Iterable
from datetime import timedelta

from deployplan.remote.errors import RemoteError
from deployplan.remote.job import JobState
from deployplan.remote.node_client import NodeClient
from deployplan.runbook.run import Run


async def terminate_job(run: Run, node: str, job_id: str, why: str, *, token: str, grace: timedelta) -> bool:
    """End every process of the job and record the proof. Returns whether they are proven gone."""
    run.say(f"{node} | terminating {job_id}: {why}")
    try:
        proof = await run.fleet.ask(
            node, lambda client: client.terminate(job_id, grace=grace.total_seconds(), token=token), tries=5
        )
    except RemoteError as error:
        run.record("terminated", node=node, job=job_id, why=why, gone=False, proof=str(error))
        run.say(f"{node} | {job_id} could not be proven dead: {error}")
        return False
    run.record("terminated", node=node, job=job_id, why=why, gone=proof.gone, proof=proof.as_json())
    run.say(f"{node} | {job_id} {'proven dead' if proof.gone else 'STILL HAS PROCESSES'}")
    return proof.gone


async def terminate_all(
    run: Run, nodes: Iterable[str], why: str, *, components: Iterable[str] | None = None, step: str | None = None
) -> dict[str, str]:
    """End every running job of this plan on the nodes; only those of some components, or of one step, when given.

    Returns the nodes where that could not be proven, with the reason: they are unknown.
    """
    wanted = None if components is None else set(components)
    plan = run.snapshot.plan

    async def one(node: str, client: NodeClient) -> str | None:
        facts = await client.facts()
        for job in facts.jobs:
            if job.state is not JobState.RUNNING or not run.snapshot.digest.startswith(job.digest12):
                continue
            if (wanted is not None and job.component not in wanted) or (step is not None and job.step != step):
                continue
            grace = plan.components[job.component].terminate_grace
            if not await terminate_job(run, node, job.job_id, why, token=job.run, grace=grace):
                return f"{job.job_id} could not be proven dead"
        return None

    answers = await run.fleet.ask_all(nodes, one)
    return {node: str(answer) for node, answer in answers.items() if answer is not None}
