"""Why is it open or closed? One sentence that names the window or the freeze and the local time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import NamedTuple

from deployplan.window.interval import FOREVER
from deployplan.window.once import Once
from deployplan.window.openings import Opening
from deployplan.window.release_window import Freeze, ReleaseWindow
from deployplan.window.sweep import INSTANT, Owner, Span, frozen_spans, holding, window_spans
from deployplan.window.wall_time import local, spoken


class Case(NamedTuple):
    """What was asked."""

    windows: Sequence[ReleaseWindow]
    freezes: Sequence[Freeze]
    now: datetime
    work: timedelta
    reserve: timedelta

    @property
    def need(self) -> timedelta:
        return self.work + self.reserve


def open_now(span: Span, opening: Opening) -> str:
    """Now lies in `span` and the work fits."""
    window = f"window {span.opened_by.name!r}" if isinstance(span.opened_by, ReleaseWindow) else None
    if opening.closes is None or opening.last_safe_start is None:
        return f"open: {window} has no known close" if window else "open: no window is set and no freeze is known"
    if isinstance(span.closed_by, ReleaseWindow):
        until = f"window {span.closed_by.name!r} closes {_at(span.end, span.closed_by)}"
    else:
        freeze = _title(span.closed_by, span.end)
        until = f"{window or 'no window is set'}, freeze {freeze} starts {_at(span.end, span.closed_by)}"
    return f"open: {until}, last safe start {_at(opening.last_safe_start, span.closed_by)}"


def wait(case: Case, here: Span | None, span: Span) -> str:
    """Closed now, and `span` is the next that takes the work."""
    frozen = _frozen(case)
    if frozen:
        return _frozen_now(case, frozen) + ("" if frozen.end == span.start else f"; {_opens(case, span)}")
    return f"{_too_late(case, here)}; {_opens(case, span)}" if here else f"closed: {_opens(case, span)}"


def explain_hold(case: Case, here: Span | None, lasting: Freeze, until: datetime) -> str:
    """Nothing fits for as long as `lasting` lasts."""
    frozen = _frozen(case)
    if frozen:
        return _frozen_now(case, frozen)
    if here:
        return f"{_too_late(case, here)}; {_lasts(lasting)}"
    window = next(window_spans(case.windows, case.now, until), None)
    opens = f"{_opens(case, window)}, but " if window and window.start > case.now else ""
    return f"closed: {opens}{_lasts(lasting)}"


def explain_missed(case: Case, here: Span | None, free: Sequence[Span], until: datetime) -> str:
    """Nothing that is known will ever take the work; `free` are the free stretches that are left."""
    frozen = _frozen(case)
    window = next(window_spans(case.windows, case.now, until), None)
    if window is None:
        return f"{_frozen_now(case, frozen)}; {_closed(case)}" if frozen else f"closed: {_closed(case)}"
    longest = max(free, key=lambda span: _left(case, span), default=None)
    if longest is None:
        start = _frozen_now(case, frozen) if frozen else _frozen_out(case, window)
        return start if window.end == FOREVER else f"{start}; {_closes(window)}"
    if longest is here:
        rest = "no later opening is longer" if free[1:] else "it does not open again"
        return f"{_too_late(case, here)} and {rest}"
    left = _left(case, longest)
    short = f"too short to fit: {_needs(case)} need {spoken(case.need)}, the longest opening is"
    start = f"{_frozen_now(case, frozen)}; {short}" if frozen else short
    return f"{start} {_stretch(longest)}, {spoken(left)} long, short by {spoken(case.need - left)}"


def _left(case: Case, span: Span) -> timedelta:
    return span.end - max(span.start, case.now)


def _needs(case: Case) -> str:
    reserve = f" and {spoken(case.reserve)} of reserve" if case.reserve else ""
    return f"{spoken(case.work)} of work{reserve}"


def _frozen(case: Case) -> Span | None:
    """The frozen stretch that holds now."""
    return next(frozen_spans(case.freezes, case.now, case.now + INSTANT), None)


def _frozen_now(case: Case, frozen: Span) -> str:
    freeze = holding(case.freezes, case.now)[0]
    title = _title(freeze, case.now)
    if frozen.end == FOREVER:
        return f"frozen by {title} with no known end"
    last = frozen.closed_by
    then = f", then {last.name!r}," if last and last is not freeze else ""
    return f"frozen by {title}{then} until {_at(frozen.end, last)}"


def _lasts(lasting: Freeze) -> str:
    end = lasting.times.interval.end if isinstance(lasting.times, Once) else FOREVER
    return f"freeze {lasting.name!r} {_until(Span(end, end, lasting, lasting))}"


def _frozen_out(case: Case, window: Span) -> str:
    """No part of the next window is left."""
    frozen = next(frozen_spans(case.freezes, window.start, window.end))
    return f"closed: freeze {_name(frozen.closed_by)} {_until(frozen)}"


def _until(frozen: Span) -> str:
    return "has no known end" if frozen.end == FOREVER else f"lasts until {_at(frozen.end, frozen.closed_by)}"


def _too_late(case: Case, here: Span) -> str:
    over = spoken(case.need - _left(case, here))
    edge = "start of freeze" if isinstance(here.closed_by, Freeze) else "close of window"
    at = _at(here.end, here.closed_by)
    return f"too late to fit: {_needs(case)} overrun the {edge} {_title(here.closed_by, here.end)} at {at} by {over}"


def _opens(case: Case, span: Span) -> str:
    at = _at(span.start, span.opened_by)
    if isinstance(span.opened_by, ReleaseWindow):
        return f"window {_name(span.opened_by)} opens {at}"
    around = holding(case.windows, span.start)
    window = f"window {_name(around[0])} is free" if around else "free"
    return f"{window} from {at}, when freeze {_title(span.opened_by, span.start - INSTANT)} ends"


def _closes(window: Span) -> str:
    return f"window {_name(window.closed_by)} closes {_at(window.end, window.closed_by)} and does not open again"


def _closed(case: Case) -> str:
    ends = [(end, window) for window in case.windows if (end := window.times.last_before(case.now))]
    end, window = max(ends, key=itemgetter(0))
    return f"window {window.name!r} closed {_at(end, window)} and does not open again"


def _stretch(span: Span) -> str:
    window = next((owner for owner in (span.opened_by, span.closed_by) if isinstance(owner, ReleaseWindow)), None)
    what = f"window {_name(window)}" if window else "the time"
    return f"{what} from {_at(span.start, span.opened_by)} to {_at(span.end, span.closed_by)}"


def _name(owner: Owner) -> str:
    return repr(owner.name) if owner else "''"


def _title(owner: Owner, at: datetime) -> str:
    return owner.title_at(at) if isinstance(owner, Freeze) else _name(owner)


def _at(instant: datetime, owner: Owner) -> str:
    return local(instant, owner.zone if owner else "UTC")
