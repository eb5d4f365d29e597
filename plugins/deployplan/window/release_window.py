"""ReleaseWindow and Freeze: when release code may start, and when nothing may."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from deployplan.window.interval import Interval
from deployplan.window.once import Once, between_walls
from deployplan.window.recurring import NOTHING, Recurring, recurring
from deployplan.window.wall_time import first_instant, last_instant

if TYPE_CHECKING:
    from deployplan.window.calendar_events import CalendarEvents
    from deployplan.window.public_holidays import PublicHolidays


@dataclass(frozen=True, slots=True)
class ReleaseWindow:
    """A named time in which release code may start, once or again and again. Build it with `once` or `recurring`.

    It opens when the clock of its zone shows that time first, and closes when it shows the closing time first.
    """

    name: str
    times: Once | Recurring

    @classmethod
    def once(cls, name: str, opens: datetime, closes: datetime, zone: str) -> "ReleaseWindow":
        """A window between two wall times (datetimes without offset) in the IANA zone `zone`.

        An aware datetime is taken as the instant it is. Raises WindowError for an unknown zone or when nothing lies
        between the two.
        """
        return cls(name, between_walls(opens, closes, zone, words=("opens", "closes"), ending=first_instant))

    @classmethod
    def recurring(
        cls,
        name: str,
        rule: str,
        first: datetime,
        duration: timedelta | None,
        zone: str,
        *,
        until: time | None = None,
        plus: timedelta = NOTHING,
    ) -> "ReleaseWindow":
        """A window that opens whenever the RFC 5545 `rule` fires on the wall clock of `zone`, not before `first`.

        Whole days of `duration` are calendar days, the rest is time that passes; instead of it `until` may name the
        wall time of the end. `plus` puts each that many days later. Raises WindowError for an unknown zone, a rule that
        cannot be read or never fires, and a duration that is not between nothing and a year.
        """
        return cls(name, recurring(rule, first, duration, zone, ending=first_instant, until=until, plus=plus))

    @property
    def zone(self) -> str:
        return self.times.zone

    def occurrences(self, start: datetime, end: datetime) -> Iterator[Interval]:
        """The openings that share an instant with [start, end), whole and in order."""
        return self.times.between(start, end)


@dataclass(frozen=True, slots=True)
class Freeze:
    """A named time in which nothing may start; it beats every window. Build it with one of its class methods.

    It starts when the clock of its zone shows that time first, and ends when it shows the end for the last time.
    """

    name: str
    times: "Once | Recurring | PublicHolidays | CalendarEvents"

    @classmethod
    def once(cls, name: str, starts: datetime, ends: datetime | None, zone: str) -> "Freeze":
        """A freeze between two wall times in `zone`; `ends` None means that no end is known yet.

        An aware datetime is taken as the instant it is. Raises WindowError for an unknown zone or when nothing lies
        between the two.
        """
        return cls(name, between_walls(starts, ends, zone, words=("from", "to"), ending=last_instant))

    @classmethod
    def recurring(
        cls,
        name: str,
        rule: str,
        first: datetime,
        duration: timedelta | None,
        zone: str,
        *,
        until: time | None = None,
        plus: timedelta = NOTHING,
    ) -> "Freeze":
        """A freeze that starts whenever the RFC 5545 `rule` fires on the wall clock of `zone`, not before `first`.

        Whole days of `duration` are calendar days, the rest is time that passes; instead of it `until` may name the
        wall time of the end. `plus` puts each that many days later. Raises WindowError for an unknown zone, a rule that
        cannot be read or never fires, and a duration that is not between nothing and a year.
        """
        return cls(name, recurring(rule, first, duration, zone, ending=last_instant, until=until, plus=plus))

    @classmethod
    def holidays(cls, name: str, country: str, zone: str, subdivision: str | None = None) -> "Freeze":
        """The public holidays of a country (ISO 3166 code, `FR`) or a part of it, from midnight to midnight in `zone`.

        Raises WindowError for an unknown zone, country or subdivision.
        """
        from deployplan.window.public_holidays import public_holidays

        return cls(name, public_holidays(country, zone, subdivision))

    @classmethod
    def calendar(cls, name: str, ics_text: str, zone: str) -> "Freeze":
        """The events of an iCalendar text; `zone` holds for whole days and for times without a zone of their own.

        Raises WindowError for an unknown zone or a text that is not iCalendar.
        """
        from deployplan.window.calendar_events import calendar_events

        return cls(name, calendar_events(ics_text, zone))

    @property
    def zone(self) -> str:
        return self.times.zone

    @property
    def empty(self) -> bool:
        """Whether it is known to hold at no time at all, as a calendar without events."""
        return bool(getattr(self.times, "empty", False))

    def occurrences(self, start: datetime, end: datetime) -> Iterator[Interval]:
        """The periods that share an instant with [start, end), whole and in order; end FOREVER means no known end."""
        return self.times.between(start, end)

    def title_at(self, instant: datetime) -> str:
        """What a person calls this freeze at `instant`: its name, with the holiday or event when there is one."""
        label = self.times.label(instant)
        return f"{self.name!r} ({label})" if label else f"{self.name!r}"
