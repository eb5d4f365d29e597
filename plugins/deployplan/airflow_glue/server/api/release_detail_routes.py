"""`/releases/{plan}/{run}/…`: what somebody asks for who opens a part of the page: plan, evidence, a node's log."""

from __future__ import annotations

import asyncio
from threading import Lock
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Path, Query
from fastapi.responses import PlainTextResponse, Response

from deployplan.airflow_glue.server.api.release_detail_forms import (
    ApprovedAnswer,
    CommandPart,
    ComparedPart,
    FilePart,
    StoryAnswer,
    StoryEntry,
    VerificationAnswer,
)
from deployplan.airflow_glue.server.api.release_keeper import Opened, releases
from deployplan.airflow_glue.server.api.rights import Person, PlanName, RunId, Signed
from deployplan.airflow_glue.server.asgi import stream_within
from deployplan.airflow_glue.settings import settings
from deployplan.evidence.audit import verify_in_store
from deployplan.evidence.entry import Entry
from deployplan.evidence.error import RecordError
from deployplan.evidence.kinds import event_in
from deployplan.evidence.kinds.review import PlanFrozen
from deployplan.evidence.segment import salvage
from deployplan.evidence.story import sentence
from deployplan.printable import printable, printable_lines
from deployplan.runbook import task_names
from deployplan.ui.approved_plan import ApprovedPlan, ComparedWith, approved_plan
from deployplan.ui.evidence_export import TooMuchToExport, export_evidence, require_exportable
from deployplan.ui.evidence_words import verification_lines
from deployplan.ui.node_log import NodeLog
from deployplan.ui.plan_view import UNREADABLE

router = APIRouter(prefix="/releases", tags=["releases"])
TO_SEE = "see a release"
MOST_ENTRIES = 500
MOST_LINES = 1000
"""Lines of a difference that are shown."""
EXPORTING = Lock()
"""Held while evidence is read into memory to be packed: never more than one run's at once."""
TEXT = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
NodeName = Annotated[str, Path(min_length=1, max_length=250, description="name of the node")]


@router.get("/{plan}/{run_id}/approved")
def read_approved(plan: PlanName, run_id: RunId, who: Signed) -> ApprovedAnswer:
    """What exactly is approved: commands, files with their sha256, and what differs from the product's last release."""
    opened = _open(who, plan, run_id)
    known = settings()
    found = approved_plan(known.record_store(), known.documents(), opened.snapshot, opened.known.review.began)
    other = None if found.compared is None else found.compared.release.plan
    return _approved(plan, run_id, found, may_compare=other in (None, plan) or bool(who.may_read([str(other)])))


@router.get("/{plan}/{run_id}/story")
def read_story(
    plan: PlanName,
    run_id: RunId,
    who: Signed,
    after: Annotated[int, Query(ge=0)] = 0,
    most: Annotated[int, Query(ge=1, le=MOST_ENTRIES)] = MOST_ENTRIES,
) -> StoryAnswer:
    """The evidence in words, entry by entry; of damaged evidence as much as can be read."""
    who.need("GET", "RUN", plan, to=TO_SEE)
    record = settings().record_store().run(plan, run_id)
    entries = [entry for entry in salvage(record.folder) if entry.seq > after]
    if not entries and not after:
        raise HTTPException(404, f"run {run_id} of {plan} left no record here")
    shown, more = entries[:most], len(entries) > most
    apart = () if more else salvage(record.apart().folder)[:most]
    told = [[_entry(each) for each in some] for some in (shown, apart)]
    return StoryAnswer(plan=plan, run=run_id, entries=told[0], next=shown[-1].seq if more else None, apart=told[1])


@router.get("/{plan}/{run_id}/verification")
def verify_release(plan: PlanName, run_id: RunId, who: Signed) -> VerificationAnswer:
    """Check that nobody changed, removed, reordered or rewrote an entry, nor cut off the end. Changes nothing."""
    who.need("GET", "RUN", plan, to=TO_SEE)
    known = settings()
    store, key = known.record_store(), known.signing_key()
    record = store.run(plan, run_id)
    found = verify_in_store(store, record, key)
    if not found.entries:
        raise HTTPException(404, f"run {run_id} of {plan} left no record here")
    lines = [printable(line)[:1000] for line in verification_lines(record, found, has_key=True)[:MOST_LINES]]
    facts: Any = found.as_json() | {"problems": [printable(each)[:1000] for each in found.problems[:MOST_LINES]]}
    return VerificationAnswer(plan=plan, run=run_id, **facts, lines=lines)


