"""When may this plan start next, and when after that?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from deployplan.plan.model.infrastructure import Infrastructure
from deployplan.plan.snapshot import Snapshot, freezes_for
from deployplan.runbook.timing.estimate import estimate
from deployplan.runbook.timing.past_runs import PastRun
from deployplan.window.openings import Opening, next_openings
from deployplan.window.release_window import ReleaseWindow
from deployplan.window.sweep import INSTANT
from deployplan.window.wall_time import find_zone


@dataclass(frozen=True, slots=True)
class Upcoming:
    """An opening in which the plan's work fits, in the local time of `timezone`.

    `closes` and `last_safe_start` are None when no end is known; `window` is, when the plan has no windows.
    """

    opens: datetime
    closes: datetime | None
    last_safe_start: datetime | None
    window: str | None
    timezone: str

    def as_json(self) -> dict[str, str | None]:
        """The fields as JSON values, instants in ISO 8601 with the offset of the zone."""
        return {
            "opens": self.opens.isoformat(),
            "closes": self.closes.isoformat() if self.closes else None,
            "last_safe_start": self.last_safe_start.isoformat() if self.last_safe_start else None,
            "window": self.window,
            "timezone": self.timezone,
        }


def upcoming(
    snapshot: Snapshot, today: Infrastructure, *, at: datetime, count: int, past: Sequence[PastRun]
) -> tuple[Upcoming, ...]:
    """Return the next `count` openings from `at` on, or fewer when no more are known; an open one begins at `at`.

    `today` is the environment as its file says now: its freezes hold, not those of the day of the approval. `past` are
    earlier runs of the product, by which the work is estimated.
    """
    windows = snapshot.plan.schedule.windows()
    found = next_openings(
        windows,
        freezes_for(today, snapshot),
        count,
        after=at,
        work=estimate(snapshot, snapshot.waves, past).work,
        reserve=snapshot.plan.schedule.backout_reserve,
    )
    return tuple(_told(opening, windows, snapshot.timezone) for opening in found)


def _told(opening: Opening, windows: tuple[ReleaseWindow, ...], fallback: str) -> Upcoming:
    window = next((each for each in windows if _holds(each, opening.start)), None)
    zone = find_zone(window.zone if window else fallback)
    closes, last = (at.astimezone(zone) if at else None for at in (opening.closes, opening.last_safe_start))
    return Upcoming(opening.start.astimezone(zone), closes, last, window.name if window else None, str(zone))


def _holds(window: ReleaseWindow, instant: datetime) -> bool:
    return next(window.occurrences(instant, instant + INSTANT), None) is not None
