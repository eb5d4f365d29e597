"""Scenarios run side by side: each is a test of its own, but all that were selected begin together."""

import functools
from collections.abc import Callable
from concurrent.futures import Future

Scenario = Callable[..., None]
AT_ONCE = 8
"""As many as their Airflow has worker slots: more would wait for each other."""

scenarios: dict[str, Scenario] = {}


def scenario(function: Scenario) -> Callable[[dict[str, Future[None]]], None]:
    """Make a test of a function that takes `a_release`; it runs in a thread, beside the other scenarios."""
    scenarios[function.__name__] = function

    @functools.wraps(function)
    def test(begun: dict[str, Future[None]]) -> None:
        begun[function.__name__].result()

    del test.__wrapped__  # type: ignore[attr-defined]  # pytest would look for the fixtures of the inner function
    return test
