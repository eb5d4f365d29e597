"""Which stretches of time are inside a window and outside every freeze?"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice, takewhile
from operator import itemgetter
from typing import Final, NamedTuple

from deployplan.window.interval import FOREVER
from deployplan.window.release_window import Freeze, ReleaseWindow

LOOK_AHEAD: Final = timedelta(days=400)
"""How far past now, and past the last one-off window or freeze, recurring ones are followed."""
AT_LEAST: Final = 3
"""A window that opens seldom is followed for this many openings, however far away they are."""
FARTHEST: Final = timedelta(days=3660)
"""How far a freeze with a known end stretches the look-ahead; one that lasts longer holds like one without an end."""

Owner = ReleaseWindow | Freeze | None


class Span(NamedTuple):
    """A stretch of time, and which window or freeze makes it begin and end there (None: nothing known does)."""

    start: datetime
    end: datetime
    opened_by: Owner
    closed_by: Owner


def later(instant: datetime, by: timedelta) -> datetime:
    """`instant` + `by`, or FOREVER where the calendar ends."""
    return instant + by if by < FOREVER - instant else FOREVER


def horizon(
    windows: Sequence[ReleaseWindow], freezes: Sequence[Freeze], after: datetime, *, at_least: int = 0
) -> datetime:
    """The instant up to which windows and freezes are followed when asked at `after`.

    It lies beyond the next `at_least` openings of every window, however seldom that window opens.
    """
    farthest = later(after, FARTHEST)
    settled = [at for window in windows if (at := window.times.settled)]
    settled += [at for freeze in freezes if (at := freeze.times.settled) and at < farthest]
    seldom = [opening.end for window in windows for opening in islice(window.occurrences(after, FOREVER), at_least)]
    return later(max([after, *settled, *seldom]), LOOK_AHEAD)


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
    """The stretches inside a window and outside every freeze, in order, that end after `after` and start before `until`.

    The first may have begun before `after`. An end FOREVER means that no end is known.
    """
    # What starts just before `until` ends later; its end is only true when all that joins or cuts it is seen.
    free = without(window_spans(windows, after, until), frozen_spans(freezes, after, later(until, LOOK_AHEAD)))
    return takewhile(lambda span: span.start < until, free)


def _followed(owners: Sequence[ReleaseWindow] | Sequence[Freeze], after: datetime, until: datetime) -> Iterator[Span]:
    beyond = later(until, LOOK_AHEAD)
    for span in joined(_merged(owners, after, beyond)):
        if span.start >= until:
            return
        # One-off ends are known however late they are; recurring ones are not followed beyond.
        endless = span.end >= beyond and not (span.closed_by and span.closed_by.times.settled)
        yield span._replace(end=FOREVER) if endless else span


def _merged(owners: Sequence[ReleaseWindow] | Sequence[Freeze], after: datetime, until: datetime) -> Iterator[Span]:
    return merge(*(_spans(owner, after, until) for owner in owners), key=itemgetter(0))


def _spans(owner: ReleaseWindow | Freeze, after: datetime, until: datetime) -> Iterator[Span]:
    for interval in owner.occurrences(after, until):
        yield Span(interval.start, interval.end, owner, owner)


def joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Spans in order of their start → the same time without overlaps; what touches is one span."""
    held: Span | None = None
    for span in spans:
        if held is None:
            held = span
        elif span.start > held.end:
            yield held
            held = span
        elif span.end > held.end:
            held = held._replace(end=span.end, closed_by=span.closed_by)
    if held is not None:
        yield held


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
