"""`/plans/{plan}/backout`: a release that ended well is taken back, asked by a person, within `backout.until`."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException

from deployplan.airflow_glue.context import ledger_of
from deployplan.airflow_glue.empty_backout import backout_tasks
from deployplan.airflow_glue.server.api.forms import BackoutAnswer, Undone, WithReason
from deployplan.airflow_glue.server.api.rights import Person, PlanName, RunId, Signed
from deployplan.airflow_glue.settings import settings
from deployplan.clock import SystemClock
from deployplan.errors import DeployPlanError
from deployplan.evidence.kinds.backout import BackoutDeclined
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.text.problem import PlanRejected
from deployplan.runbook import task_names
from deployplan.runbook.run.fold import fold_all
from deployplan.runbook.run.frozen_plan import frozen_plan
from deployplan.runbook.run.state import RunState
from deployplan.runbook.take_back import (
    ask_to_take_back,
    back_out_until,
    conclude_kept,
    is_kept,
    latest_release,
    may_order,
    refuse_to_take_back,
    what_bars_it,
)

router = APIRouter(tags=["backout"])
TO = "ask for the backout of a release"
PARSE_TAKES = timedelta(seconds=5)
"""A look at the plans that ended within this time of the request may have begun before it."""
UNDER_WAY = ("running", "queued")
_one_at_a_time = asyncio.Lock()


@dataclass(frozen=True, slots=True)
class _Release:
    """A run that may have brought a release, with the plan that it froze and what its evidence says."""

    run_id: str
    snapshot: Snapshot
    state: RunState

    @property
    def plan(self) -> str:
        return self.snapshot.plan.name


@router.get("/plans/{plan}/backout")
async def preview_backout(plan: PlanName, who: Signed, run: str | None = None) -> BackoutAnswer:
    """What a backout of the plan's release would undo, until when it may be asked for, and who decides. Does nothing.

    Without `run` it is the last run that brought a release. 409, and why, where it would be refused.
    """
    await asyncio.to_thread(who.need, "GET", "RUN", plan, to="see a release")
    release = await asyncio.to_thread(_release_of, plan, run)
    await _refuse_unless_possible(who, release)
    return _answer(release, who, "nothing was done", asked=False)


@router.post("/plans/{plan}/backout")
async def take_release_back(plan: PlanName, form: WithReason, who: Signed) -> BackoutAnswer:
    """Ask for the backout of the plan's last release; see the route with the run's id."""
    return await _take_back(plan, None, form.reason, who)


@router.post("/plans/{plan}/runs/{run_id}/backout")
async def take_run_back(plan: PlanName, run_id: RunId, form: WithReason, who: Signed) -> BackoutAnswer:
    """Ask for the backout of what this run released: its own undo scripts, on its own nodes.

    Where a person of the backout authority asks, it begins at once; else the authority is asked on a card. 409, and
    why, when it is refused. Asking again while it goes on changes nothing.
    """
    return await _take_back(plan, run_id, form.reason, who)


async def _take_back(plan: str, run_id: str | None, reason: str, who: Person) -> BackoutAnswer:
    await asyncio.to_thread(who.need, "PUT", "TASK_INSTANCE", plan, to=TO)
    async with _one_at_a_time:
        release = await asyncio.to_thread(_release_of, plan, run_id)
        if release.state.taking_back is None:
            await _refuse_unless_possible(who, release)
            release = await asyncio.to_thread(_ask, release, who.name, reason)
        elif await _is_at_work(who, release):
            return _answer(release, who, f"it was asked for before, and goes on: {_asked(release)}")
        elif is_kept(release.state):  # asked for and never begun: judged anew, in the name of who asks now
            release = await _ask_anew(who, release, reason)
        if await asyncio.to_thread(_needs_its_plan_back, release) and not await _is_built_anew(who, release):
            told = "Airflow takes up the plan as it was, for its file has changed since: ask again in half a minute"
            return _answer(release, who, told, waits=True)
        await _begin(who, release, reason)
    asked = release.state.taking_back
    begins = asked is not None and may_order(release.snapshot.plan, asked.asked.event.by)
    decides = ", ".join(release.snapshot.plan.backout_authority())
    return _answer(release, who, "the backout begins" if begins else f"asked of {decides}: a card waits for the answer")


def _release_of(plan: str, run_id: str | None) -> _Release:
    """The run that is meant, by its evidence. Raises 404 when there is none, 409 when it cannot be read."""
    records = settings().record_store()
    try:
        found = run_id or latest_release(records, plan)
        if found is None:
            raise HTTPException(404, f"there is no run of {plan} that brought a release")
        state = fold_all(ledger_of(plan, found).entries())
        if state.frozen is None:
            stone = records.tombstones.of(plan, found, settings().signing_key())
            told = f"run {found} of {plan} left no record here" if stone is None else f"run {found} was {stone}"
            raise HTTPException(404, told)
        return _Release(found, frozen_plan(records, plan, state.frozen.digest), state)
    except (DeployPlanError, ValueError) as error:
        raise HTTPException(409, f"what {run_id or 'the last run'} of {plan} froze cannot be read: {error}") from None


def has_released(plan: str, run_id: str) -> bool:
    """Whether this run has brought a release that is, or was, in production. Raises as `_release_of` does."""
    return _release_of(plan, run_id).state.released is not None


async def _refuse_unless_possible(who: Person, release: _Release) -> None:
    """Raise 409 where it would be refused, by the records or by Airflow."""
    records, now = settings().record_store(), SystemClock().now()
    if release.state.taking_back is None:
        why = await asyncio.to_thread(
            refuse_to_take_back,
            records,
            release.snapshot,
            release.run_id,
            release.state,
            now=now,
            may_read=lambda plan: bool(who.may_read([plan])),
        )
        if why is not None:
            raise HTTPException(409, why)
    why = await _in_airflows_way(who, release)
    if why is not None:
        raise HTTPException(409, why)


async def _ask_anew(who: Person, release: _Release, reason: str) -> _Release:
    """Take up what somebody asked for and nobody began. Raises 409, and withdraws it, where it is too late by now."""
    records, now = settings().record_store(), SystemClock().now()
    snapshot, state = release.snapshot, release.state
    why = await asyncio.to_thread(
        what_bars_it,
        records,
        snapshot,
        release.run_id,
        state,
        now=now,
        may_read=lambda plan: bool(who.may_read([plan])),
    )
    if why is not None:
        await asyncio.to_thread(_withdraw, release, why)  # its evidence names no more than the answer
        raise HTTPException(409, why)
    if (why := await _in_airflows_way(who, release)) is not None:
        raise HTTPException(409, why)
    asked = state.taking_back.asked.event if state.taking_back else None
    same = asked is not None and asked.by == who.name
    return release if same else await asyncio.to_thread(_ask, release, who.name, reason)


async def _in_airflows_way(who: Person, release: _Release) -> str | None:
    """Why Airflow could not carry it out, as it shows itself to this person."""
    run = await _look(who, _run_path(release))
    if run is None:
        return (
            f"Airflow has forgotten run {release.run_id} of {release.plan} (deleted, or `airflow db clean`), or does "
            "not show it to you: nobody can carry its backout out; plan a release of what is to be there"
        )
    dag = await _look(who, f"/api/v2/dags/{quote(release.plan)}")
    if dag is not None and dag.get("is_paused"):
        return f"the DAG of {release.plan} is paused: unpause it, then ask again"
    others = [each for state in UNDER_WAY for each in await _runs(who, release, state) if _is_another(each, release)]
    if others:
        return (
            f"run {others[0].get('dag_run_id')} of {release.plan} is {others[0].get('state')}; Airflow carries out "
            f"one run of a plan at a time: end it with `deployplan stop {release.plan}`, then ask again"
        )
    return None


async def _runs(who: Person, release: _Release, state: str) -> list[dict[str, Any]]:
    path = f"/api/v2/dags/{quote(release.plan)}/dagRuns"
    status, found = await who.ask_airflow("GET", path, query=f"state={state}&limit=10")
    return list(found.get("dag_runs", ())) if status == 200 and isinstance(found, dict) else []


def _is_another(run: dict[str, Any], release: _Release) -> bool:
    return run.get("dag_run_id") != release.run_id


async def _is_at_work(who: Person, release: _Release) -> bool:
    run = await _look(who, _run_path(release))
    return run is not None and run.get("state") in UNDER_WAY


def _ask(release: _Release, by: str, reason: str) -> _Release:
    """Leave the evidence that it was asked for, and let Airflow make the plan's DAG of what the run froze."""
    records, ledger = settings().record_store(), ledger_of(release.plan, release.run_id)
    records.open_run(release.plan, release.run_id, release.snapshot.digest)
    ledger.keep(ask_to_take_back(release.snapshot.plan, release.state, by=by, reason=reason))
    return _Release(release.run_id, release.snapshot, fold_all(ledger.entries()))


