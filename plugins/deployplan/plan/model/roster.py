"""Who is who: the people of include/people.yaml, what others call them, and who is on call."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Discriminator, Field, PrivateAttr, Tag
from pydantic.json_schema import SkipJsonSchema

from deployplan.plan.model.spelling import check_spelling
from deployplan.plan.text.scalars import Text, Zone, quote_value, value_error
from deployplan.plan.text.shapes import Shape, tag_of, told_by_keys
from deployplan.plan.text.strict import CalendarBelowInclude, ShortName, Strict
from deployplan.window.error import WindowError

if TYPE_CHECKING:
    from deployplan.window.calendar_events import CalendarEvents

LONGEST_NAME = 200
MOST_PEOPLE = 2_000
MOST_ROTAS = 200
MOST_NAMES = 20


def _check_name(text: str) -> str:
    if text != text.strip() or len(text) > LONGEST_NAME:
        wanted = f"a name has up to {LONGEST_NAME} characters, with no space around them"
        raise value_error("name", f"{quote_value(text)} is no name of a person", wanted)
    return check_spelling(text)


def _check_address(text: str) -> str:
    local, at, domain = text.rpartition("@")
    if not (local and at and domain) or any(letter in text for letter in " ,;<>\t\r\n"):
        raise value_error("address", f"{quote_value(text)} is no mail address", "write one, as in mia@shop.example")
    return _check_name(text)


Name = Annotated[Text, AfterValidator(_check_name)]
Address = Annotated[Text, AfterValidator(_check_address)]
Names = Annotated[tuple[Name, ...], Field(max_length=MOST_NAMES)]
Addresses = Annotated[tuple[Address, ...], Field(max_length=MOST_NAMES)]


def spelling_of_address(address: str) -> str:
    """Return the address as two that are the same are both written: capitals make no other mailbox."""
    return address.strip().casefold()


class KnownPerson(Strict):
    """Somebody whom plans, controls and rotas name. Every key may be absent."""

    name: Annotated[Name, SkipJsonSchema(), Field(exclude=True)]
    ids: Names = Field(
        (),
        description="the id(s) that Airflow's auth manager gives: FAB's number (`\"3\"`), Keycloak's `sub`; "
        "absent: the name",
    )
    logins: Names = Field(
        (),
        description="the name(s) that the auth manager gives beside the id: FAB's user name; absent: the name",
    )
    mail: Address | None = Field(None, description="mail address, for messages; absent: not stated")
    handles: Annotated[dict[ShortName, Text], Field(max_length=MOST_NAMES)] = Field(
        {},
        description="what other services call them, by the service (`slack`, `discord`) or by the #name, without #, "
        "that operations gave to a notifier, webhook or Apprise services: `{slack: U02ABC}`. Who is asked is mentioned "
        "in a chat room; `approvers` and `team` are told by these where `via` is no mail, and so is who has no mail "
        "address; absent: none",
    )
    phone: Text | None = Field(None, description="telephone number; absent: not stated")
    roles: Annotated[tuple[Text, ...], Field(max_length=MOST_NAMES)] = Field(
        (), description="roles in which they may approve, where the controls ask for that; absent: none"
    )
    addresses: Addresses = Field(
        (), description="mail addresses in the repository's history, besides `mail`; absent: none"
    )

    def all_ids(self) -> tuple[str, ...]:
        """Return the ids by which the auth manager knows this person."""
        return self.ids or (self.name,)

    def all_logins(self) -> tuple[str, ...]:
        """Return the names with which this person logs in."""
        return self.logins or (self.name,)

    def all_addresses(self) -> tuple[str, ...]:
        """Return every mail address by which the repository may know this person."""
        return tuple(dict.fromkeys([*([self.mail] if self.mail else []), *self.addresses]))


@dataclass(frozen=True, slots=True)
class OnCall:
    """Who is on call: people, titles of events that name nobody, and the pager that is asked instead, if one is."""

    people: tuple[KnownPerson, ...] = ()
    unknown: tuple[str, ...] = ()
    pager: str | None = None


class CalendarRota(Shape):
    """A rota in an iCalendar file: the titles of its events are names of people."""

    model_config = ConfigDict(json_schema_extra={"$comment": "iCalendar file"})
    telling: ClassVar[tuple[str, ...]] = ("calendar",)

    calendar: CalendarBelowInclude = Field(
        description="iCalendar file (RFC 5545), its path below include/; the title of an event is the name of a person"
    )
    timezone: Zone | None = Field(
        None, description="IANA zone of whole days and of times without a zone; absent: the document's `timezone`"
    )

    # What the file says is no part of the document: it is read each time.
    _text: str | None = PrivateAttr(None)
    _unread: str = PrivateAttr("it was not read; load the document")

    def with_text(self, text: str) -> "CalendarRota":
        """Return the rota with what its file says."""
        read = self.model_copy()
        read._text = text
        return read

    def unread(self, why: str) -> "CalendarRota":
        """Return the rota with the reason for which its file cannot be read."""
        copy = self.model_copy()
        copy._unread = why
        return copy

    @property
    def is_read(self) -> bool:
        """Whether its file could be read."""
        return self._text is not None

    def events(self, zone: str) -> "CalendarEvents":
        """Return its events, on the clock of `zone` where the rota states no zone and the file none either.

        Raises WindowError when its file was not read or is no calendar.
        """
        from deployplan.window.calendar_events import calendar_events

        if self._text is None:
            raise WindowError(self._unread)
        try:
            return calendar_events(self._text, self.timezone or zone)
        except WindowError as error:
            raise WindowError(f"{self.calendar}: {error}") from error


class PagerRota(Shape):
    """A rota that a pager keeps: it is told, and calls whoever is on call."""

    model_config = ConfigDict(json_schema_extra={"$comment": "pager"})
    telling: ClassVar[tuple[str, ...]] = ("pager",)

    pager: Text = Field(
        description="name of the pager in DEPLOYPLAN_NOTIFIERS, DEPLOYPLAN_WEBHOOKS or DEPLOYPLAN_APPRISE, without #"
    )


Rota = Annotated[
    Annotated[CalendarRota, Tag(tag_of(CalendarRota))] | Annotated[PagerRota, Tag(tag_of(PagerRota))],
    Discriminator(told_by_keys(CalendarRota, PagerRota)),
]


def _name_people(value: Any) -> Any:
    """Give each person their name; of one whose entry is empty nothing else is known."""
    if not isinstance(value, dict):
        return value
    return {key: _person(str(key), entry) for key, entry in value.items()}


def _person(name: str, entry: Any) -> Any:
    if entry is None:
        return {"name": name}
    return {"name": name, **entry} if isinstance(entry, dict) else entry


People = Annotated[dict[Name, KnownPerson], Field(min_length=1, max_length=MOST_PEOPLE), BeforeValidator(_name_people)]


class Roster(Strict):
    """Who is who, kept by operations: without the file, people are called as the auth manager calls them."""

    timezone: Zone | None = Field(None, description="IANA zone for rotas that state none; absent: UTC")
    people: People = Field(description="people by the name that plans, controls and rotas use")
    on_call: Annotated[dict[ShortName, Rota], Field(max_length=MOST_ROTAS)] = Field(
        {}, description="rotas by name: who is on call when; absent: none"
    )

    def person(self, name: str | None) -> KnownPerson | None:
        """Return the person whom plans call so."""
        return self.people.get(name) if name is not None else None

    def by_id(self, user: str | None) -> KnownPerson | None:
        """Return the person to whom the auth manager gives this id."""
        return self._by_id.get(user) if user is not None else None

    def by_login(self, login: str | None) -> KnownPerson | None:
        """Return the person who logs in with this name."""
        return self._by_login.get(login) if login is not None else None

    def by_address(self, address: str) -> KnownPerson | None:
        """Return the person to whom a mail address belongs."""
        return self._by_address.get(spelling_of_address(address))

    def holders(self, role: str) -> tuple[KnownPerson, ...]:
        """Return those who have a role, in file order."""
        return tuple(person for person in self.people.values() if role in person.roles)

    def events_of(self, rota: CalendarRota) -> "CalendarEvents":
        """Return the events of a rota of the roster; raises WindowError when its calendar cannot be read."""
        return rota.events(self.timezone or "UTC")

    def on_call_at(self, rota: str, at: datetime) -> OnCall:
        """Return who is on call in a rota at an instant, in the order in which their turns began.

        Raises KeyError for a rota that is not there, WindowError for a calendar that cannot be read.
        """
        found = self.on_call[rota]
        if isinstance(found, PagerRota):
            return OnCall(pager=found.pager)
        titles = tuple(title.strip() for title in self.events_of(found).titles_at(at))
        people = tuple(self.people[title] for title in titles if title in self.people)
        return OnCall(people, tuple(title for title in titles if title not in self.people))

    @cached_property
    def _by_id(self) -> Mapping[str, KnownPerson]:
        return _index(self.people.values(), KnownPerson.all_ids)

    @cached_property
    def _by_login(self) -> Mapping[str, KnownPerson]:
        return _index(self.people.values(), KnownPerson.all_logins)

    @cached_property
    def _by_address(self) -> Mapping[str, KnownPerson]:
        return _index(self.people.values(), lambda each: map(spelling_of_address, each.all_addresses()))


def _index(people: Iterable[KnownPerson], names_of: Callable[[KnownPerson], Iterable[str]]) -> dict[str, KnownPerson]:
    return {name: person for person in people for name in names_of(person)}
