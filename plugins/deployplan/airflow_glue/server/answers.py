"""Keeps people's answers: what the API server accepted is evidence at once, before any task has taken note of it.

Airflow 3.3.2 may lose an answer that comes within seconds of the card: the scheduler then takes the parked task's
first leg for a failure and tries again, which asks again (docs/concepts/run-graph.md). With the answer in the evidence,
the next try takes it instead of asking twice. And an answer that no task takes is handed over again (card_upkeep.py).
"""

from __future__ import annotations

import json
import logging

from deployplan.airflow_glue.server.asgi import App, Message, Receive, Scope, Send, answered_card, path_of
from deployplan.airflow_glue.server.card_upkeep import CardUpkeep
from deployplan.airflow_glue.server.store_thread import StoreSilent, ask_store
from deployplan.airflow_glue.settings import settings
from deployplan.airflow_glue.tasks.notes import note_in
from deployplan.airflow_glue.who import directory
from deployplan.clock import SystemClock
from deployplan.evidence.kinds.people import AnsweredLate
from deployplan.evidence.kinds.verify import CardAnswered
from deployplan.runbook.run.fold import fold_all

MOST_BODY = 256 * 1024

log = logging.getLogger(__name__)


class KeepAnswers:
    """ASGI middleware of the API server: records each answer to a card that Airflow has accepted."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._upkeep = CardUpkeep()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = path_of(scope)
        if path:
            self._upkeep.begin()
        asked = answered_card(scope)
        if asked is None:
            await self.app(scope, receive, send)
            return
        status, body = 0, b""

        async def listen(message: Message) -> None:
            nonlocal status, body
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body" and len(body) < MOST_BODY:
                body += message.get("body", b"")
                if status == 200 and not message.get("more_body", False):
                    await keep_in_time(*asked, body)
            await send(message)

        await self.app(scope, receive, listen)


async def keep_in_time(plan: str, run_id: str, task: str, body: bytes) -> None:
    """Record an accepted answer; nobody waits long for a store that hangs; it is recorded when that wakes."""
    try:
        await ask_store(keep_answer, plan, run_id, task, body)
    except StoreSilent as silent:
        log.warning("the answer to %s of %s/%s is not kept yet: %s", task, plan, run_id, silent)


def keep_answer(plan: str, run_id: str, task: str, body: bytes) -> None:
    """Record an accepted answer. A failure is logged and loses nothing: the task itself takes the answer as well."""
    try:
        answer = json.loads(body)
        user, login = answer["responded_by"]["id"], answer["responded_by"].get("name")
        person, option = directory().told(user, login), answer["chosen_options"][0]
        note = note_in(answer.get("params_input"))
        record = settings().record_store().run(plan, run_id)
        key, clock = settings().signing_key(), SystemClock()
        ledger = record.ledger(key=key, clock=clock)
        if task not in fold_all(ledger.entries()).cards:
            return
        facts = {"task": task, "person": person, "option": option, "user": user, "login": login}
        if ledger.keep_unless_sealed(CardAnswered.of({**facts, "note": note})) is None:
            late = AnsweredLate.of(facts)
            record.apart(key=key, clock=clock).keep(late)
            log.warning("%s of %s/%s was answered when the run was over: it counts for nothing", task, plan, run_id)
    except Exception:
        log.exception("the answer to %s of %s/%s could not be kept", task, plan, run_id)
