"""How often may Airflow try a task again? A few times what nobody meant; what asks people, as often as they answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk.definitions.retry_policy import RetryDecision, RetryPolicy
from airflow.sdk.exceptions import AirflowException

RETRIES = 5
"""Retries of what nobody meant: lost processes and connections. What was decided fails for good."""
RETRIES_WITH_CARDS = 200
"""Retries of a task that may ask again and again: each card needs a try of its own (docs/concepts/airflow-facts.md)."""
AT_ONCE = timedelta(seconds=1)


class TryAnew(AirflowException):
    """This try has done its part; the step goes on in another one."""


class AtOnceWhenMeant(RetryPolicy):
    """A try that was meant follows at once; all others after the usual pauses."""

    def evaluate(self, exception: BaseException, try_number: int, max_tries: int, context: Any = None) -> RetryDecision:
        """Return when to try again."""
        return RetryDecision.retry(AT_ONCE, str(exception)) if isinstance(exception, TryAnew) else RetryDecision()


def unmeant_tries(try_number: int, max_tries: int, asked: int) -> int:
    """Return how many tries nobody meant since a person cleared the task last, this one among them.

    A clear lets Airflow try as often as ever from there on; `asked` is how many tries put up a card since.
    """
    before = max(0, max_tries - RETRIES_WITH_CARDS)
    return try_number - before - asked
