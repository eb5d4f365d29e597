"""For which opening is the release meant? Those that a person may choose from, and the one that was chosen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from deployplan.evidence.kinds.window import WindowChosen
from deployplan.plan.model.schedule import OneOffWindow
from deployplan.plan.snapshot import Snapshot
from deployplan.plan.worst_case import declared_work
from deployplan.runbook.run.run import NotReady, Run
from deployplan.runbook.run.state import RunState
from deployplan.window.error import WindowError
from deployplan.window.interval import FOREVER
from deployplan.window.openings import Opening, openings
from deployplan.window.release_window import Freeze, ReleaseWindow
from deployplan.window.sweep import INSTANT, Span, horizon, window_spans
from deployplan.window.wall_time import find_zone

NAMED = 5
"""How many of the next openings a refusal names."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One opening of the plan's windows, whole, in the local time of `zone`; windows that overlap or touch are one.

    `last_safe_start` is the last instant at which the declared work fits, freezes of the day it was asked taken out.
    """

    opens: datetime
    closes: datetime
    last_safe_start: datetime
    window: str
    zone: str

    @property
    def value(self) -> str:
        """What stands for it in a run's parameters: `2026-11-28T22:00+01:00`."""
        return _value(self.opens)

    @property
    def label(self) -> str:
        """How people read it: `Sat 2026-11-28 22:00 to Sun 02:00 CET, release window`."""
        until = f"{self.closes:%H:%M}" if self.closes.date() == self.opens.date() else f"{self.closes:%a %H:%M}"
        return f"{self.opens:%a %Y-%m-%d %H:%M} to {until} {self.opens:%Z}, {self.window}"

    def release_window(self) -> ReleaseWindow:
        """The opening as a window of its own, in which alone the run may start."""
        return ReleaseWindow.once(self.window, self.opens, self.closes, self.zone)

    def event(self) -> WindowChosen:
        """The choice as evidence, instants in ISO 8601 with the offset of the zone."""
        opens, closes, safe = (at.isoformat() for at in (self.opens, self.closes, self.last_safe_start))
        return WindowChosen(opens=opens, closes=closes, last_safe_start=safe, window=self.window, zone=self.zone)

    @classmethod
    def of(cls, found: WindowChosen) -> "Choice":
        """Return the choice that `event` recorded; ValueError for anything else."""
        zone = find_zone(found.zone)
        opens, closes, safe = (
            datetime.fromisoformat(at).astimezone(zone) for at in (found.opens, found.closes, found.last_safe_start)
        )
        return cls(opens, closes, safe, found.window, found.zone)


def choices(snapshot: Snapshot, freezes: Sequence[Freeze], *, at: datetime, count: int) -> tuple[Choice, ...]:
    """Return the next `count` openings in which the declared work fits, or fewer when no more are known.

    A plan with one single window has that one, also when it has passed: its run ends as missed and says so. None for a
    plan without windows, and none without a known end.
    """
    stated, windows = snapshot.plan.schedule.stated(), snapshot.plan.schedule.windows()
    work, reserve = declared_work(snapshot), snapshot.plan.schedule.backout_reserve
    if len(stated) == 1 and isinstance(stated[0], OneOffWindow):
        (only,) = windows[0].occurrences(datetime.min.replace(tzinfo=at.tzinfo), FOREVER)
        return (_made(Span(only.start, only.end, windows[0], windows[0]), only.end - work - reserve, snapshot),)
    if not windows:
        return ()
    until = horizon(windows, freezes, at, at_least=count)
    fitting = openings(windows, freezes, after=at, before=until, work=work, reserve=reserve)
    return tuple(islice(_whole(window_spans(windows, at, until), fitting, snapshot), count))


def _whole(spans: Iterator[Span], fitting: Iterator[Opening], snapshot: Snapshot) -> Iterator[Choice]:
    """The joined openings of the windows that hold at least one stretch in which the work fits."""
    safe: dict[Span, datetime] = {}
    span = next(spans, None)
    for opening in fitting:
        while span is not None and span.end <= opening.start:
            if span in safe:
                yield _made(span, safe[span], snapshot)
            span = next(spans, None)
        if span is None or span.end == FOREVER or opening.last_safe_start is None:
            return
        safe[span] = opening.last_safe_start
    if span is not None and span in safe:
        yield _made(span, safe[span], snapshot)


def _made(span: Span, safe: datetime, snapshot: Snapshot) -> Choice:
    opened_by = span.opened_by
    name, zone = (opened_by.name, opened_by.zone) if opened_by else ("release window", snapshot.timezone)
    opens, closes, latest = (at.astimezone(find_zone(zone)) for at in (span.start, span.end, safe))
    return Choice(opens, closes, latest, name, zone)


def choose(run: Run, wish: object) -> None:
    """Record the opening that the person who triggered the run wants it to wait for; a run without a wish has none.

    Raises NotReady when the wish is no opening of the plan's windows. That it has passed is told by the verdict.
    """
    if wish is None:
        return
    found = _opening_at(run.snapshot, wish)
    if found is None:
        offered = choices(run.snapshot, (), at=run.clock.now(), count=NAMED)
        known = f"openings are {', '.join(each.value for each in offered)}" if offered else "no opening is ahead"
        raise NotReady([f"window {wish!r} is no opening of this plan; {known}"])
    _record(run, found)


def choose_again(run: Run) -> None:
    """Move a run whose work had begun in a window that has passed to the next one: the next approval is for that.

    Nothing changes while the chosen window is still to come, for a run without a choice, and before the work began.
    """
    state = run.read_state()
    chosen = chosen_in(state)
    if chosen is None or state.review.armed is None or run.clock.now() < chosen.closes:
        return
    following = choices(run.snapshot, (), at=run.clock.now(), count=1)
    if following and following[0].closes > run.clock.now():
        _record(run, following[0])


def chosen_opening(run: Run) -> Choice | None:
    """The opening that this review is about; None when the run takes the next in which its work fits."""
    return chosen_in(run.read_state())


def chosen_in(state: RunState) -> Choice | None:
    """The opening that the last review is about."""
    found = state.review.window
    return None if found is None else Choice.of(found)


def _record(run: Run, choice: Choice) -> None:
    if chosen_opening(run) != choice:
        run.record(choice.event())
        run.say(f"window chosen: {choice.label}")


def _opening_at(snapshot: Snapshot, wish: object) -> Choice | None:
    """The joined opening of the plan's windows that begins at the wished instant."""
    try:
        wanted = datetime.fromisoformat(str(wish))
    except ValueError:
        return None
    windows = snapshot.plan.schedule.windows()
    if wanted.tzinfo is None or not windows:
        return None
    try:
        span = next(window_spans(windows, wanted, wanted + INSTANT), None)
    except WindowError:
        return None
    if span is None or span.start != wanted or span.end == FOREVER:
        return None
    need = declared_work(snapshot) + snapshot.plan.schedule.backout_reserve
    return _made(span, span.end - need, snapshot)


def _value(at: datetime) -> str:
    return at.isoformat(timespec="seconds" if at.second else "minutes")