def _needs_its_plan_back(release: _Release) -> bool:
    """Whether the plan's file says something else than what the run froze."""
    from deployplan.plan.load.loading import load

    documents = settings().documents()
    try:
        return load(documents.plan_path(release.plan), documents).digest != release.snapshot.digest
    except PlanRejected:
        return True


async def _is_built_anew(who: Person, release: _Release) -> bool:
    """Whether Airflow has read the plans since the run was taken up again: its DAG is that of the frozen plan then."""
    dag = await _look(who, f"/api/v2/dags/{quote(release.plan)}")
    asked = release.state.taking_back.asked.at if release.state.taking_back else SystemClock().now()
    if dag is None or dag.get("is_stale") or not dag.get("last_parsed_time"):
        return False
    return datetime.fromisoformat(str(dag["last_parsed_time"])) > asked + PARSE_TAKES


async def _begin(who: Person, release: _Release, reason: str) -> None:
    """Clear the tasks of the backout as this person. Raises 409 where Airflow refuses; then nothing was asked for."""
    body = {
        "dry_run": False,
        "dag_run_id": release.run_id,
        "task_ids": [*backout_tasks(release.snapshot), task_names.OUTCOME],
        "include_downstream": False,
        "only_failed": False,
        "reset_dag_runs": True,
        "note": f"backout asked for by {who.name}: {reason}"[:1000],
    }
    status, answer = await who.ask_airflow("POST", f"/api/v2/dags/{quote(release.plan)}/clearTaskInstances", body)
    if status == 200:
        return
    told = answer.get("detail", answer) if isinstance(answer, dict) else answer
    why = f"Airflow did not clear the tasks of the backout ({status}): {str(told)[:300]}"
    if is_kept(release.state):
        await asyncio.to_thread(_withdraw, release, why)
    raise HTTPException(403 if status in (401, 403) else 409, why)


