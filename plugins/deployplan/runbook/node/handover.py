"""What the next process that watches a wave finds in the evidence: what began, and how much of its output was shown."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from deployplan.evidence.kinds.deploy import JobShown, WaveLeft
from deployplan.plan.waves import Wave
from deployplan.remote.job import JobId
from deployplan.runbook.run.run import Run
from deployplan.runbook.run.state import RunState


@asynccontextmanager
async def handing_over(run: Run, wave: Wave) -> AsyncIterator[None]:
    """Go on showing output where the last process ended; leave word of where this one did when it is cut short."""
    run.shown.update((await run.state()).shown_of((wave.component, wave.number)))
    try:
        yield
    except asyncio.CancelledError:
        here = {node: JobShown(job=job, shown=end) for (node, job), end in run.shown.items() if node in wave.nodes}
        if here:
            await run.note(WaveLeft(component=wave.component, wave=wave.number, nodes=here))
        raise


def parse_jobs(state: RunState) -> Mapping[str, Sequence[JobId]]:
    """By node, the jobs that were started there and of whose end there is no evidence."""
    return {node: tuple(map(JobId.parse, jobs)) for node, jobs in state.jobs_without_end().items()}


def describe_unknown_jobs(node: str, jobs: Sequence[str], base: str) -> str:
    """Why nobody can say what became of jobs that were started on a node, and what a person can do."""
    return (
        f"the evidence says that {', '.join(jobs)} was started on {node}, and the node knows nothing of it: {base} was "
        "removed, or the node set up anew. The script may still run: look for it there "
        "(ps axeww | grep DEPLOYPLAN_JOB), see what it did, and give the node back with `deployplan unlock`"
    )