@router.get("/{plan}/{run_id}/evidence.tar.gz", response_class=Response)
def export_release(plan: PlanName, run_id: RunId, who: Signed) -> Response:
    """Every entry as it lies in the store, and the plan that was frozen; `deployplan evidence verify` checks it."""
    who.need("GET", "RUN", plan, to=TO_SEE)
    if not EXPORTING.acquire(blocking=False):
        raise HTTPException(503, "another evidence is being exported; ask again in 2 s", headers={"Retry-After": "2"})
    try:
        content = _packed(plan, run_id)
    finally:
        EXPORTING.release()
    name = quote(f"{plan}_{run_id}", safe="")
    headers = TEXT | {"Content-Disposition": f"attachment; filename*=UTF-8''{name}.tar.gz"}
    return Response(content, media_type="application/gzip", headers=headers)


def _packed(plan: str, run_id: str) -> bytes:
    store = settings().record_store()
    record = store.run(plan, run_id)
    try:
        require_exportable(record)
        said = (event_in(entry) for entry in reversed(salvage(record.folder)))
        frozen = next((each for each in said if isinstance(each, PlanFrozen)), None)
        if frozen is None:
            raise HTTPException(404, f"run {run_id} of {plan} left no record here, or froze no plan yet")
        return export_evidence(record, store.snapshot(plan, frozen.digest))
    except TooMuchToExport as error:
        raise HTTPException(413, str(error)) from None
    except RecordError as error:
        raise HTTPException(409, str(error)) from None


@router.get("/{plan}/{run_id}/nodes/{node}/log", response_class=PlainTextResponse)
async def read_node_log(
    plan: PlanName,
    run_id: RunId,
    node: NodeName,
    who: Signed,
    component: Annotated[str, Query(min_length=1, max_length=250)],
    step: Annotated[str, Query(pattern="^(deploy|undo)$")] = "deploy",
) -> Response:
    """What a component's scripts said on a node, as text: its lines of the task's log in Airflow, of many the last.

    Airflow is asked in the person's own name, and needs the right to read the plan's logs.
    """
    opened = await asyncio.to_thread(_open, who, plan, run_id)
    task = _task(opened, node, component, step)
    run = f"/api/v2/dags/{quote(plan, safe='')}/dagRuns/{quote(run_id, safe='')}/taskInstances/{quote(task, safe='')}"
    status, found = await who.ask_airflow("GET", run)
    if status != 200 or not isinstance(found, dict):
        why = found.get("detail") if isinstance(found, dict) else None
        raise HTTPException(status if status in (401, 403, 404) else 409, f"Airflow does not show task {task}: {why}")
    log = NodeLog(node)
    path = f"{run}/logs/{int(found.get('try_number') or 0)}"
    assert who.airflow is not None  # it has just been asked
    app, scope = who.airflow
    status = await stream_within(app, scope, "GET", path, log.take, accept=b"application/x-ndjson")
    if status != 200:
        raise HTTPException(status if status in (401, 403, 404) else 409, f"Airflow does not show the log of {task}")
    return PlainTextResponse(log.text() or f"nothing was said of {node} in {task} yet\n", headers=TEXT)


def _open(who: Person, plan: str, run_id: str) -> Opened:
    who.need("GET", "RUN", plan, to=TO_SEE)
    return releases().open(plan, run_id)


def _task(opened: Opened, node: str, component: str, step: str) -> str:
    """The task that watches this step on the node. Raises 404 when the plan has no such component there."""
    for wave in opened.snapshot.waves:
        if wave.component == component and node in wave.nodes:
            return task_names.undo(component) if step == "undo" else task_names.wave(component, wave.number)
    raise HTTPException(404, f"{component!r} does not land on {node!r} in this plan")


def _entry(entry: Entry) -> StoryEntry:
    return StoryEntry(seq=entry.seq, at=entry.at, kind=entry.kind, told=sentence(entry))


def _approved(plan: str, run_id: str, found: ApprovedPlan, *, may_compare: bool) -> ApprovedAnswer:
    return ApprovedAnswer(
        plan=plan,
        run=run_id,
        digest=found.digest,
        commands=[
            CommandPart(component=each.component, what=each.what, text=printable(each.text)) for each in found.commands
        ],
        files=[
            FilePart(kind=each.kind, path=printable(each.path), sha256=each.sha256, source=each.source)
            for each in found.files
        ],
        worst_case=[printable(each) for each in found.worst_case],
        compared=_compared(found.compared) if found.compared is not None and may_compare else None,
        not_compared=None if may_compare else f"the product's last release is of {UNREADABLE}",
        changed=found.changed,
        page=printable_lines(found.page),
    )


def _compared(found: ComparedWith) -> ComparedPart:
    release, lines = found.release, [printable(line) for line in found.lines[:MOST_LINES]]
    return ComparedPart(plan=release.plan, run=release.run_id, release=found.version, at=release.at, lines=lines)
