"""Values of the JSON answers: text as one line that can be shown, and instants."""

from datetime import datetime
from typing import TypeVar

from deployplan.printable import printable

LONGEST = 1000
"""Characters of a text that are shown; who wants more opens the run."""


T = TypeVar("T", str, str | None)


def shown_text(value: T) -> T:
    """Return what others wrote as one line of at most LONGEST characters, None for None."""
    if value is None:
        return None
    shown = printable(value)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"


def instant_text(instant: datetime | None) -> str | None:
    """Return an instant in ISO 8601, None for None."""
    return None if instant is None else instant.isoformat()
