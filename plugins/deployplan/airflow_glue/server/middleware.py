"""What the API server refuses although Airflow would do it: deletion of a run under way, answers after a run's end.

Airflow deletes a run whose scripts still run, and nobody watches them from then on; it takes answers to cards whose
task has long ended. Both are refused with 409, after Airflow itself has let the person see the run. A card that says
who may choose what takes an answer of nobody else: 403.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote
from weakref import WeakValueDictionary

from deployplan.airflow_glue.context import ledger_of
from deployplan.airflow_glue.server.asgi import (
    App,
    Receive,
    Scope,
    Send,
    answered_card,
    ask_within,
    note_card,
    path_of,
    read_body,
    refuse,
)
from deployplan.airflow_glue.server.interventions import person_of
from deployplan.airflow_glue.server.store_thread import StoreSilent, ask_store
from deployplan.airflow_glue.settings import settings
from deployplan.clock import SystemClock
from deployplan.runbook.node.lock_holder import outcome_of
from deployplan.runbook.run.fold import fold_all
from deployplan.runbook.run.traces import CardState, why_taken

_RUN = r"/api/v2/dags/([^/]+)(?:/dagRuns/([^/]+))?"
DELETION = re.compile(rf"{_RUN}(?:/taskInstances/[^/]+)?/?$")
BULK = re.compile(rf"{_RUN}(?:/dagRuns|/taskInstances)/?$")
MOST_BULK = 1024 * 1024
"""Bytes of a bulk request: while a long text is parsed nothing else goes on in the whole server."""
TOO_LONG = f"a bulk request of more than {MOST_BULK >> 20} MiB is not taken; send several"
UNKNOWN = "who you are could not be found out, so nothing is done: log in to Airflow"
UNDER_WAY = {"queued", "running"}
LONGEST_ANSWER = 256 * 1024
"""Bytes of an answer to a card: an option, and a note."""


@dataclass(frozen=True, slots=True)
class RunTarget:
    """A plan, and one of its runs; no run means all of them."""

    plan: str
    run_id: str | None


class Guard:
    """ASGI middleware of the API server. Put it inside those that keep evidence: they see its refusals, too."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._turns: WeakValueDictionary[tuple[str, str, str], asyncio.Lock] = WeakValueDictionary()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._guard(scope, receive, send)
        except StoreSilent as silent:
            await refuse(send, f"{silent}; nothing was done", 503)

    async def _guard(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = path_of(scope)
        why, again = None, receive
        if path and scope["method"] == "DELETE" and (found := DELETION.search(path)):
            why = await self._no_deletion(scope, [_target(*found.groups())])
        elif (card := answered_card(scope)) is not None:
            await self._answer_in_turn(scope, receive, send, card)
            return
        elif path and scope["method"] == "PATCH" and (found := BULK.search(path)):
            if await person_of(scope) is None:  # as Airflow itself finds, who then has nothing read or looked up
                await refuse(send, UNKNOWN, 401)
                return
            body, again = await read_body(receive, MOST_BULK)
            why = TOO_LONG if len(body) > MOST_BULK else None
            why = why or await self._no_deletion(scope, await asyncio.to_thread(_all_deleted_by, body, *found.groups()))
        if why is None:
            await self.app(scope, again, send)
        else:
            await refuse(send, why)

    async def _answer_in_turn(self, scope: Scope, receive: Receive, send: Send, card: tuple[str, str, str]) -> None:
        """Let Airflow take an answer, or refuse it; one after the other.

        Of two at the same time Airflow 3.3.2 accepts both, and does what the first one said. A turn begins when the
        whole answer is there: nobody's slow line holds up the others.
        """
        body, again = await read_body(receive, LONGEST_ANSWER)
        if len(body) > LONGEST_ANSWER:
            await refuse(send, f"an answer of more than {LONGEST_ANSWER >> 10} KiB is not taken", 413)
        else:
            person = await person_of(scope)
            if person is None:
                await refuse(send, UNKNOWN, 401)
                return
            async with self._turns.setdefault(card, asyncio.Lock()):
                await self._answer(scope, again, send, card, body, person)

    async def _answer(
        self, scope: Scope, again: Receive, send: Send, card: tuple[str, str, str], body: bytes, person: str
    ) -> None:
        ended = await self._no_answer(scope, *card)
        refusal = (ended, 409) if ended else await _may_not_choose(scope, card, body, person)
        if refusal is None:
            await self.app(scope, again, send)
        else:
            await refuse(send, *refusal)

    async def _no_deletion(self, scope: Scope, targets: list[RunTarget]) -> str | None:
        """Why none of it may be deleted: the plan's record says that a run is under way, and so does Airflow."""
        for target in targets:
            active = await ask_store(settings().record_store().active, target.plan)
            if active is None or target.run_id not in (None, active[0]):
                continue
            found = await self._look(scope, f"/api/v2/dags/{quote(target.plan)}/dagRuns/{quote(active[0])}")
            if found is not None and found.get("state") in UNDER_WAY:
                return (
                    f"run {active[0]} of {target.plan} is under way, and nobody would watch its scripts any more: mark "
                    "the run failed, wait for its outcome, then delete it"
                )
        return None

    async def _no_answer(self, scope: Scope, plan: str, run_id: str, task: str) -> str | None:
        """Why the card can take no answer any more; None also for a card that is not ours."""
        outcome = await ask_store(_outcome_since, plan, run_id, task)
        if outcome is None or await self._look(scope, path_of(scope)) is None:
            return None
        return f"this card is closed: run {run_id} of {plan} has ended in {outcome}"

    async def _look(self, scope: Scope, path: str) -> dict[str, Any] | None:
        """What Airflow shows this person there; None when it shows nothing, whatever the reason."""
        status, found = await ask_within(self.app, scope, "GET", path)
        return found if status == 200 and isinstance(found, dict) else None


async def _may_not_choose(
    scope: Scope, asked: tuple[str, str, str], body: bytes, person: str
) -> tuple[str, int] | None:
    """Why this person may not give this answer, or not any more, and the status; None where Airflow may take it.

    Airflow assigns a whole card; this one says who may choose what, and when silence is taken for an answer.
    """
    card = await ask_store(_card_of, *asked)
    if card is None:
        return None  # a card of another DAG's
    note_card(scope, card.seq)
    if card.answer is not None:
        return why_taken(card.answer), 409
    if card.put.options is None:
        return None
    now = SystemClock().now()
    for option in _chosen_in(body):
        if (why := card.why_refused(person, option)) is not None:
            return f"{person} may not answer {option or 'this'!r}: {why}", 403
    if card.put.until is not None and now >= datetime.fromisoformat(card.put.until):
        return f"too late: silence was taken for an answer at {card.put.until}", 409
    return None


def _card_of(plan: str, run_id: str, task: str) -> CardState | None:
    return fold_all(ledger_of(plan, run_id).entries()).cards.get(task)


def _chosen_in(body: bytes) -> tuple[str | None, ...]:
    """The options that are chosen; one that nobody can choose where that cannot be read."""
    try:
        chosen = json.loads(body)["chosen_options"]
        return tuple(map(str, chosen)) or (None,)
    except (ValueError, KeyError, TypeError):
        return (None,)


def deleted_by(body: bytes, plan: str, run_id: str | None) -> Iterator[RunTarget]:
    """The runs of which a bulk request deletes something; the path names a plan and maybe a run, `~` any."""
    try:
        actions = json.loads(body)["actions"]
        for action in actions:
            if action["action"] == "delete":
                for entity in action["entities"]:
                    named = entity if isinstance(entity, dict) else {}
                    a_plan = named.get("dag_id") or unquote(plan)
                    a_run = named.get("dag_run_id") or (unquote(run_id) if run_id else None)
                    if not isinstance(entity, dict) and run_id is None:
                        a_run = str(entity)
                    yield RunTarget(str(a_plan), None if a_run in (None, "~") else str(a_run))
    except (ValueError, KeyError, TypeError):
        return  # Airflow refuses what is no bulk request


def _all_deleted_by(body: bytes, plan: str, run_id: str | None) -> list[RunTarget]:
    return list(dict.fromkeys(deleted_by(body, plan, run_id)))


def _target(plan: str, run_id: str | None) -> RunTarget:
    return RunTarget(unquote(plan), None if run_id is None else unquote(run_id))


def _outcome_since(plan: str, run_id: str, task: str) -> str | None:
    """The outcome to which the run has come since this card was put up."""
    state = fold_all(ledger_of(plan, run_id).entries())
    card = state.cards.get(task)
    if card is None or state.outcome is None or state.outcome.seq < card.seq:
        return None
    return outcome_of(state)
