"""Cards that say what an earlier question asked: those that an execution API server without plugins has put up.

On PostgreSQL Airflow 3.3.2 keeps the text, the options and the people of a task's first card (fresh_cards.py). The API
server that people use has the plugin, and the evidence says what is asked: within a look the card says it, too.
"""

from __future__ import annotations

from typing import Any, TypeAlias
from uuid import UUID

from deployplan.airflow_glue.context import ledger_state
from deployplan.airflow_glue.server.card_query import AT_ONCE, named, our_cards
from deployplan.airflow_glue.who import directory
from deployplan.clock import SystemClock
from deployplan.errors import DeployPlanError
from deployplan.evidence.kinds.verify import CardPut
from deployplan.runbook.failure.question import Option

_Parked: TypeAlias = tuple[UUID, object]


class StaleCards:
    """Reads the evidence of a card once each time that its task parks: most of them say what they should."""

    def __init__(self) -> None:
        self._seen: set[_Parked] = set()

    def renew(self) -> list[str]:
        """Have open cards say what the evidence says; returns of which that was not so."""
        from airflow.utils.session import create_session

        with create_session() as session:
            parked = {
                (task.id, task.updated_at): (task.dag_id, task.run_id, task.task_id) for task, _ in _open(session)
            }
        self._seen &= set(parked)
        told: list[str] = []
        for parking, (plan, run_id, task) in parked.items():
            if parking in self._seen:
                continue
            try:
                card = ledger_state(plan, run_id).cards.get(task)  # outside of the session: a store may be slow
            except DeployPlanError as error:
                told.append(f"{task} of {plan}/{run_id}: what its card should say cannot be read: {error}")
                continue
            if card is None or not card.is_open:
                continue  # its entry, or what was answered, is on its way
            with create_session() as session:
                told += _say(session, parking, card.put)
            self._seen.add(parking)
        return told


def _open(session: Any) -> Any:
    from airflow.models.hitl import HITLDetail
    from airflow.models.taskinstance import TaskInstance

    waits = TaskInstance.state == "awaiting_input"
    return our_cards(session, waits, HITLDetail.responded_at.is_(None)).limit(AT_ONCE).all()


def _say(session: Any, parking: _Parked, put: CardPut) -> list[str]:
    """Write what was put on the card of a task that is parked as it was; leave what says it already."""
    from airflow.models.hitl import HITLDetail
    from airflow.models.taskinstance import TaskInstance

    mine = our_cards(session, TaskInstance.id == parking[0], HITLDetail.responded_at.is_(None))
    found = mine.with_for_update(of=HITLDetail).one_or_none()
    if found is None or found[0].updated_at != parking[1]:
        return []
    if put.text is None and put.options is not None:  # an earlier version put it up, which kept no text
        return []
    task, card = found
    is_same = put.options is None or set(put.options) == set(card.options)
    options = card.options if is_same else sorted(put.options or (), key=_place)
    known = directory()
    people = [{"id": user, "name": person} for person in put.people for user in known.users_of(person)]
    body = card.body if put.text is None else put.text  # that of a seat or a manual test never changes
    wanted = options, put.subject, body, people or card.assignees  # an empty list would be everybody
    if (card.options, card.subject, card.body, card.assignees) == wanted:
        return []
    card.options, card.subject, card.body, card.assignees = wanted
    card.created_at = SystemClock().now()
    return [f"{named(task)}: its card said what was asked before; it says what is asked now"]


def _place(option: str) -> tuple[int, str]:
    """Where people are used to see an option: the evidence keeps no order."""
    known = [str(each) for each in Option]
    return (known.index(option) if option in known else len(known)), option
