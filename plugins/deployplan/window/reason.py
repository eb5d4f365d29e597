"""Why is it open or closed? One sentence that names the window or the freeze and the local time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from deployplan.window.interval import FOREVER
from deployplan.window.openings import Opening
from deployplan.window.release_window import Freeze, ReleaseWindow
from deployplan.window.sweep import Owner, Span, free_spans, frozen_spans, window_spans
from deployplan.window.wall_time import local, spoken

INSTANT = timedelta(microseconds=1)


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
    elif isinstance(span.closed_by, Freeze):
        until = f"{window or 'no window is set'}, freeze {span.closed_by.title_at(span.end)} starts {_at(span.end, span.closed_by)}"
    return f"open: {until}, last safe start {_at(opening.last_safe_start, span.closed_by)}"


def wait(case: Case, here: Span | None, span: Span) -> str:
    """Closed now, and `span` is the next that takes the work."""
    frozen = _frozen(case)
    if frozen:
        return _frozen_now(case, frozen) + ("" if frozen.end == span.start else f"; {_opens(case, span)}")
    return f"{_too_late(case, here)}; {_opens(case, span)}" if here else f"closed: {_opens(case, span)}"


def hold(case: Case, here: Span | None, lasting: Freeze, until: datetime) -> str:
    """Nothing fits for as long as `lasting` lasts."""
    frozen = _frozen(case)
    if frozen:
        return _frozen_now(case, frozen)
    if here:
        return f"{_too_late(case, here)}; {_lasts(lasting)}"
    window = next(window_spans(case.windows, case.now, until), None)
    opens = f"{_opens(case, window)}, but " if window and window.start > case.now else ""
    return f"closed: {opens}{_lasts(lasting)}"


def missed(case: Case, here: Span | None, until: datetime) -> str:
    """Nothing that is known will ever take the work."""
    frozen = _frozen(case)
    window = next(window_spans(case.windows, case.now, until), None)
    if window is None:
        return f"{_frozen_now(case, frozen)}; {_closed(case)}" if frozen else f"closed: {_closed(case)}"
    spans = free_spans(case.windows, case.freezes, case.now, until)
    longest = max(spans, key=lambda span: _left(case, span), default=None)
    if longest is None:
        return f"{_frozen_now(case, frozen) if frozen else _frozen_out(case, window)}; {_closes(window)}"
    if longest == here:
        return f"{_too_late(case, here)} and it does not open again"
    left = _left(case, longest)
    short = f"{_stretch(longest)} is {spoken(left)}, short by {spoken(case.need - left)}"
    return f"too short to fit: {_needs(case)} need {spoken(case.need)}, {short}"


def _left(case: Case, span: Span) -> timedelta:
    return span.end - max(span.start, case.now)


def _needs(case: Case) -> str:
    reserve = f" and {spoken(case.reserve)} of reserve" if case.reserve else ""
    return f"{spoken(case.work)} of work{reserve}"


def _frozen(case: Case) -> Span | None:
    """The frozen stretch that holds now."""
    return next(frozen_spans(case.freezes, case.now, case.now + INSTANT), None)


def _frozen_now(case: Case, frozen: Span) -> str:
    holding = [(one.end, freeze) for freeze in case.freezes for one in freeze.occurrences(case.now, case.now + INSTANT)]
    end, freeze = max(holding, key=itemgetter(0))
    title = freeze.title_at(case.now)
    if frozen.end == FOREVER:
        return f"frozen by {title} with no known end"
    last = frozen.closed_by
    then = f", then {last.name!r}," if last and last is not freeze else ""
    return f"frozen by {title}{then} until {_at(frozen.end, last)}"


def _lasts(lasting: Freeze) -> str:
    ends = lasting.times.settled if ... else None
    return f"freeze {lasting.name!r} has no known end"


def _frozen_out(case: Case, window: Span) -> str:
    frozen = next(frozen_spans(case.freezes, window.start, window.end))
    name = frozen.closed_by.name if frozen.closed_by else ""
    return f"closed: freeze {name!r} lasts until {_at(frozen.end, frozen.closed_by)}"


def _too_late(case: Case, here: Span) -> str:
    over = spoken(case.need - _left(case, here))
    edge = "start of freeze" if isinstance(here.closed_by, Freeze) else "close of window"
    return f"too late to fit: {_needs(case)} overrun the {edge} {_name(here.closed_by)} at {_at(here.end, here.closed_by)} by {over}"


def _opens(case: Case, span: Span) -> str:
    at = _at(span.start, span.opened_by)
    if isinstance(span.opened_by, ReleaseWindow):
        return f"window {_name(span.opened_by)} opens {at}"
    holding = [window for window in case.windows if any(window.occurrences(span.start, span.start + INSTANT))]
    window = f"window {_name(holding[0])} is free" if holding else "free"
    return f"{window} from {at}, when freeze {_name(span.opened_by)} ends"


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


def _at(instant: datetime, owner: Owner) -> str:
    return local(instant, owner.zone if owner else "UTC")
