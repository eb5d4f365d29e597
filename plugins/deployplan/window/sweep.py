"""Which stretches of time are inside a window and outside every freeze?"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import dropwhile, islice, takewhile
from operator import itemgetter
from typing import Final

from deployplan.window.interval import FOREVER
from deployplan.window.release_window import Freeze, ReleaseWindow
from deployplan.window.timeline import Owner, Owners, Span, timeline_of

__all__ = ["Owner", "Span"]

LOOK_AHEAD: Final = timedelta(days=400)
"""How far past now, and past the last one-off window or freeze, recurring ones are followed."""
AT_LEAST: Final = 3
"""A window that opens seldom is followed for this many openings, however far away they are."""
FARTHEST: Final = timedelta(days=3660)
"""How far a freeze with a known end stretches the look-ahead; one that lasts longer holds like one without an end."""

INSTANT: Final = timedelta(microseconds=1)


def later(instant: datetime, by: timedelta) -> datetime:
    """`instant` + `by`, or FOREVER where the calendar ends."""
    return instant + by if by < FOREVER - instant else FOREVER


def horizon(
    windows: Sequence[ReleaseWindow], freezes: Sequence[Freeze], after: datetime, *, at_least: int = 0
) -> datetime:
    """The instant up to which windows and freezes are followed when asked at `after`.

    The next `at_least` openings of every window begin before it, however seldom that window opens.
    """
    settled = timeline_of(windows).settled[-1:]
    ends = timeline_of(freezes).settled
    settled = [*settled, *ends[: bisect_left(ends, later(after, FARTHEST))][-1:]]
    seldom = []
    if at_least:
        seldom = [each.end for window in windows for each in islice(window.occurrences(after, FOREVER), at_least)]
    return max([later(max([after, *settled]), LOOK_AHEAD), *seldom])


def window_spans(windows: Sequence[ReleaseWindow], after: datetime, until: datetime) -> Iterator[Span]:
    """The joined openings of all windows that end after `after` and start before `until`; without windows, all time."""
    if not windows:
        return iter((Span(after, FOREVER, None, None),))
    return _followed(windows, after, until)


def frozen_spans(freezes: Sequence[Freeze], after: datetime, until: datetime) -> Iterator[Span]:
    """The joined periods of all freezes that end after `after` and start before `until`."""
    return _followed(freezes, after, until)


def free_spans(
    windows: Sequence[ReleaseWindow], freezes: Sequence[Freeze], after: datetime, until: datetime
) -> Iterator[Span]:
    """The stretches inside a window and outside every freeze that end after `after` and start before `until`, in order.

    The first may have begun before `after`. An end FOREVER means that no end is known.
    """
    # What starts just before `until` ends later; its end is only true when all that joins or cuts it is seen.
    free = without(window_spans(windows, after, until), frozen_spans(freezes, after, later(until, LOOK_AHEAD)))
    present = dropwhile(lambda span: span.end <= after, free)
    return takewhile(lambda span: span.start < until, present)


def holding(owners: Owners, at: datetime) -> list[Owner]:
    """Those of `owners` that hold at `at`, the one that holds longest first."""
    spans = sorted(timeline_of(owners).between(at, at + INSTANT), key=itemgetter(1), reverse=True)
    return [span.opened_by for span in spans]


def _followed(owners: Owners, after: datetime, until: datetime) -> Iterator[Span]:
    beyond = later(until, LOOK_AHEAD)
    for span in join_spans(timeline_of(owners).between(after, beyond)):
        if span.start >= until:
            return
        # One-off ends are known however late they are; recurring ones are not followed beyond.
        endless = span.end >= beyond and not (span.closed_by and span.closed_by.times.settled)
        yield span._replace(end=FOREVER) if endless else span


def join_spans(spans: Iterable[Span]) -> Iterator[Span]:
    """Spans in order of their start → the same time without overlaps; what touches is one span."""
    rest = iter(spans)
    held = next(rest, None)
    if held is None:
        return
    start, end, opened_by, closed_by = held
    for span in rest:
        if span.start > end:
            yield Span(start, end, opened_by, closed_by)
            start, end, opened_by, closed_by = span
        elif span.end > end:
            end, closed_by = span.end, span.closed_by
        if end == FOREVER:  # it swallows all that follows
            break
    yield Span(start, end, opened_by, closed_by)


def without(spans: Iterable[Span], blocks: Iterable[Span]) -> Iterator[Span]:
    """The parts of `spans` that lie in none of `blocks`; both joined and in order."""
    rest = iter(blocks)
    block = next(rest, None)
    for span in spans:
        start, opened_by = span.start, span.opened_by
        while block and block.end <= start:
            block = next(rest, None)
        while block and block.start < span.end:
            if start < block.start:
                yield Span(start, block.start, opened_by, block.opened_by)
            start, opened_by = block.end, block.closed_by
            if block.end >= span.end:  # it may reach into the next span too
                break
            block = next(rest, None)
        if start < span.end:
            yield Span(start, span.end, opened_by, span.closed_by)
