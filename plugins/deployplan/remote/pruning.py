"""Which old jobs may go, so that a node does not fill up and no decision ever changes by it."""

from collections.abc import Iterable
from datetime import datetime

from deployplan.remote.job import JobFacts, JobState


def prunable(jobs: Iterable[JobFacts], *, keep: int, older_than: datetime) -> tuple[str, ...]:
    """Return the ids of jobs that may be removed, in the order to remove them.

    A component's jobs of one plan (digest) go together or not at all, oldest first: a deploy must never outlive the
    undo that undid it. Kept are the newest `keep` jobs, all that ended since `older_than` or whose end is unknown,
    and of every component the plan that was worked on last.
    """
    ordered = sorted(jobs, key=lambda job: job.seq)
    kept = set(ordered[max(0, len(ordered) - keep) :])
    last = {job.component: job.digest12 for job in ordered}
    kept_groups = {_group(job) for job in ordered if job in kept or not _over(job, older_than)}
    return tuple(
        job.job_id for job in ordered if _group(job) not in kept_groups and last[job.component] != job.digest12
    )


def _group(job: JobFacts) -> tuple[str, str]:
    return job.digest12, job.component


def _over(job: JobFacts, older_than: datetime) -> bool:
    when = job.ended or (job.started if job.state is JobState.LOST else None)
    return job.state.final and when is not None and when < older_than
