"""`/plans/{plan}/runs/{run_id}/rerun`: what failed is tried again; first it is said what that would work on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException

from deployplan.airflow_glue.connections import Credentials, connection_ids, find_connection
from deployplan.airflow_glue.server.api.forms import RerunAnswer, TryAgain
from deployplan.airflow_glue.server.api.rights import Person, PlanName, RunId, Signed
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
from deployplan.ui.rerun_preview import Preview, first_wave, preview_rerun, refusals, run_to_look_at, told_of_rerun

router = APIRouter(tags=["rerun"])
ASKED_WITHIN = 45.0
"""Seconds in which the nodes have to answer."""
TRIES = 2
MOST_LINES = 500
TO = "have a run tried again"
ASK_AGAIN = 10
"""Seconds after which whoever came while another was at it may ask again."""
_previewing, _clearing = asyncio.Lock(), asyncio.Lock()


@router.post("/plans/{plan}/runs/{run_id}/rerun/preview")
async def preview_run_again(plan: PlanName, run_id: RunId, who: Signed) -> RerunAnswer:
    """What trying the run again would work on, by what its nodes say now, as `deployplan rerun` says it. Does nothing.

    Needs the right to clear the plan's tasks, as it connects to every node of the plan, and is a POST, so that no
    page of another site has it done. 409 where it cannot be said; 503 while another one is asked for.
    """
    await asyncio.to_thread(who.need, "PUT", "TASK_INSTANCE", plan, to=TO)
    async with _alone(_previewing, "it is being found out for somebody what trying a run again would do"):
        found, entries = await asyncio.to_thread(_preview, plan, run_id)
    lines = list(told_of_rerun(found))
    return RerunAnswer(
        plan=plan,
        run=run_id,
        task=found.task,
        lines=[line[:1000] for line in lines[:MOST_LINES]],
        in_the_way=not found.is_clear,
        begun=False,
        entries=entries,
        sentence=lines[0][:1000],
    )


@router.post("/plans/{plan}/runs/{run_id}/rerun")
async def run_again(plan: PlanName, run_id: RunId, form: TryAgain, who: Signed) -> RerunAnswer:
    """Clear the run from its first wave on, as this person: what is missing is brought, what is done is left alone.

    The reason stays as a note, and in the run's evidence. 409, and why, when the run is not over, is no longer what
    the preview showed, when every task would refuse, or Airflow does.
    """
    await asyncio.to_thread(who.need, "PUT", "TASK_INSTANCE", plan, to=TO)
    async with _alone(_clearing, "another run is being cleared"):
        task = await asyncio.to_thread(_task_to_clear, plan, run_id, form.entries)
        await _clear(who, plan, run_id, task, form.reason)
    said = f"{task} is cleared, with all that comes after it: it begins in a moment"
    return RerunAnswer(
        plan=plan, run=run_id, task=task, lines=[], in_the_way=False, begun=True, entries=form.entries, sentence=said
    )


@asynccontextmanager
async def _alone(lock: asyncio.Lock, busy: str) -> AsyncIterator[None]:
    """Hold the lock, or raise 503: who waited for it would hold a turn of the door that others need."""
    if lock.locked():
        raise HTTPException(503, f"{busy}: ask again in {ASK_AGAIN} s", headers={"Retry-After": str(ASK_AGAIN)})
    async with lock:
        yield


def _task_to_clear(plan: str, run_id: str, shown: int) -> str:
    """The task of the first wave. Raises 409 unless the run is over and still what was shown, of `shown` entries."""
    run = _opened(plan, run_id)
    known = run.read_state()
    if not known.is_over:
        raise HTTPException(409, f"run {run_id} of {plan} is not over: what it asks or does now comes first")
    if known.entries != shown:
        told = f"run {run_id} of {plan} has {known.entries} entries of evidence and had {shown} when it was looked at"
        raise HTTPException(409, f"{told}: look again at what trying it again would do")
    if refused := list(refusals(run, settings().record_store())):
        raise HTTPException(409, f"every task would refuse: {'; '.join(refused)}"[:1000])
    return first_wave(run.snapshot)


async def _clear(who: Person, plan: str, run_id: str, task: str, reason: str) -> None:
    body = {
        "dry_run": False,
        "dag_run_id": run_id,
        "task_ids": [task],
        "include_downstream": True,
        "only_failed": False,
        "reset_dag_runs": True,
        "note": f"tried again by {who.name}: {reason}"[:1000],
    }
    status, answer = await who.ask_airflow("POST", f"/api/v2/dags/{quote(plan)}/clearTaskInstances", body)
    if status != 200:
        told: Any = answer.get("detail", answer) if isinstance(answer, dict) else answer
        raise HTTPException(403 if status in (401, 403) else 409, f"Airflow did not clear {task}: {str(told)[:300]}")


def _opened(plan: str, run_id: str) -> Run:
    store = settings().record_store()
    try:
        found = run_to_look_at(store, store.run(plan, run_id), settings().documents(), directory)
    except (DeployPlanError, ValueError) as error:
        raise HTTPException(409, f"the record of run {run_id} of {plan} cannot be read: {error}") from None
    if found is None:
        raise HTTPException(404, f"run {run_id} of {plan} left no record here, or froze no plan yet")
    return found


def _preview(plan: str, run_id: str) -> tuple[Preview, int]:
    """The preview, and of how many entries of evidence it is.

    In a thread with an event loop of its own: hundreds of handshakes must not hold up the server's.
    """
    run = _opened(plan, run_id)
    entries = run.read_state().entries  # what comes while the nodes are asked is not looked at
    task = first_wave(run.snapshot)
    row = next(each for each in task_table(run.snapshot) if each.task == task)
    found = {name: find_connection(name) for name in connection_ids(run.snapshot)}
    credentials = Credentials({name: each for name, each in found.items() if each is not None})
    answers = asyncio.run(_ask(run.snapshot, credentials))
    try:
        return preview_rerun(run, row, settings().record_store(), answers), entries
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

    nodes = [node.name for node in snapshot.held_nodes()]
    async with close_fleet_at_end(Fleet(credentials.connector(snapshot))) as fleet:
        answers = await asyncio.gather(*(one(fleet, node) for node in nodes))
    return dict(zip(nodes, answers, strict=True))


async def _facts(client: NodeClient) -> NodeFacts:
    return await client.facts()
