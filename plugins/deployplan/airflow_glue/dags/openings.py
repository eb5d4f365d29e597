"""Which openings the trigger form offers, and ahead of which one Airflow creates the run by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deployplan.plan.snapshot import Snapshot

SHOWN = 5
"""Openings that the trigger form offers."""
KEPT = 20
"""Openings that are computed ahead; when fewer than `SHOWN` are left, the outline of the plan is made anew."""


@dataclass(frozen=True)
class OfferedOpening:
    """One opening of a plan's windows. `value` stands for it in a run's parameters, `label` is for people."""

    value: str
    label: str
    opens: datetime
    last_safe_start: datetime


@dataclass(frozen=True)
class Offer:
    """The openings that are ahead, and how long before them the run is created; None: a person triggers it.

    `spelt` is that length in words. What it shows changes as openings pass, and never otherwise from one parse to the
    next: Airflow keeps a version of a DAG for each change.
    """

    openings: tuple[OfferedOpening, ...] = ()
    create: timedelta | None = None
    spelt: str = ""

    def ahead(self, now: datetime) -> tuple[OfferedOpening, ...]:
        """The openings in which the work can still start; a single one stays when it has passed."""
        if len(self.openings) == 1:
            return self.openings
        return tuple(each for each in self.openings if now <= each.last_safe_start)[:SHOWN]

    def is_used_up(self, now: datetime) -> bool:
        """Whether more openings have to be computed."""
        return len(self.openings) == KEPT and len(self.ahead(now)) < SHOWN

    def next_creation(self, now: datetime) -> tuple[datetime, OfferedOpening] | None:
        """When the run is to be created, and for which opening; None when nothing is to be created."""
        if self.create is None:
            return None
        coming = next((each for each in self.ahead(now) if now < each.opens), None)
        return None if coming is None else (coming.opens - self.create, coming)

    def as_json(self) -> dict[str, Any]:
        """Return the offer as JSON values."""
        openings = [
            [each.value, each.label, each.opens.isoformat(), each.last_safe_start.isoformat()] for each in self.openings
        ]
        seconds = None if self.create is None else self.create.total_seconds()
        return {"openings": openings, "create": seconds, "spelt": self.spelt}

    @classmethod
    def of_json(cls, found: dict[str, Any]) -> Offer:
        """Return what `as_json` gave; raises KeyError, TypeError or ValueError for anything else."""
        openings = tuple(
            OfferedOpening(value, label, datetime.fromisoformat(opens), datetime.fromisoformat(safe))
            for value, label, opens, safe in found["openings"]
        )
        seconds = found["create"]
        return cls(openings, None if seconds is None else timedelta(seconds=seconds), str(found["spelt"]))


def offer_of(snapshot: Snapshot, at: datetime) -> Offer:
    """Return the offer of a plan at an instant; freezes of that day are taken out.

    Freezes that cannot be read are left out: the waiting task holds the run then and says why.
    """
    # The plan's models: not while DAGs are parsed from the cache.
    from deployplan.plan.snapshot import freezes_for
    from deployplan.plan.text.scalars import spell_ahead
    from deployplan.runbook.timing.chosen_window import choices
    from deployplan.window.error import WindowError

    try:
        freezes = freezes_for(snapshot.infrastructure, snapshot)
    except WindowError:
        freezes = ()
    found = choices(snapshot, freezes, at=at, count=KEPT)
    openings = tuple(OfferedOpening(each.value, each.label, each.opens, each.last_safe_start) for each in found)
    create = snapshot.plan.schedule.create
    return Offer(openings, create, spell_ahead(create) if create else "")
