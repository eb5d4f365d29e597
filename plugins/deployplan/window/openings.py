"""When does a window really let work start? Free slots and openings over a period, for calendars and look-outs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from deployplan.window.error import WindowError
from deployplan.window.interval import FOREVER, Interval, as_utc
from deployplan.window.release_window import Freeze, ReleaseWindow
from deployplan.window.sweep import Span, free_spans, horizon


@dataclass(frozen=True, slots=True)
class Opening:
    """A free stretch in which work may start from `start` up to and including `last_safe_start`.

    `closes` is the window's end or the start of the next freeze; both are None when no end is known.
    """

    start: datetime
    closes: datetime | None
    last_safe_start: datetime | None


def needed_time(work: timedelta, reserve: timedelta) -> timedelta:
    """Work and reserve together. Raises WindowError when one of them is negative."""
    for length, what in ((work, "work"), (reserve, "reserve")):
        if length < timedelta(0):
            raise WindowError(f"{what} is {length.total_seconds():.0f}s; it is never negative")
    return work + reserve


def opening_in(span: Span, *, after: datetime, need: timedelta) -> Opening | None:
    """What `span` offers from `after` on, or None when `need` does not fit into it any more."""
    start = max(span.start, after)
    if span.end == FOREVER:
        return Opening(start, None, None)
    if span.end - start < need:
        return None
    return Opening(start, span.end, span.end - need)


def openings(
    windows: Sequence[ReleaseWindow],
    freezes: Sequence[Freeze],
    *,
    after: datetime,
    before: datetime,
    work: timedelta,
    reserve: timedelta,
) -> Iterator[Opening]:
    """The openings in which `work` and `reserve` fit, with a safe start in [after, before), in order."""
    after, before, need = as_utc(after, "after"), as_utc(before, "before"), needed_time(work, reserve)
    for span in free_spans(windows, freezes, after, before):
        opening = opening_in(span, after=after, need=need)
        if opening is not None:
            yield opening


def next_openings(
    windows: Sequence[ReleaseWindow],
    freezes: Sequence[Freeze],
    count: int,
    *,
    after: datetime,
    work: timedelta,
    reserve: timedelta,
) -> tuple[Opening, ...]:
    """The next `count` openings in which `work` and `reserve` fit, or fewer when no more are known."""
    after = as_utc(after, "after")
    before = horizon(windows, freezes, after, at_least=count)
    return tuple(islice(openings(windows, freezes, after=after, before=before, work=work, reserve=reserve), count))


def free(
    windows: Sequence[ReleaseWindow], freezes: Sequence[Freeze], *, after: datetime, before: datetime
) -> Iterator[Interval]:
    """The free slots in [after, before), cut to it: inside a window (or anywhere without windows) and in no freeze."""
    asked = Interval(after, before)
    for span in free_spans(windows, freezes, asked.start, asked.end):
        slot = Interval(span.start, span.end).intersect(asked)
        if slot is not None:
            yield slot
