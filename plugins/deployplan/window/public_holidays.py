"""PublicHolidays: the holidays of a country, each a whole day on the wall clock of a zone."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache, partial

import holidays

from deployplan.window.error import WindowError
from deployplan.window.interval import Interval
from deployplan.window.wall_time import find_zone, first_instant, last_instant
from deployplan.window.yearly import Titled, between, title_at


@dataclass(frozen=True, slots=True)
class PublicHolidays:
    """The holidays of `country`, or of its `subdivision`, from midnight to midnight in `zone`."""

    country: str
    subdivision: str | None
    zone: str

    def between(self, start: datetime, end: datetime) -> Iterator[Interval]:
        return between(partial(_year, self), start, end)

    def label(self, instant: datetime) -> str:
        return title_at(partial(_year, self), instant)

    @property
    def settled(self) -> datetime | None:
        return None


def public_holidays(country: str, zone: str, subdivision: str | None) -> PublicHolidays:
    """Raises WindowError for an unknown zone, country or subdivision."""
    find_zone(zone)
    known = holidays.list_supported_countries()
    if country not in known:
        raise WindowError(f"there are no holidays of country {country!r}; {_nearest(country, list(known))}")
    if subdivision is not None and subdivision not in known[country]:
        raise WindowError(
            f"country {country} has no holidays of {subdivision!r}; {_nearest(subdivision, known[country])}"
        )
    return PublicHolidays(country, subdivision, zone)


def _nearest(code: str, known: list[str]) -> str:
    close = difflib.get_close_matches(code.upper(), known, n=3, cutoff=0.4)
    return f"nearest: {', '.join(close)}" if close else f"codes look like {', '.join(known[:3]) or 'none'}"


@lru_cache(maxsize=4096)
def _year(times: PublicHolidays, year: int) -> tuple[Titled, ...]:
    zone = find_zone(times.zone)
    whole = Interval(datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC))
    # A local day may begin in the UTC year before or after, by up to 14 hours. Without a language the titles would
    # follow the locale of the process, and two processes would give different reasons.
    years = (year - 1, year, year + 1)
    days = holidays.country_holidays(times.country, subdiv=times.subdivision, years=years, language="en_US")
    found = []
    for day, title in sorted(days.items()):
        midnight = datetime.combine(day, time())
        starts, ends = first_instant(midnight, zone), last_instant(midnight + timedelta(days=1), zone)
        if starts < ends and starts < whole.end and whole.start < ends:
            found.append(Titled(Interval(starts, ends), title))
    return tuple(found)
