"""How often may Airflow try a task again? A few times, for what nobody meant; what asks people, a few times more."""

from __future__ import annotations

from datetime import timedelta

RETRIES = 5
"""Retries of what nobody meant: lost processes and connections. What was decided fails for good."""
RETRIES_WITH_CARDS = 200
"""The most of a task that may ask again and again: what is lost after a card was up has worked until then.

Answers use up none of them (docs/concepts/airflow-facts.md). A run that an earlier version began has fewer.
"""
AT_ONCE = timedelta(seconds=1)
"""The least time that a card is up."""


def unmeant_tries(try_number: int, max_tries: int, asked: int) -> int:
    """Return how many tries came to nothing since a person cleared the task last, this one among them.

    A clear lets Airflow try as often as ever from there on; `asked` is how many cards were put up since.
    """
    before = max(0, max_tries - RETRIES_WITH_CARDS)
    return try_number - before - asked
