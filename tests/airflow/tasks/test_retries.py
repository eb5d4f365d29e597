"""A task may ask as often as people answer, and nothing that nobody meant is tried for ever."""

from datetime import timedelta

import pytest
from airflow.sdk.definitions.retry_policy import RetryAction

from deployplan.airflow_glue.tasks.notes import LONGEST_NOTE, note_in
from deployplan.airflow_glue.tasks.retries import (
    RETRIES,
    RETRIES_WITH_CARDS,
    AtOnceWhenMeant,
    TryAnew,
    unmeant_tries,
)

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