def _withdraw(release: _Release, why: str) -> None:
    ledger = ledger_of(release.plan, release.run_id)
    ledger.keep(BackoutDeclined(why=why))
    state = fold_all(ledger.entries())
    conclude_kept(settings().record_store(), release.snapshot, release.run_id, ledger, state)


async def _look(who: Person, path: str) -> dict[str, Any] | None:
    status, found = await who.ask_airflow("GET", path)
    return found if status == 200 and isinstance(found, dict) else None


def _run_path(release: _Release) -> str:
    return f"/api/v2/dags/{quote(release.plan)}/dagRuns/{quote(release.run_id, safe='')}"


def _asked(release: _Release) -> str:
    asked = release.state.taking_back.asked.event if release.state.taking_back else None
    return "" if asked is None else f"{asked.by}: {asked.reason}"


def _answer(release: _Release, who: Person, told: str, *, asked: bool = True, waits: bool = False) -> BackoutAnswer:
    plan, points = release.snapshot.plan, release.state.points
    undone = [
        Undone(
            component=name,
            nodes={node.name: points.get((node.name, name)) for node in release.snapshot.nodes_of(name)},
        )
        for name in reversed(dict.fromkeys(wave.component for wave in release.snapshot.waves))
    ]
    return BackoutAnswer(
        plan=plan.name,
        run=release.run_id,
        version=plan.scope.release.version,
        until=back_out_until(plan.backout, release.state),
        decided_by=plan.backout_authority(),
        begins_at_once=may_order(plan, who.name),
        undoes=undone,
        asked=asked,
        waits=waits,
        sentence=told,
    )
