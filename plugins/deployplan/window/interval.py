"""Interval: a stretch of time that includes its start and excludes its end."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from deployplan.window.error import WindowError

FOREVER: Final = datetime.max.replace(tzinfo=UTC)
"""The end of an interval that has no known end."""


def as_utc(instant: datetime, what: str = "an instant") -> datetime:
    """Return `instant` in UTC. Raises WindowError when it has no offset, because then it is not an instant."""
    if instant.tzinfo is UTC:
        return instant
    if instant.utcoffset() is None:
        raise WindowError(f"{what} needs a time zone: {instant}, for example {instant}+00:00")
    return instant.astimezone(UTC)


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """The instants from `start` up to, and without, `end`; both aware and kept in UTC; never empty."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", as_utc(self.start, "the start of an interval"))
        object.__setattr__(self, "end", as_utc(self.end, "the end of an interval"))
        if self.start >= self.end:
            raise WindowError(f"an interval ends after it starts: {self.start} to {self.end}")

    def contains(self, instant: datetime) -> bool:
        return self.start <= instant < self.end

    def __contains__(self, instant: datetime) -> bool:
        return self.contains(instant)

    def intersects(self, other: "Interval") -> bool:
        """Whether the two share an instant; touching is not sharing."""
        return self.start < other.end and other.start < self.end

    def intersect(self, other: "Interval") -> "Interval | None":
        """The instants in both, or None when there are none."""
        if not self.intersects(other):
            return None
        return Interval(max(self.start, other.start), min(self.end, other.end))
