"""When the release may happen: windows and freezes as they are written, section 2 of a plan."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from deployplan.plan.scalars import Duration, Moment, Text, Whole, Zone
from deployplan.plan.strict import Strict
from deployplan.window.release_window import Freeze, ReleaseWindow


class OneOffWindow(Strict):
    """A window that opens and closes once."""

    name: Text = Field("release window", description="what people call it")
    opens: Moment = Field(description="wall time `2026-11-28 22:00`, or an instant with `Z` or an offset")
    closes: Moment = Field(description="wall time or instant at which it is closed again")
    timezone: Zone | None = Field(None, description="IANA zone of the wall times; absent: the environment's `timezone`")

    def release_window(self) -> ReleaseWindow:
        """Return the window for the calendar; raises WindowError when it closes before it opens."""
        return ReleaseWindow.once(self.name, self.opens, self.closes, self.timezone or "UTC")

    def spoken(self) -> str:
        """Return opening and closing as its people's clocks show them: `2026-11-28 22:00 to 2026-11-29 02:00 UTC`."""
        zone = self.timezone or "UTC"
        opens, closes = (_on_the_clock(moment, zone) for moment in (self.opens, self.closes))
        until = f"{closes:%H:%M}" if closes.date() == opens.date() else f"{closes:%Y-%m-%d %H:%M}"
        return f"{opens:%Y-%m-%d %H:%M} to {until} {zone}"


class OneOffFreeze(Strict):
    """A period in which nothing may start."""

    name: Text = Field(description="what people call it")
    starts: Moment = Field(alias="from", description="wall time or instant at which it begins")
    ends: Moment | None = Field(
        None, alias="to", description="wall time or instant at which it ends; absent: no known end"
    )
    timezone: Zone | None = Field(None, description="IANA zone of the wall times; absent: the environment's `timezone`")
    reason: Text | None = Field(None, description="why; absent: not stated")
    products: tuple[Text, ...] = Field((), description="only releases of these products are frozen; absent: all")

    def freeze(self) -> Freeze:
        """Return the freeze for the calendar; raises WindowError when it ends before it begins."""
        return Freeze.once(self.name, self.starts, self.ends, self.timezone or "UTC")


# The seams for windows and freezes that repeat: each becomes a union, told apart by its keys.
Window = OneOffWindow
FreezePeriod = OneOffFreeze


class Schedule(Strict):
    """Section 2: when the release may start and what happens at the end of the window."""

    window: Window | None = Field(None, description="the release window; absent: see `windows`")
    alternatives: tuple[Window, ...] = Field(
        (),
        alias="windows",
        description="several windows, any of which will do; absent: `window`, else the environment's windows",
    )
    backout_reserve: Duration = Field(
        timedelta(minutes=30),
        description="kept free before the window closes; absent: `backout.expected_duration`, else the default",
    )
    on_close: Literal["finish_wave", "hold", "back_out"] = Field(
        "finish_wave", description="what happens to work under way when the window closes"
    )
    priority: Whole = Field(0, description="of several plans that wait for the same opening the highest goes first")

    def windows(self) -> tuple[ReleaseWindow, ...]:
        """Return every window in which the release may start; none means at any time."""
        return tuple(window.release_window() for window in self.stated())

    def stated(self) -> tuple[Window, ...]:
        """Return the windows as written, `window` first."""
        return tuple(window for _, window in self.places())

    def places(self) -> Iterator[tuple[tuple[str | int, ...], Window]]:
        """Yield each window as written with its path below `schedule`."""
        if self.window:
            yield ("window",), self.window
        for number, window in enumerate(self.alternatives):
            yield ("windows", number), window


def is_instant(moment: datetime) -> bool:
    """Whether the author wrote an offset, so that no time zone is needed to know when it is."""
    return moment.tzinfo is not None


def _on_the_clock(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone)) if is_instant(moment) else moment
