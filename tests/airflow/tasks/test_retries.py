"""A task may ask as often as people answer, and nothing that nobody meant is tried for ever."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from builders import a_snapshot
from deployplan.airflow_glue.plan_source import PlanSource
from deployplan.airflow_glue.tasks import worker
from deployplan.airflow_glue.tasks.host import Body, CardAnswer, TaskHost
from deployplan.airflow_glue.tasks.notes import LONGEST_NOTE, note_in
from deployplan.airflow_glue.tasks.operators import DeployWave
from deployplan.airflow_glue.tasks.retries import RETRIES, RETRIES_WITH_CARDS, unmeant_tries
from deployplan.evidence.kinds.verify import CardPut
from deployplan.runbook.run.state import RunState
from deployplan.runbook.run.traces import CardState

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


@pytest.mark.parametrize("max_tries", [RETRIES, RETRIES_WITH_CARDS, 0])
def test_an_answer_is_dealt_with_in_the_try_that_it_came_to_also_when_that_is_the_last_one(
    monkeypatch: pytest.MonkeyPatch, max_tries: int
) -> None:
    seen: list[CardAnswer | None] = []

    async def body(host: TaskHost) -> str:
        seen.append(host.answer)
        if host.answer is not None:
            host.begin_anew("chen: Try again")
        return "the wave went on"

    task, context = a_wave(monkeypatch, body, try_number=max_tries + 1, max_tries=max_tries)
    answer = {"chosen_options": ["Try again"], "responded_by_user": {"id": "chen", "name": "chen"}}
    assert task.answered(context, answer) == "the wave went on"
    assert [each and each.option for each in seen] == ["Try again", None]


def test_a_step_that_begins_anew_again_and_again_ends_its_try(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(host: TaskHost) -> None:
        host.begin_anew("nobody knows why")

    task, context = a_wave(monkeypatch, body, try_number=1, max_tries=RETRIES_WITH_CARDS)
    with pytest.raises(AirflowException, match="nobody was asked") as ended:
        task.execute(context)
    assert not isinstance(ended.value, AirflowFailException)


def a_wave(monkeypatch: pytest.MonkeyPatch, body: Body, *, try_number: int, max_tries: int) -> tuple[DeployWave, Any]:
    """The operator of a wave that carries `body` out, and what Airflow tells it of its try."""
    monkeypatch.setattr(DeployWave, "body", staticmethod(lambda: body))
    monkeypatch.setattr(worker, "ledger_state", lambda *_: RunState())
    snapshot = a_snapshot()
    source = PlanSource(snapshot.plan.name, snapshot.digest, lambda: snapshot)
    task = DeployWave(task_id="deploy.web.wave_1", retries=RETRIES_WITH_CARDS).of(source)
    ti = SimpleNamespace(try_number=try_number, max_tries=max_tries)
    return task, {"dag_run": SimpleNamespace(run_id="run-1"), "ti": ti}
