"""The task `outcome`: the last word on a run, which is green only when the release is in production."""

from __future__ import annotations

import asyncio

from deployplan.airflow_glue.empty_backout import backout_tasks, doubt_about
from deployplan.airflow_glue.tasks.host import TaskHost
from deployplan.airflow_glue.tasks.release_trace import trace_release
from deployplan.errors import DeployPlanError
from deployplan.evidence.tidy import tidy
from deployplan.runbook.outcome import conclude
from deployplan.runbook.run.run import Run, StepFailed
from deployplan.runbook.take_back import end_kept, is_kept
from deployplan.runbook.tasks import must_succeed


async def conclude_run(host: TaskHost) -> str:
    """Compute the outcome from the evidence. Raises StepFailed unless it is a green one."""
    run = await host.open()
    if is_kept(await run.state()):
        return await _conclude_kept(host, run)
    doubt = doubt_about(run, await host.states(must_succeed(run.snapshot)))
    conclusion = await conclude(run, doubt=doubt, attempt=str(host.clear))
    await _take_skips_back(host, run)
    await _leave(host, run, str(conclusion.outcome))
    if not conclusion.outcome.meaning.green:
        raise StepFailed(f"{conclusion.outcome}: {conclusion.because}")
    return str(conclusion.outcome)


async def _conclude_kept(host: TaskHost, run: Run) -> str:
    """A backout was asked for, and the release stays: the run is as green as it was."""
    kept = await end_kept(run, host.records())
    host.say(f"{host.plan}: {kept.outcome}: {kept.because}")
    await _leave(host, run, kept.outcome)
    return kept.outcome


async def _leave(host: TaskHost, run: Run, outcome: str) -> None:
    host.records().close_run(host.plan, run.run_id)
    await host.keep("outcome", outcome)
    await host.keep("evidence_head", run.ledger.head)
    await asyncio.to_thread(_trace, host, run)
    try:
        await asyncio.to_thread(tidy, host.records(), host.signing_key(), now=run.clock.now())
    except (OSError, DeployPlanError) as error:  # the next run that ends goes on with it
        host.say(f"runs that ended earlier were not all put together: {error}")


def _trace(host: TaskHost, run: Run) -> None:
    """A trace is for those who look at it; that it cannot be exported changes nothing of a run."""
    scope = run.snapshot.plan.scope.release
    facts = {"environment": run.snapshot.plan.environment, "product": scope.product, "version": scope.version}
    try:
        trace_release(host.plan, run.run_id, run.ledger.entries(), facts)
    except Exception as error:
        host.say(f"the release was not traced: {type(error).__name__}: {error}")


async def _take_skips_back(host: TaskHost, run: Run) -> None:
    """What this pass skipped says nothing about a later one; not before Airflow has skipped all of it."""
    states = await host.states(backout_tasks(run.snapshot))
    if None not in states.values():
        await host.take_skips_back(run.snapshot)
