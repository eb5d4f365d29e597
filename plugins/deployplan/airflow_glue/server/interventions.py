"""Keeps what people do to a run past its cards: marks, clears, stops, deletions, notes and the like are evidence.

A task's colour leaves no name, and Airflow's own audit log is not signed. The API server is where all of it passes, so
a middleware there records who asked for what, also when Airflow refuses it. It hinders nobody.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

from deployplan.airflow_glue.server.asgi import MOST_BODY, App, Message, Receive, Scope, Send, path_of, user_in
from deployplan.airflow_glue.server.people_requests import MOST_TASKS, Intervention, interventions_in, may_intervene
from deployplan.airflow_glue.server.store_thread import StoreSilent, ask_store
from deployplan.airflow_glue.settings import settings
from deployplan.airflow_glue.who import directory, names_of_user
from deployplan.evidence.entry import Entry
from deployplan.evidence.event import Event
from deployplan.evidence.kinds.people import Intervened
from deployplan.evidence.record import Records
from deployplan.runbook.run.fold import fold_all

MOST_REFUSED = 100
"""Refused requests that a run's evidence keeps: nobody without the right may fill it."""

IdAndLogin = tuple[str | None, str | None]

log = logging.getLogger(__name__)


class KeepInterventions:
    """ASGI middleware of the API server: records who asked Airflow to change a run, before they have the answer."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = path_of(scope)
        if not path or not may_intervene(scope["method"], path):
            await self.app(scope, receive, send)
            return
        asked, answered, status = bytearray(), bytearray(), 0

        async def listen() -> Message:
            message = await receive()
            if message["type"] == "http.request":
                _keep(asked, message.get("body", b""))
            return message

        async def tell(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                _keep(answered, message.get("body", b""))
                is_whole = not message.get("more_body", False)
                if is_whole and (who := await user_of(scope))[0] is not None:  # else it was refused, and is not read
                    found, answer = await asyncio.to_thread(_read, scope["method"], path, asked, answered)
                    await keep_interventions(found, who, status, answer)
            await send(message)

        await self.app(scope, listen, tell)


async def user_of(scope: Scope) -> IdAndLogin:
    """The id and the login of who asks; None when nobody whom Airflow knows."""
    try:
        return names_of_user(await user_in(scope))
    except Exception:  # whatever the auth manager has against it: then it names nobody
        return None, None


async def person_of(scope: Scope) -> str | None:
    """Who asks, as evidence calls them; None when nobody."""
    user = await user_of(scope)
    return None if user[0] is None else await asyncio.to_thread(lambda: directory().told(*user))


async def keep_interventions(
    found: tuple[Intervention, ...], who: tuple[str | None, str | None], status: int, answer: Any
) -> None:
    """Record what was asked for. A failure is logged and changes nothing of the answer."""
    if not found or who[0] is None:  # without a name it was refused, and anybody could fill the evidence
        return
    accepted = 200 <= status < 300 and not _all_refused(answer)
    for each in found:
        try:
            await ask_store(_record, each, who, accepted, status)
        except StoreSilent as silent:
            log.warning("user %s %s: not kept yet as evidence of %s: %s", who[0], each.did, each.plan, silent)
        except Exception:
            log.exception("user %s %s, which could not be kept as evidence of %s", who[0], each.did, each.plan)


def _record(done: Intervention, asked_by: IdAndLogin, accepted: bool, status: int) -> None:
    """Record it with the run that it is about or, else, that is under way; with the plan, where there is no evidence.

    Evidence of a run begins with the freezing of its plan, and with nothing else.
    """
    settings().signing_key()  # without one nothing is recorded; it says so
    who, store = directory().told(*asked_by), settings().record_store()
    active = store.active(done.plan)
    run_id = done.run_id or (active[0] if active is not None else None)
    record = None if run_id is None else store.run(done.plan, run_id)
    if record is not None and (begun := record.ledger().entries()):
        known: tuple[Entry, ...] = (*begun, *record.apart().entries())
        note: Callable[[Event], object] = record.note
    elif _is_ours(store, done.plan):
        ledger = store.people(done.plan)
        known, note = ledger.entries(), ledger.keep
    else:
        log.info("%s %s: %s is no plan of ours", who, done.did, done.plan)
        return
    if not accepted and fold_all(known).refused_requests >= MOST_REFUSED:
        log.warning("%s %s of %s/%s: refused, and not recorded any more", who, done.did, done.plan, run_id)
        return
    event = Intervened(
        who=who,
        did=done.did,
        action=done.action,
        tasks=done.tasks[:MOST_TASKS],
        state=done.state,
        note=done.note,
        accepted=accepted,
        status=status,
        user=asked_by[0],
        login=asked_by[1],
    )
    note(event)


def _is_ours(store: Records, plan: str) -> bool:
    """Whether the DAG is made of a plan: it has a file, or had runs. Others' DAGs are none of our business."""
    return "/" not in plan and (settings().documents().plan_path(plan).is_file() or bool(store.runs(plan)))


def _all_refused(answer: Any) -> bool:
    """Whether Airflow carried out nothing of a bulk request, which it answers with 200 all the same."""
    if not isinstance(answer, dict):
        return False
    parts = [part for name in ("create", "update", "delete") if isinstance(part := answer.get(name), dict)]
    return bool(parts) and not any(part.get("success") for part in parts)


def _read(method: str, path: str, asked: bytearray, answered: bytearray) -> tuple[tuple[Intervention, ...], Any]:
    """What the request asks for, and Airflow's answer; not on the event loop, as either may be long."""
    answer = _json(answered)
    return interventions_in(method, path, _json(asked), answer, whole=len(asked) <= MOST_BODY), answer


def _keep(kept: bytearray, more: bytes) -> None:
    if len(kept) <= MOST_BODY:
        kept += more[: MOST_BODY + 1 - len(kept)]


def _json(text: bytearray) -> Any:
    if not text or len(text) > MOST_BODY:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None
