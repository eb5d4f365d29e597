"""The instants of a window as it is written."""

from datetime import UTC, datetime, timedelta

from deployplan.plan.timing import Window, is_instant
from deployplan.window.interval import Interval

# No zone is further from UTC than this.
_MARGIN = timedelta(days=1)


def interval_of(window: Window) -> Interval:
    """Return when a one-off window is open; the plan was loaded, so that it has such a time."""
    around = (_about(window.opens) - _MARGIN, _about(window.closes) + _MARGIN)
    return next(window.release_window().occurrences(*around))


def _about(moment: datetime) -> datetime:
    return moment if is_instant(moment) else moment.replace(tzinfo=UTC)
