"""A task may ask as often as people answer, and nothing that nobody meant is tried for ever."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.definitions.retry_policy import RetryAction
from airflow.sdk.exceptions import AirflowFailException

from builders import a_snapshot
from deployplan.airflow_glue.plan_source import PlanSource
from deployplan.airflow_glue.tasks import worker
from deployplan.airflow_glue.tasks.host import TaskHost
from deployplan.airflow_glue.tasks.notes import LONGEST_NOTE, note_in
from deployplan.airflow_glue.tasks.operators import DeployWave
from deployplan.airflow_glue.tasks.retries import (
    RETRIES,
    RETRIES_WITH_CARDS,
    AtOnceWhenMeant,
    TryAnew,
    unmeant_tries,
)
from deployplan.evidence.kinds.verify import CardPut
from deployplan.runbook.run.state import CardState, RunState

pytestmark = pytest.mark.airflow


@pytest.mark.parametrize(
    ("try_number", "max_tries", "asked", "unmeant"),
    [
        (1, RETRIES_WITH_CARDS, 0, 1),
        (6, RETRIES_WITH_CARDS, 0, 6),
        (31, RETRIES_WITH_CARDS, 30, 1),  # thirty answers
        (8, RETRIES_WITH_CARDS + 7, 0, 1),  # cleared in its seventh try
        (10, RETRIES_WITH_CARDS + 7, 2, 1),
        (2, RETRIES, 0, 2),  # begun by a version that retried less
    ],
)
def test_tries_that_nobody_meant_are_counted_since_the_last_clear_without_those_that_asked(
    try_number: int, max_tries: int, asked: int, unmeant: int
) -> None:
    assert unmeant_tries(try_number, max_tries, asked) == unmeant


def test_a_try_that_was_meant_follows_at_once_and_every_other_as_airflow_has_it() -> None:
    policy = AtOnceWhenMeant()
    meant = policy.evaluate(TryAnew("mia: Try again"), 3, 200)
    assert (meant.action, meant.reason) == (RetryAction.RETRY, "mia: Try again")
    assert meant.retry_delay is not None
    assert meant.retry_delay <= timedelta(seconds=1)
    assert policy.evaluate(ConnectionError("gone"), 3, 200).action is RetryAction.DEFAULT


@pytest.mark.parametrize(
    ("written", "note"),
    [
        ({"note": "  gave it\nroom "}, "gave it room"),
        ({"note": "x" * 9000}, "x" * LONGEST_NOTE),
        ({"note": "\x1b[31mred"}, "\\x1b[31mred"),
        ({"note": ""}, None),
        ({"note": None}, None),
        ({"note": {"a": 1}}, None),
        ({}, None),
        (None, None),
        ("note", None),
    ],
)
def test_a_note_is_one_bounded_line_whatever_was_sent(written: object, note: str | None) -> None:
    assert note_in(written) == note


@pytest.mark.parametrize(
    ("try_number", "cards", "goes_on"), [(6, 0, True), (7, 0, False), (40, 39, True), (46, 39, False)]
)
def test_a_wave_gives_up_after_tries_that_nobody_meant_and_not_after_answers(
    monkeypatch: pytest.MonkeyPatch, try_number: int, cards: int, goes_on: bool
) -> None:
    async def body(_: TaskHost) -> str:
        return "done"

    monkeypatch.setattr(DeployWave, "body", staticmethod(lambda: body))
    snapshot, known = a_snapshot(), RunState()
    if cards:
        put = CardPut(task="deploy.web.wave_1", people=("mia",), clear=RETRIES_WITH_CARDS)
        known.cards[put.task] = CardState(1, put, datetime(2026, 11, 28, tzinfo=UTC), tries=cards)
    monkeypatch.setattr(worker, "ledger_state", lambda *_: known)
    source = PlanSource(snapshot.plan.name, snapshot.digest, lambda: snapshot)
    task = DeployWave(task_id="deploy.web.wave_1", retries=RETRIES_WITH_CARDS).of(source)
    ti = SimpleNamespace(try_number=try_number, max_tries=RETRIES_WITH_CARDS)
    context: Any = {"dag_run": SimpleNamespace(run_id="run-1"), "ti": ti}
    if goes_on:
        assert task.execute(context) == "done"
    else:
        with pytest.raises(AirflowFailException, match="in vain"):
            task.execute(context)
