"""Verdict: may a release start now, and if not, why and when? The only answer the rest of the house may ask for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from deployplan.window import reason
from deployplan.window.interval import FOREVER, as_utc
from deployplan.window.openings import Opening, needed, opening_in
from deployplan.window.release_window import Freeze, ReleaseWindow
from deployplan.window.sweep import AT_LEAST, Span, free_spans, frozen_spans, horizon


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether work may start now.

    `reason` is always a sentence. `next_open` is the next instant at which the work can start; it is None when the
    verdict is open, and when no such instant is known. `closes` and `last_safe_start` belong to the free stretch that
    holds now, else to the one that begins at `next_open`; they are None when there is no such stretch or no known end.
    `missed` says that no later opening can ever take the work; a freeze without known end is not that: it holds.
    """

    open: bool
    reason: str
    next_open: datetime | None = None
    closes: datetime | None = None
    last_safe_start: datetime | None = None
    missed: bool = False

    def as_json(self) -> dict[str, bool | str | None]:
        """The fields as JSON values, instants in ISO 8601 with offset."""
        return {
            "open": self.open,
            "reason": self.reason,
            "next_open": _iso(self.next_open),
            "closes": _iso(self.closes),
            "last_safe_start": _iso(self.last_safe_start),
            "missed": self.missed,
        }


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def judge(
    windows: Sequence[ReleaseWindow],
    freezes: Sequence[Freeze],
    *,
    now: datetime,
    work: timedelta,
    reserve: timedelta,
) -> Verdict:
    """Judge whether `work` may start at `now` so that it and `reserve` end before the window closes or a freeze starts.

    Without windows, all time that is not frozen is open. Raises WindowError when `now` has no offset or a length is
    negative.
    """
    now, need = as_utc(now, "now"), needed(work, reserve)
    case = reason.Case(windows, freezes, now, work, reserve)
    for at_least in (0, AT_LEAST):
        until = horizon(windows, freezes, now, at_least=at_least)
        here: Span | None = None
        for span in free_spans(windows, freezes, now, until):
            here = span if span.start <= now else here
            opening = opening_in(span, after=now, need=need)
            if opening and span is here:
                return Verdict(True, reason.open_now(span, opening), None, opening.closes, opening.last_safe_start)
            if opening:
                shown = Opening(here.start, here.end, here.end - need) if here else opening
                why = reason.wait(case, here, span)
                return Verdict(False, why, opening.start, shown.closes, shown.last_safe_start)
    return _no_opening(case, here, until)


def _no_opening(case: reason.Case, here: Span | None, until: datetime) -> Verdict:
    """Nothing known takes the work: either a lasting freeze holds it, or it is missed."""
    closes, last = (here.end, here.end - case.need) if here else (None, None)
    lasting = tuple(freeze for freeze in case.freezes if _lasts(freeze, until))
    passing = [freeze for freeze in case.freezes if freeze not in lasting]
    if lasting:
        for span in free_spans(case.windows, passing, case.now, until):
            if opening_in(span, after=case.now, need=case.need):
                return Verdict(False, reason.hold(case, here, lasting[0], until), None, closes, last)
    return Verdict(False, reason.missed(case, here, until), None, closes, last, missed=True)


def _lasts(freeze: Freeze, until: datetime) -> bool:
    """Whether `freeze` holds at `until`, and is one-off or never lets go."""
    held = next(frozen_spans((freeze,), until, until + reason.INSTANT), None)
    return held is not None and (held.end == FOREVER or freeze.times.settled is not None)
