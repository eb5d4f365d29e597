"""Keeps people's answers: what the API server accepted is evidence at once, before any task has taken note of it.

Airflow 3.3.2 may lose an answer that comes within seconds of the card: the scheduler then takes the parked task's
first leg for a failure and tries again, which asks again (docs/concepts/run-graph.md). With the answer in the evidence,
the next try takes it instead of asking twice. And an answer that no task takes is handed over again (card_upkeep.py).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence

from deployplan.airflow_glue.server.asgi import (
    App,
    Message,
    Receive,
    Scope,
    Send,
    answered_card,
    card_entry_of,
    path_of,
    refuse,
)
from deployplan.airflow_glue.server.card_upkeep import CardUpkeep
from deployplan.airflow_glue.server.store_thread import StoreSilent, ask_store
from deployplan.airflow_glue.settings import settings
from deployplan.airflow_glue.tasks.notes import note_in
from deployplan.airflow_glue.who import directory
from deployplan.clock import SystemClock
from deployplan.evidence.entry import Entry
from deployplan.evidence.event import Event, read_event
from deployplan.evidence.kinds.people import AnsweredLate
from deployplan.evidence.kinds.verify import CardAnswered, CardPut
from deployplan.runbook.run.fold import fold_all
from deployplan.runbook.run.traces import OVER

_PUTS: Mapping[str, type[Event]] = {CardPut.kind: CardPut}

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
        held: list[Message] = []

        async def listen(message: Message) -> None:
            """Hold an acceptance back until the evidence says whose answer counts; let all else through."""
            if message["type"] == "http.response.start" and message["status"] == 200:
                held.append(message)
            elif held and message["type"] == "http.response.body":
                held.append(message)
                if not message.get("more_body", False):
                    await self._confirm(send, held, await keep_in_time(*asked, _body_of(held), card_entry_of(scope)))
                    held.clear()
            else:
                await send(message)

        await self.app(scope, receive, listen)

    async def _confirm(self, send: Send, held: list[Message], instead: str | None) -> None:
        if instead is not None:
            await refuse(send, instead)
            return
        for message in held:
            await send(message)


def _body_of(messages: list[Message]) -> bytes:
    return b"".join(each.get("body", b"") for each in messages)


async def keep_in_time(plan: str, run_id: str, task: str, body: bytes, card: int | None = None) -> str | None:
    """Record an accepted answer; nobody waits long for a store that hangs; it is recorded when that wakes.

    Returns why another answer counts and not this one; None when this one does, or nobody can tell yet.
    """
    try:
        return await ask_store(keep_answer, plan, run_id, task, body, card)
    except StoreSilent as silent:
        log.warning("the answer to %s of %s/%s is not kept yet: %s", task, plan, run_id, silent)
        return None


def keep_answer(plan: str, run_id: str, task: str, body: bytes, card: int | None = None) -> str | None:
    """Record an accepted answer, and return why another one counts, where it came first; else None.

    Two API servers may have Airflow accept an answer each: the first in the ledger counts, and is what the task does.
    `card` is the entry of the card that was answered: another one may have been put since.
    A failure is logged and loses nothing: the task itself takes the answer as well.
    """
    try:
        answer = json.loads(body)
        user, login = answer["responded_by"]["id"], answer["responded_by"].get("name")
        person, option = directory().told(user, login), answer["chosen_options"][0]
        note = note_in(answer.get("params_input"))
        record = settings().record_store().run(plan, run_id)
        key, clock = settings().signing_key(), SystemClock()
        ledger = record.ledger(key=key, clock=clock)
        if task not in fold_all(ledger.entries()).cards:
            return None
        facts = {"task": task, "person": person, "option": option, "user": user, "login": login}
        answered = CardAnswered.of({**facts, "note": note, "card": card})
        if (entry := ledger.keep_unless_sealed(answered)) is None:
            late = AnsweredLate.of(facts)
            record.apart(key=key, clock=clock).keep(late)
            log.warning("%s of %s/%s was answered when the run was over: it counts for nothing", task, plan, run_id)
            return f"this card is closed: run {run_id} of {plan} has ended"
        return _why_not_counted(ledger.entries(), answered, entry.seq)
    except Exception:
        log.exception("the answer to %s of %s/%s could not be kept", task, plan, run_id)
        return None


def _why_not_counted(entries: Sequence[Entry], answered: CardAnswered, seq: int) -> str | None:
    """As CardState.why_not_counted, by the card that was answered, also where the next one is up already."""
    before = [each for each in entries if each.seq < seq]
    puts = [each.seq for each in before if _puts_card_of(answered.task, each)]
    asked = answered.card or max(puts)
    until = min((put for put in puts if put > asked), default=seq)
    card = fold_all([each for each in before if each.seq < until]).cards[answered.task]
    why = card.why_not_counted(answered)
    return OVER if why is None and card.answer is None and until < seq else why


def _puts_card_of(task: str, entry: Entry) -> bool:
    event = read_event(entry, _PUTS)
    return isinstance(event, CardPut) and event.task == task
