"""Cards that Airflow left in the lurch: answers that it accepted and no task took, questions whose task has ended.

The API server looks at them now and then, for as long as it lives. Each look is one query of the few cards that wait,
one of those that may say what was asked before (stale_cards.py), and one of the runs whose plans are gone (orphans.py).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from deployplan.airflow_glue.server.card_query import AT_ONCE, named, our_cards
from deployplan.airflow_glue.server.orphans import Orphans
from deployplan.airflow_glue.server.stale_cards import StaleCards
from deployplan.clock import SystemClock

EVERY = 10.0
"""Seconds between two looks."""
TAKEN_WITHIN = timedelta(seconds=10)
"""An answer that is older, and whose task still waits for it, was lost on the way: taking one needs a moment."""

log = logging.getLogger(__name__)


class CardUpkeep:
    """Begins with the first request that a server takes, and goes on in its event loop."""

    def __init__(self, look: Callable[[], Sequence[str]] | None = None) -> None:
        self._looks = (look,) if look else (see_to_cards, StaleCards().renew, Orphans().end)
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Begin, unless it goes on already."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._again_and_again(), name="deployplan: cards")

    def end(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()

    async def _again_and_again(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            for look in self._looks:
                try:
                    for line in await asyncio.to_thread(look):
                        log.warning("%s", line)
                except Exception:
                    log.exception("cards or runs could not be looked at; they are again in %g s", EVERY)


def see_to_cards() -> list[str]:
    """Hand over answers that nobody took, and close cards whose task has ended; says what was done."""
    from airflow.utils.session import create_session

    told: list[str] = []
    for work in (_hand_over, _close):  # each by itself: what goes wrong in one takes nothing back of the other
        with create_session() as session:
            told += work(session)
    return told


def _hand_over(session: Any) -> list[str]:
    """Let the deadline of such a card end now: Airflow's scheduler then resumes the task with the answer there is."""
    from airflow.models.hitl import HITLDetail
    from airflow.models.taskinstance import TaskInstance

    now = SystemClock().now()
    waits = TaskInstance.state == "awaiting_input"
    waits_on = TaskInstance.trigger_timeout.is_(None) | (TaskInstance.trigger_timeout > now)
    found = _cards(session, waits, HITLDetail.responded_at < now - TAKEN_WITHIN, waits_on)
    for task, _ in found:
        task.trigger_timeout = now
    return [f"{named(task)}: an answer was accepted and not taken; it is handed over again" for task, _ in found]


def _close(session: Any) -> list[str]:
    """Answer it with nothing, in nobody's name: Airflow shows it as closed, and takes no other answer."""
    from airflow.models.hitl import HITLDetail
    from airflow.models.taskinstance import TaskInstance

    ended = TaskInstance.state.in_(("success", "failed", "skipped", "upstream_failed", "removed"))
    found = _cards(session, ended, HITLDetail.responded_at.is_(None))
    for _, card in found:
        card.responded_at = SystemClock().now()
        card.responded_by = None
        card.chosen_options = []
    return [f"{named(task)}: the task has ended ({task.state}); its card is closed" for task, _ in found]


def _cards(session: Any, *conditions: Any) -> Sequence[tuple[Any, Any]]:
    """Tasks of ours, each with its card, locked until the session ends; those that are locked already are left."""
    from airflow.models.taskinstance import TaskInstance

    mine = our_cards(session, *conditions)
    found: Sequence[tuple[Any, Any]] = mine.with_for_update(of=TaskInstance, skip_locked=True).limit(AT_ONCE).all()
    return found
