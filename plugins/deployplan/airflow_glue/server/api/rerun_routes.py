"""`/plans/{plan}/runs/{run_id}/rerun`: what failed is tried again; first it is said what that would work on."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException

from deployplan.airflow_glue.connections import Credentials, connection_ids, find_connection
from deployplan.airflow_glue.server.api.forms import RerunAnswer, WithReason
from deployplan.airflow_glue.server.api.rights import PlanName, RunId, Signed
from deployplan.airflow_glue.settings import settings
from deployplan.airflow_glue.who import directory
from deployplan.errors import DeployPlanError
from deployplan.plan.snapshot import Snapshot
from deployplan.remote.node_client import NodeClient
from deployplan.remote.node_facts import NodeFacts
from deployplan.runbook.rerun.preview import Answers
from deployplan.runbook.run.fleet import Fleet, close_fleet_at_end
from deployplan.runbook.run.run import Run
from deployplan.runbook.tasks import task_table
from deployplan.ui.rerun_preview import Preview, first_wave, preview_rerun, run_to_look_at, told_of_rerun

router = APIRouter(tags=["rerun"])
ASKED_WITHIN = 45.0
"""Seconds in which the nodes have to answer."""
TRIES = 2
MOST_LINES = 500
TO = "have a run tried again"
_one_at_a_time = asyncio.Lock()


@router.get("/plans/{plan}/runs/{run_id}/rerun")
async def preview_run_again(plan: PlanName, run_id: RunId, who: Signed) -> RerunAnswer:
    """What trying the run again would work on, by what its nodes say now, as `deployplan rerun` says it. Does nothing.

    Needs the right to clear the plan's tasks, as it connects to every node of the plan. 409 where it cannot be said.
    """
    await asyncio.to_thread(who.need, "PUT", "TASK_INSTANCE", plan, to=TO)
    async with _one_at_a_time:
        found = await asyncio.to_thread(_preview, plan, run_id)
    lines = list(told_of_rerun(found))
    return RerunAnswer(
        plan=plan,
        run=run_id,
        task=found.task,
        lines=[line[:1000] for line in lines[:MOST_LINES]],
        in_the_way=not found.is_clear,
        begun=False,
        sentence=lines[0][:1000],
    )


@router.post("/plans/{plan}/runs/{run_id}/rerun")
async def run_again(plan: PlanName, run_id: RunId, form: WithReason, who: Signed) -> RerunAnswer:
    """Clear the run from its first wave on, as this person: what is missing is brought, what is done is left alone.

    The reason stays as a note, and in the run's evidence. 409, and why, when Airflow refuses.
    """
    await asyncio.to_thread(who.need, "PUT", "TASK_INSTANCE", plan, to=TO)
    task = first_wave((await asyncio.to_thread(_opened, plan, run_id)).snapshot)
    body = {
        "dry_run": False,
        "dag_run_id": run_id,
        "task_ids": [task],
        "include_downstream": True,
        "only_failed": False,
        "reset_dag_runs": True,
        "note": f"tried again by {who.name}: {form.reason}"[:1000],
    }
    status, answer = await who.ask_airflow("POST", f"/api/v2/dags/{quote(plan)}/clearTaskInstances", body)
    if status != 200:
        told: Any = answer.get("detail", answer) if isinstance(answer, dict) else answer
        raise HTTPException(403 if status in (401, 403) else 409, f"Airflow did not clear {task}: {str(told)[:300]}")
    said = f"{task} is cleared, with all that comes after it: it begins in a moment"
    return RerunAnswer(plan=plan, run=run_id, task=task, lines=[], in_the_way=False, begun=True, sentence=said)


def _opened(plan: str, run_id: str) -> Run:
    store = settings().record_store()
    try:
        found = run_to_look_at(store, store.run(plan, run_id), settings().documents(), directory)
    except (DeployPlanError, ValueError) as error:
        raise HTTPException(409, f"the record of run {run_id} of {plan} cannot be read: {error}") from None
    if found is None:
        raise HTTPException(404, f"run {run_id} of {plan} left no record here, or froze no plan yet")
    return found


def _preview(plan: str, run_id: str) -> Preview:
    """In a thread with an event loop of its own: hundreds of handshakes must not hold up the server's."""
    run = _opened(plan, run_id)
    task = first_wave(run.snapshot)
    row = next(each for each in task_table(run.snapshot) if each.task == task)
    found = {name: find_connection(name) for name in connection_ids(run.snapshot)}
    credentials = Credentials({name: each for name, each in found.items() if each is not None})
    answers = asyncio.run(_ask(run.snapshot, credentials))
    try:
        return preview_rerun(run, row, settings().record_store(), answers)
    except (DeployPlanError, ValueError) as error:
        raise HTTPException(409, f"it cannot be said what trying again would do: {error}") from None


async def _ask(snapshot: Snapshot, credentials: Credentials) -> Answers:
    """What each node says of itself; why not, where it does not answer in time."""

    async def one(fleet: Fleet, node: str) -> NodeFacts | Exception:
        try:
            async with asyncio.timeout(ASKED_WITHIN):
                return await fleet.ask(node, _facts, tries=TRIES)
        except TimeoutError:
            return TimeoutError(f"{node}: no answer within {ASKED_WITHIN:.0f} s")
        except Exception as error:  # of one node; the others are told
            return error

    nodes = [node.name for node in snapshot.target_nodes()]
    async with close_fleet_at_end(Fleet(credentials.connector(snapshot))) as fleet:
        answers = await asyncio.gather(*(one(fleet, node) for node in nodes))
    return dict(zip(nodes, answers, strict=True))


async def _facts(client: NodeClient) -> NodeFacts:
    return await client.facts()
