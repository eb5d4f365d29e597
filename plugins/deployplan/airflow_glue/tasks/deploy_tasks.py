"""Tasks of `3 · Deploy`: arm and the waves."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from deployplan.airflow_glue.empty_backout import backout_tasks
from deployplan.airflow_glue.tasks.failure_tasks import settle_question
from deployplan.airflow_glue.tasks.host import TaskHost, WaitFor
from deployplan.runbook import task_names
from deployplan.runbook.arm import NodeHeld, NotYet, arm, next_number
from deployplan.runbook.deploy import deploy_wave
from deployplan.runbook.node.terminate_job import terminate_all
from deployplan.runbook.run.generation import Generation, current
from deployplan.runbook.run.run import Refused, WaveAsks


async def arm_run(host: TaskHost) -> None:
    """The setup: approval, window, locks, and the release to go back to. Runs again by itself on every rerun.

    While all is held or another run holds a node it leaves: that may cost hours, but no worker slot. Raises NotReady or
    Refused when anything does not hold.
    """
    await host.take_skips_back(await host.snapshot())  # before anything else: it guards the backout
    run = await host.open()
    _refuse_half_a_rerun(await host.states([task_names.OUTCOME]))
    try:
        await arm(run, next_number(run, clear=host.clear))
    except NotYet as reason:
        host.say(f"{reason}; nothing is locked meanwhile")
        host.leave(WaitFor.NOT_YET)
    except NodeHeld as held:
        host.say(f"{held}; the triggerer waits from here on")
        host.leave(WaitFor.LOCKS)


async def deploy(host: TaskHost) -> None:
    """Bring the nodes of a wave to the new release, without a worker when that takes long.

    Where the plan wants it, people are asked when it has failed. Raises StepFailed when the component had to stop.
    """
    generation: Generation | None = None

    async def end_jobs(why: str) -> None:
        run = await host.open()
        wave = run.snapshot.wave(*host.subject)
        token = (generation or current(run)).deploy
        await terminate_all(run, wave.nodes, why, token=token, components=[wave.component])

    host.if_ended(end_jobs)
    run = await host.open()
    _refuse_after_backout(await host.states(backout_tasks(run.snapshot)))
    generation = await asyncio.to_thread(current, run)
    await settle_question(host, run)
    try:
        await host.carry(deploy_wave(run, run.snapshot.wave(*host.subject), generation))
    except WaveAsks as stopped:
        host.say(f"people are asked: {stopped}")
        await settle_question(host, run)
        raise


def _refuse_half_a_rerun(states: Mapping[str, str | None]) -> None:
    state = states[task_names.OUTCOME]
    if state is not None:
        raise Refused(
            f"this run already has an outcome ({state}); clear the task with Downstream, "
            "so that verification, backout and outcome are armed again"
        )


def _refuse_after_backout(states: Mapping[str, str | None]) -> None:
    """The backout of a run does not arm itself again: a wave that ran now and failed would never be backed out."""
    ended = {task: state for task, state in states.items() if state in {"success", "failed"}}
    if ended:
        found = ", ".join(f"{task} {state}" for task, state in ended.items())
        raise Refused(
            f"the backout of this run has already run ({found}); "
            "clear this task with Downstream and without `only failed`, so that the backout is armed again"
        )
