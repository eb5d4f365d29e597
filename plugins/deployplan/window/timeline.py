"""When do some windows, or some freezes, hold? In order of their start, worked out once for all who ask."""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice
from operator import itemgetter
from typing import Final, NamedTuple

from deployplan.window.interval import FOREVER
from deployplan.window.once import Once
from deployplan.window.release_window import Freeze, ReleaseWindow

Owner = ReleaseWindow | Freeze | None
Owners = Sequence[ReleaseWindow] | Sequence[Freeze]

QUARTER: Final = timedelta(hours=6)
"""Who asks again within it goes on from the same list."""
_KEPT_SPANS: Final = 256
"""Of each list; whoever looks farther ahead has it worked out anew from there."""
_KEPT_QUARTERS: Final = 8
_KEPT_TIMELINES: Final = 16
_BEGINNING: Final = datetime.min.replace(tzinfo=FOREVER.tzinfo)


class Span(NamedTuple):
    """A stretch of time, and which window or freeze makes it begin and end there (None: nothing known does)."""

    start: datetime
    end: datetime
    opened_by: Owner
    closed_by: Owner


class Timeline:
    """All occurrences of some windows or freezes. Safe to share between threads."""

    def __init__(self, owners: Owners) -> None:
        self.owners = tuple(owners)
        # Most are one-off, and a sorted list is cheaper than many iterators.
        self._one_off = sorted(map(_whole, (each for each in owners if isinstance(each.times, Once))), key=_START)
        self._repeated = [each for each in owners if not isinstance(each.times, Once)]
        self.settled = sorted(at for each in owners if (at := each.times.settled))
        self._quarters: OrderedDict[datetime, _Ahead] = OrderedDict()
        self._lock = threading.Lock()

    def between(self, after: datetime, until: datetime) -> Iterator[Span]:
        """The occurrences that end after `after` and start before `until`, in order of their start."""
        for span in self._ahead(_quarter(after)):
            if span.start >= until:
                return
            if span.end > after:
                yield span

    def _ahead(self, quarter: datetime) -> Iterator[Span]:
        with self._lock:
            ahead = self._quarters.get(quarter)
            if ahead is None:
                ahead = self._quarters[quarter] = _Ahead(self, quarter)
                if len(self._quarters) > _KEPT_QUARTERS:
                    self._quarters.popitem(last=False)
        return ahead.spans()

    def from_(self, instant: datetime) -> Iterator[Span]:
        """The occurrences that end after `instant`, worked out anew."""
        one_off = [span for span in self._one_off if span.end > instant]
        return merge(one_off, *(_spans(owner, instant) for owner in self._repeated), key=_START)


class _Ahead:
    """What a timeline holds from an instant on, worked out as far as anybody has asked."""

    def __init__(self, timeline: Timeline, instant: datetime) -> None:
        self._timeline, self._instant = timeline, instant
        self._source = timeline.from_(instant)
        self._known: list[Span] = []
        self._lock = threading.Lock()

    def spans(self) -> Iterator[Span]:
        index = 0
        while index < len(self._known) or self._grow(index):
            yield self._known[index]
            index += 1
        if index >= _KEPT_SPANS:
            yield from islice(self._timeline.from_(self._instant), index, None)

    def _grow(self, index: int) -> bool:
        """Work out span number `index`, unless another thread has meanwhile; False when it is not kept or not there."""
        with self._lock:
            if index < len(self._known):
                return True
            span = next(self._source, None) if index < _KEPT_SPANS else None
            if span is None:
                return False
            self._known.append(span)
            return True


_timelines: OrderedDict[tuple[int, ...], Timeline] = OrderedDict()
_asking = threading.Lock()


def timeline_of(owners: Owners) -> Timeline:
    """Return the timeline of these very objects; the last few are kept, and the objects with them."""
    # By identity: to compare hundreds of rules takes longer than the whole question. A kept timeline keeps its owners
    # alive, so that no other object can have their identity.
    key = tuple(map(id, owners))
    with _asking:
        found = _timelines.get(key)
        if found is None:
            found = _timelines[key] = Timeline(owners)
            if len(_timelines) > _KEPT_TIMELINES:
                _timelines.popitem(last=False)
        else:
            _timelines.move_to_end(key)
    return found


_START = itemgetter(0)


def _whole(owner: ReleaseWindow | Freeze) -> Span:
    assert isinstance(owner.times, Once)
    return Span(owner.times.interval.start, owner.times.interval.end, owner, owner)


def _spans(owner: ReleaseWindow | Freeze, after: datetime) -> Iterator[Span]:
    for interval in owner.times.between(after, FOREVER):
        yield Span(interval.start, interval.end, owner, owner)


def _quarter(instant: datetime) -> datetime:
    if instant <= _BEGINNING + QUARTER:
        return _BEGINNING
    return instant - (instant - _BEGINNING) % QUARTER
