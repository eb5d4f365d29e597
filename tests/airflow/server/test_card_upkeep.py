"""Cards that Airflow left in the lurch, in a database with Airflow's own tables."""

import asyncio
from inspect import isfunction
from pathlib import Path
from typing import Any

import pytest

from apart import run_apart
from deployplan.airflow_glue.server import card_upkeep
from deployplan.airflow_glue.server.card_query import OURS
from deployplan.airflow_glue.server.card_upkeep import CardUpkeep

pytestmark = pytest.mark.airflow


def test_an_untaken_answer_is_handed_over_and_a_card_whose_task_has_ended_is_closed_and_no_other(
    tmp_path: Path,
) -> None:
    answer = run_apart("card_database.py", tmp_path)
    assert answer["found"] == {  # whether its deadline is set, and whether it is answered
        "untaken": [True, True],
        "asking": [False, False],
        "just_answered": [False, True],
        "marked": [False, True],
        "another_dags": [False, False],
    }
    assert [line.split(":")[0] for line in answer["told"]] == ["untaken of shop/run-1", "marked of shop/run-1"]
    assert answer["again"] == []


def test_a_card_that_says_what_was_asked_before_says_what_the_evidence_has_and_no_other_is_touched(
    tmp_path: Path,
) -> None:
    answer = run_apart("stale_cards.py", tmp_path)
    new = [["Try again", "Back out"], "now?", "It failed again.", ["3"]]
    old = [["Try again"], "then?", "It failed.", ["9"]]
    assert answer["found"] == {
        "asked_anew": new,
        "said_already": new,
        "asked_before_this_version": old,
        "answered": old,
    }
    assert answer["told"] == [
        "asked_anew of shop/run-1: its card said what was asked before; it says what is asked now"
    ]
    assert answer["read"] == {"first": 3, "again": 0, "parked_again": 1}


async def test_a_look_that_fails_is_no_last_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card_upkeep, "EVERY", 0.0)
    looked, loop, done = 0, asyncio.get_running_loop(), asyncio.Event()

    def look() -> list[str]:
        nonlocal looked
        looked += 1
        if looked > 2:
            loop.call_soon_threadsafe(done.set)
        raise OSError("no database")

    upkeep = CardUpkeep(look)
    upkeep.begin()
    upkeep.begin()
    await asyncio.wait_for(done.wait(), 30)
    upkeep.end()


def names_in(function: Any, before: frozenset[Any] = frozenset()) -> set[str]:
    """The names that a function uses, and those that functions of our tasks use which it calls."""
    found = set(function.__code__.co_names)
    for name in tuple(found):
        called = function.__globals__.get(name)
        if (
            isfunction(called)
            and called.__module__.startswith("deployplan.airflow_glue.tasks")
            and called not in before
        ):
            found |= names_in(called, before | {function, called})
    return found


def test_the_operators_that_put_up_cards_are_named_as_airflow_names_them() -> None:
    from deployplan.airflow_glue.tasks.cards import put_card
    from deployplan.airflow_glue.tasks.operators import PlanOperator

    kinds = PlanOperator.__subclasses__()
    with_cards = {kind.__name__ for kind in kinds if put_card.__name__ in names_in(kind.body())}
    assert with_cards == set(OURS)
