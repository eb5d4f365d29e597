"""When the release may happen: windows as they are written, section 2 of a plan."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated, ClassVar, Literal
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Discriminator, Field, Tag

from deployplan.plan.text.scalars import (
    Ahead,
    Duration,
    Moment,
    PositiveDuration,
    Text,
    WallTime,
    Whole,
    Zone,
    spell_duration,
)
from deployplan.plan.text.shapes import Shape, tag_of, told_by_keys
from deployplan.plan.text.strict import Strict
from deployplan.window.release_window import ReleaseWindow

NEXT = "next"
_NAME = "release window"
_ZONE = "IANA zone of the wall times; absent: the environment's `timezone`"


class OneOffWindow(Shape):
    """A window that opens and closes once."""

    model_config = ConfigDict(json_schema_extra={"$comment": "once"})
    telling: ClassVar[tuple[str, ...]] = ("opens", "closes")

    name: Text = Field(_NAME, description="what people call it")
    opens: Moment = Field(description="wall time `2026-11-28 22:00`, or an instant with `Z` or an offset")
    closes: Moment = Field(description="wall time or instant at which it is closed again")
    timezone: Zone | None = Field(None, description=_ZONE)

    def release_window(self) -> ReleaseWindow:
        """Return the window for the calendar; raises WindowError when it closes before it opens."""
        return ReleaseWindow.once(self.name, self.opens, self.closes, self.timezone or "UTC")

    def moments(self) -> dict[str, datetime]:
        """Return the times as written, by their keys."""
        return {"opens": self.opens, "closes": self.closes}

    def spoken(self) -> str:
        """Return opening and closing as its people's clocks show them: `2026-11-28 22:00 to 2026-11-29 02:00 UTC`."""
        zone = self.timezone or "UTC"
        opens, closes = (_on_the_clock(moment, zone) for moment in (self.opens, self.closes))
        until = f"{closes:%H:%M}" if closes.date() == opens.date() else f"{closes:%Y-%m-%d %H:%M}"
        return f"{opens:%Y-%m-%d %H:%M} to {until} {zone}"


class RecurringWindow(Shape):
    """A window that opens again and again, by a rule of RFC 5545."""

    model_config = ConfigDict(json_schema_extra={"$comment": "again and again"})
    telling: ClassVar[tuple[str, ...]] = ("rule", "first", "duration")

    name: Text = Field(_NAME, description="what people call it")
    rule: Text = Field(description="RFC 5545 rule that says on which days it opens: `FREQ=WEEKLY;BYDAY=SA`")
    first: Moment = Field(description="wall time from which on the rule holds; it opens at that time of day")
    duration: PositiveDuration | None = Field(
        None, description="how long it stays open; whole days are calendar days; absent: see `until`"
    )
    until: WallTime | None = Field(
        None,
        description="time on the clock, `06:00`, at which it closes when shown next; absent: see `duration`",
    )
    plus: Duration = Field(
        timedelta(), description="days by which it opens later than the rule says: the Sunday after a Monday is `6d`"
    )
    timezone: Zone | None = Field(None, description=_ZONE)

    def release_window(self) -> ReleaseWindow:
        """Return the window for the calendar; raises WindowError when its rule cannot be read or never fires."""
        zone = self.timezone or "UTC"
        return ReleaseWindow.recurring(
            self.name, self.rule, self.first, self.duration, zone, until=self.until, plus=self.plus
        )

    def moments(self) -> dict[str, datetime]:
        """Return the times as written, by their keys."""
        return {"first": self.first}

    def spoken(self) -> str:
        """Return rule, time and length: `FREQ=WEEKLY;BYDAY=SA from 2026-01-17 22:00 on, 4h each, Europe/Paris`."""
        length = f"until {self.until:%H:%M}" if self.until else f"{spell_duration(self.duration or timedelta())} each"
        later = f" and {spell_duration(self.plus)}" if self.plus else ""
        return f"{self.rule}{later} from {self.first:%Y-%m-%d %H:%M} on, {length}, {self.timezone or 'UTC'}"


Window = Annotated[
    Annotated[OneOffWindow, Tag(tag_of(OneOffWindow))] | Annotated[RecurringWindow, Tag(tag_of(RecurringWindow))],
    Discriminator(told_by_keys(OneOffWindow, RecurringWindow)),
]
WindowOrNext = Annotated[
    Annotated[OneOffWindow, Tag(tag_of(OneOffWindow))]
    | Annotated[RecurringWindow, Tag(tag_of(RecurringWindow))]
    | Annotated[Literal["next"], Tag(tag_of(NEXT))],
    Discriminator(told_by_keys(OneOffWindow, RecurringWindow, word=NEXT)),
]


class Schedule(Strict):
    """Section 2: when the release may start and what happens at the end of the window."""

    window: WindowOrNext | None = Field(
        None,
        description="the release window, or `next`: the windows of the environment, which must have some; "
        "absent: see `windows`",
    )
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
        "finish_wave",
        description="when the window closes: the wave under way finishes and the rest is for the next window, with a "
        "new approval; nothing more begins and people decide; or scripts are ended in time and it is backed out",
    )
    create: Ahead | None = Field(
        None,
        description="how long before its window opens Airflow creates the run, once for a plan, so that it is reviewed "
        "in time: `24h before`; absent: a person triggers it",
    )
    priority: Whole = Field(0, description="of several plans that wait for the same opening the highest goes first")

    def windows(self) -> tuple[ReleaseWindow, ...]:
        """Return every window in which the release may start; none means at any time."""
        return tuple(window.release_window() for window in self.stated())

    @property
    def follows_environment(self) -> bool:
        """Whether the author left the choice to the environment in so many words: `window: next`."""
        return self.window == NEXT

    def stated(self) -> tuple[Window, ...]:
        """Return the windows as written, `window` first."""
        return tuple(window for _, window in self.places())

    def places(self) -> Iterator[tuple[tuple[str | int, ...], Window]]:
        """Yield each window as written with its path below `schedule`."""
        if isinstance(self.window, OneOffWindow | RecurringWindow):
            yield ("window",), self.window
        for number, window in enumerate(self.alternatives):
            yield ("windows", number), window


def is_instant(moment: datetime) -> bool:
    """Whether the author wrote an offset, so that no time zone is needed to know when it is."""
    return moment.tzinfo is not None


def _on_the_clock(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone)) if is_instant(moment) else moment
