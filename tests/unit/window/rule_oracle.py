"""Rules that nobody would write by hand, and when dateutil says that they fire."""

import datetime as times
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from types import SimpleNamespace
from unittest.mock import patch

from dateutil.rrule import rrule, rrulestr

from deployplan.window.rule import WEEKDAYS


def a_list(rng: random.Random, lowest: int, highest: int, *, signed: bool = False, most: int = 4) -> str:
    numbers = [rng.randint(lowest, highest) * (rng.choice((1, 1, -1)) if signed else 1) for _ in range(most)]
    return ",".join(map(str, numbers[: rng.randint(1, most)]))


def some_days(rng: random.Random, *, numbered: bool, most: int) -> str:
    days = rng.sample(WEEKDAYS, rng.randint(1, 4))
    if not numbered:
        return ",".join(days)
    return ",".join(rng.choice(("", f"{rng.randint(1, most)}", f"-{rng.randint(1, most)}")) + day for day in days)


def a_rule(rng: random.Random) -> str:
    freq = rng.choice(("YEARLY", "MONTHLY", "WEEKLY", "DAILY"))
    parts = [f"FREQ={freq}"]
    if rng.random() < 0.4:
        parts.append(f"INTERVAL={rng.randint(1, 5)}")
    if rng.random() < 0.3:
        parts.append(f"BYMONTH={a_list(rng, 1, 12)}")
    by_month = parts[-1].startswith("BYMONTH=")
    if freq != "WEEKLY" and rng.random() < 0.3:
        parts.append(f"BYMONTHDAY={a_list(rng, 1, 31, signed=True)}")
    elif freq == "YEARLY" and rng.random() < 0.2:
        parts.append(f"BYYEARDAY={a_list(rng, 1, 366, signed=True)}")
    # Of weeks at the turn of a year dateutil miscounts some, and counted from the end all.
    if freq == "YEARLY" and rng.random() < 0.2:
        parts += [f"BYWEEKNO={a_list(rng, 1, 51)}", f"BYDAY={some_days(rng, numbered=False, most=1)}"]
    elif rng.random() < 0.6:
        numbered = freq in ("YEARLY", "MONTHLY")
        most = 53 if freq == "YEARLY" and not by_month else 5
        parts.append(f"BYDAY={some_days(rng, numbered=numbered, most=most)}")
    if rng.random() < 0.3:
        parts.append(f"WKST={rng.choice(WEEKDAYS)}")
    if rng.random() < 0.2:
        parts.append(f"BYHOUR={a_list(rng, 0, 23, most=3)}")
    if rng.random() < 0.1:
        parts.append(f"BYMINUTE={a_list(rng, 0, 59, most=2)}")
    mixed = len({len(day) == 2 for part in parts if part.startswith("BYDAY") for day in part[6:].split(",")}) > 1
    # Of the first week dateutil numbers only what is left of it.
    if not mixed and freq != "WEEKLY" and rng.random() < 0.2:
        parts.append(f"BYSETPOS={a_list(rng, 1, 5, signed=True, most=2)}")
    return ";".join(parts)


@contextmanager
def looking_no_further_than(year: int) -> Iterator[None]:
    """A rule that does not fire again is followed by dateutil to the year 9999, whatever `until` says: for minutes."""
    bounded = SimpleNamespace(**vars(times) | {"MAXYEAR": year})
    with patch("dateutil.rrule.datetime", bounded):
        yield


def by_dateutil(text: str, first: datetime, last: datetime) -> list[datetime]:
    """Of plain and numbered weekdays together dateutil gives those that are both; here each is asked for alone."""
    parts = dict(part.split("=") for part in text.split(";"))
    days = parts.pop("BYDAY", "").split(",")
    found: set[datetime] = set()
    for some in ([day for day in days if len(day) == 2], [day for day in days if len(day) > 2]):
        if some or days == [""]:
            whole = ";".join(
                f"{key}={value}" for key, value in {**parts, **({"BYDAY": ",".join(some)} if some else {})}.items()
            )
            rule = rrulestr(whole, dtstart=first)
            assert isinstance(rule, rrule)
            with looking_no_further_than(last.year):
                found.update(rule.replace(until=last))
    return sorted(found)
