"""Verdict: may a release start now, and if not, why and when? The only answer the rest of the house may ask for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from deployplan.window import reason
from deployplan.window.interval import FOREVER, as_utc
from deployplan.window.openings import Opening, needed_time, opening_in
from deployplan.window.release_window import Freeze, ReleaseWindow
from deployplan.window.sweep import AT_LEAST, INSTANT, Span, free_spans, frozen_spans, horizon


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether work may start now.

    `reason` is always a sentence. `next_open` is the next instant at which the work can start; it is None when the
    verdict is open, and when no such instant is known. `closes` and `last_safe_start` belong to the free stretch that
    holds now, else to the one that begins at `next_open`; they are None when there is no such stretch or no known end.
    `missed` says that no later opening can ever take the work; a freeze without known end is not that: it holds.
    `held` is who holds everything and why; nothing is open then, and nobody knows for how long.
    """

    open: bool
    reason: str
    next_open: datetime | None = None
    closes: datetime | None = None
    last_safe_start: datetime | None = None
    missed: bool = False
    held: str | None = None

    def under(self, hold: str | None) -> "Verdict":
        """The same verdict while everything is held; None holds nothing. What is missed stays missed."""
        if hold is None or self.missed:
            return self
        reason = hold if self.open else f"{hold}; {self.reason}"
        return replace(self, open=False, reason=reason, held=hold)

    def as_json(self) -> dict[str, bool | str | None]:
        """The fields as JSON values, instants in ISO 8601 with offset."""
        return {
            "open": self.open,
            "reason": self.reason,
            "next_open": _iso(self.next_open),
            "closes": _iso(self.closes),
            "last_safe_start": _iso(self.last_safe_start),
            "missed": self.missed,
            "held": self.held,
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
    now, need = as_utc(now, "now"), needed_time(work, reserve)
    case = reason.Case(windows, freezes, now, work, reserve)
    until, seen = now, list[Span]()
    for at_least in (0, AT_LEAST):
        looked_until, until = until, horizon(windows, freezes, now, at_least=at_least)
        if until == looked_until:
            break
        seen = []
        for span in free_spans(windows, freezes, now, until):
            seen.append(span)
            opening = opening_in(span, after=now, need=need)
            if opening:
                return _found(case, seen, opening)
    return _no_opening(case, seen, until)


def _found(case: reason.Case, seen: Sequence[Span], opening: Opening) -> Verdict:
    """The work fits into the last of the free stretches `seen`."""
    here, there = _here(case, seen), seen[-1]
    if there is here:
        return Verdict(True, reason.open_now(there, opening), None, opening.closes, opening.last_safe_start)
    shown = Opening(here.start, here.end, here.end - case.need) if here else opening
    return Verdict(False, reason.wait(case, here, there), opening.start, shown.closes, shown.last_safe_start)


def _no_opening(case: reason.Case, seen: Sequence[Span], until: datetime) -> Verdict:
    """Nothing known takes the work: either a lasting freeze holds it, or it is missed."""
    here = _here(case, seen)
    closes, last = (here.end, here.end - case.need) if here else (None, None)
    lasting = [freeze for freeze in case.freezes if _lasts((freeze,), until)]
    if not lasting and _lasts(case.freezes, until):  # together they never let go
        lasting = list(case.freezes)
    if lasting:
        passing = [freeze for freeze in case.freezes if freeze not in lasting]
        for span in free_spans(case.windows, passing, case.now, until):
            if opening_in(span, after=case.now, need=case.need):
                return Verdict(False, reason.explain_hold(case, here, lasting[0], until), None, closes, last)
    return Verdict(False, reason.explain_missed(case, here, seen, until), None, closes, last, missed=True)


def _here(case: reason.Case, seen: Sequence[Span]) -> Span | None:
    """The free stretch that holds now."""
    return seen[0] if seen and seen[0].start <= case.now else None


def _lasts(freezes: Sequence[Freeze], until: datetime) -> bool:
    """Whether what is frozen at `until` has no known end, or one beyond all that is looked at."""
    held = next(frozen_spans(freezes, until, until + INSTANT), None)
    if held is None or held.closed_by is None:
        return False
    return held.end == FOREVER or held.closed_by.times.settled is not None
