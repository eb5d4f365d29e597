"""What is known of the world beside the documents, when plans are judged."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from deployplan.plan.model.roster import Roster

READS_ONLY = "viewer"
"""The role of Airflow's simple auth manager that can answer no card."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is None is not known, and nothing is said of it.

    `now` is when plans are judged; `users` are those who can log in to Airflow, with their roles, as `users_from` lists
    them; `roster` says who is who; `released` tells the names of plans whose release is in production, and is asked
    only where that decides.
    """

    now: datetime | None = None
    users: Mapping[str, str] | None = None
    users_from: str = ""
    roster: Roster | None = None
    released: Callable[[], frozenset[str]] = frozenset


NOTHING_KNOWN = Known()
