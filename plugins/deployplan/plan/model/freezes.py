"""When nothing may start: freezes as operations write them."""

from collections.abc import Mapping, Set
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar

from pydantic import ConfigDict, Discriminator, Field, PrivateAttr, Tag

from deployplan.plan.text.scalars import Duration, Moment, PositiveDuration, Text, WallTime, Zone
from deployplan.plan.text.shapes import Shape, tag_of, told_by_keys
from deployplan.plan.text.strict import CalendarName, LongName, ShortName
from deployplan.window.error import WindowError
from deployplan.window.release_window import Freeze

_NAME: Any = Field(description="what people call it")
_REASON: Any = Field(None, description="why; absent: not stated")
_PRODUCTS: Any = Field((), description="only releases of these products are frozen; absent: all")
_GROUPS: Any = Field(
    (),
    description="only plans with a component on a node of these groups; absent: all, unless `nodes` are named",
)
_NODES: Any = Field(
    (),
    description="only plans with a component on one of these nodes; absent: all, unless `groups` are named",
)
_ZONE = "IANA zone of the wall times; absent: the environment's `timezone`"
_ZONE_OF_DAYS = "IANA zone in which days begin and end; absent: the environment's `timezone`"


class OneOffFreeze(Shape):
    """A period in which nothing may start."""

    model_config = ConfigDict(json_schema_extra={"$comment": "once"})
    telling: ClassVar[tuple[str, ...]] = ("from", "to")

    name: Text = _NAME
    starts: Moment = Field(alias="from", description="wall time or instant at which it begins")
    ends: Moment | None = Field(
        None, alias="to", description="wall time or instant at which it ends; absent: no known end"
    )
    timezone: Zone | None = Field(None, description=_ZONE)
    reason: Text | None = _REASON
    products: tuple[Text, ...] = _PRODUCTS
    groups: tuple[ShortName, ...] = _GROUPS
    nodes: tuple[LongName, ...] = _NODES

    def freeze(self) -> Freeze:
        """Return the freeze for the calendar; raises WindowError when it ends before it begins."""
        return Freeze.once(self.name, self.starts, self.ends, self.timezone or "UTC")

    def moments(self) -> dict[str, datetime]:
        """Return the times as written, by their keys."""
        return {"from": self.starts, **({"to": self.ends} if self.ends else {})}


class RecurringFreeze(Shape):
    """A period in which nothing may start, again and again, by a rule of RFC 5545."""

    model_config = ConfigDict(json_schema_extra={"$comment": "again and again"})
    telling: ClassVar[tuple[str, ...]] = ("rule", "first", "duration")

    name: Text = _NAME
    rule: Text = Field(description="RFC 5545 rule that says on which days it begins: `FREQ=MONTHLY;BYMONTHDAY=-1`")
    first: Moment = Field(description="wall time from which on the rule holds; it begins at that time of day")
    duration: PositiveDuration | None = Field(
        None, description="how long it lasts; whole days are calendar days; absent: see `until`"
    )
    until: WallTime | None = Field(
        None,
        description="time on the clock, `06:00`, at which it ends when shown next; absent: see `duration`",
    )
    plus: Duration = Field(
        timedelta(), description="days by which it begins later than the rule says: the Sunday after a Monday is `6d`"
    )
    timezone: Zone | None = Field(None, description=_ZONE)
    reason: Text | None = _REASON
    products: tuple[Text, ...] = _PRODUCTS
    groups: tuple[ShortName, ...] = _GROUPS
    nodes: tuple[LongName, ...] = _NODES

    def freeze(self) -> Freeze:
        """Return the freeze for the calendar; raises WindowError when its rule cannot be read or never fires."""
        zone = self.timezone or "UTC"
        return Freeze.recurring(self.name, self.rule, self.first, self.duration, zone, until=self.until, plus=self.plus)

    def moments(self) -> dict[str, datetime]:
        """Return the times as written, by their keys."""
        return {"first": self.first}


class HolidayFreeze(Shape):
    """The public holidays of a country, or of a part of it, each a whole day."""

    model_config = ConfigDict(json_schema_extra={"$comment": "public holidays"})
    telling: ClassVar[tuple[str, ...]] = ("holidays", "subdivision")

    name: Text = _NAME
    holidays: Text = Field(description="country of the public holidays, by its ISO 3166 code: `FR`")
    subdivision: Text | None = Field(
        None, description="part of the country with holidays of its own; absent: those of the whole country"
    )
    timezone: Zone | None = Field(None, description=_ZONE_OF_DAYS)
    reason: Text | None = _REASON
    products: tuple[Text, ...] = _PRODUCTS
    groups: tuple[ShortName, ...] = _GROUPS
    nodes: tuple[LongName, ...] = _NODES

    def freeze(self) -> Freeze:
        """Return the freeze for the calendar; raises WindowError for an unknown country or part of it."""
        return Freeze.holidays(self.name, self.holidays, self.timezone or "UTC", self.subdivision)

    def moments(self) -> dict[str, datetime]:
        """Return the times as written, by their keys."""
        return {}


class CalendarFreeze(Shape):
    """The events of a calendar that somebody else keeps."""

    model_config = ConfigDict(json_schema_extra={"$comment": "iCalendar file"})
    telling: ClassVar[tuple[str, ...]] = ("calendar",)

    name: Text = _NAME
    calendar: CalendarName = Field(description="iCalendar file (RFC 5545), its path below include/infrastructure/")
    timezone: Zone | None = Field(None, description=_ZONE_OF_DAYS)
    reason: Text | None = _REASON
    products: tuple[Text, ...] = _PRODUCTS
    groups: tuple[ShortName, ...] = _GROUPS
    nodes: tuple[LongName, ...] = _NODES

    # What the file says is no part of a record: freezes are those of today, not those of the day of the approval.
    _text: str | None = PrivateAttr(None)
    _unread: str = PrivateAttr("it was not read; load the environment")

    def with_text(self, text: str) -> "CalendarFreeze":
        """Return the freeze with what its file says."""
        read = self.model_copy()
        read._text = text
        return read

    def unread(self, why: str) -> "CalendarFreeze":
        """Return the freeze with the reason for which its file cannot be read."""
        copy = self.model_copy()
        copy._unread = why
        return copy

    def freeze(self) -> Freeze:
        """Return the freeze for the calendar; raises WindowError when its file was not read or is no calendar."""
        if self._text is None:
            raise WindowError(self._unread)
        try:
            return Freeze.calendar(self.name, self._text, self.timezone or "UTC")
        except WindowError as error:
            raise WindowError(f"{self.calendar}: {error}") from error

    def moments(self) -> dict[str, datetime]:
        """Return the times as written, by their keys."""
        return {}


FreezePeriod = Annotated[
    Annotated[OneOffFreeze, Tag(tag_of(OneOffFreeze))]
    | Annotated[RecurringFreeze, Tag(tag_of(RecurringFreeze))]
    | Annotated[HolidayFreeze, Tag(tag_of(HolidayFreeze))]
    | Annotated[CalendarFreeze, Tag(tag_of(CalendarFreeze))],
    Discriminator(told_by_keys(OneOffFreeze, HolidayFreeze, CalendarFreeze, RecurringFreeze)),
]


def holds(freeze: FreezePeriod, product: str, touched: Set[str], members: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether a freeze is meant for a release of `product` that touches these nodes; `members` are nodes by group."""
    if freeze.products and product not in freeze.products:
        return False
    if not freeze.groups and not freeze.nodes:
        return True
    named = {*freeze.nodes, *(node for group in freeze.groups for node in members[group])}
    return not named.isdisjoint(touched)
