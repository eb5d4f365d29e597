"""Is this text a whole iCalendar file, and what do its components say?"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from deployplan.window.error import WindowError

LOOKS: Final = "a calendar's lines look like SUMMARY:year end (RFC 5545)"
_LINE = re.compile(r"([\w.-]+)((?:;[^:\"]*(?:\"[^\"]*\"[^:\"]*)*)?):")
_PARAMETER = re.compile(r";\s*([\w-]+)=(\"[^\"]*\"|[^;:\"]*)")
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Property:
    """One content line: `DTSTART;TZID=Europe/Paris:20261224T220000`."""

    line: int
    name: str
    written: str
    """Its parameters as written, each with its semicolon."""
    value: str

    def parameter(self, name: str) -> str | None:
        """The value of a parameter, without quotes."""
        if not self.written:
            return None
        for key, value in _PARAMETER.findall(self.written):
            if key.upper() == name:
                return str(value).strip('"').strip()
        return None


@dataclass(slots=True)
class CalendarComponent:
    """What stands between BEGIN and END: `VEVENT`, `VTIMEZONE`; `parts` are those inside."""

    kind: str
    line: int
    properties: list[Property] = field(default_factory=list)
    parts: list["CalendarComponent"] = field(default_factory=list)

    def all(self, name: str) -> list[Property]:
        return [each for each in self.properties if each.name == name]

    def first(self, name: str) -> Property | None:
        return next((each for each in self.properties if each.name == name), None)

    def text(self, name: str) -> str:
        """The text of a property on one line, its escapes undone; empty without one."""
        found = self.first(name)
        if found is None:
            return ""
        plain = _ESCAPED.sub(lambda match: " " if match[1] in "nN" else match[1], found.value)
        return " ".join(plain.split())

    def walk(self, kind: str) -> Iterator["CalendarComponent"]:
        """The components of a kind at any depth, in the order of the text."""
        left = [self]
        while left:
            each = left.pop()
            if each.kind == kind:
                yield each
            left.extend(reversed(each.parts))


def read_components(text: str) -> tuple[CalendarComponent, ...]:
    """Return the calendars (VCALENDAR) of a text.

    Raises WindowError with the line for a text that is something else, or not all of it: one that was cut short holds
    fewer events than somebody wrote, and must not pass for a calendar.
    """
    found: list[CalendarComponent] = []
    opened: list[CalendarComponent] = []
    number = 0
    for number, line in _unfolded(text):
        match = _LINE.match(line)
        if match is None:
            raise WindowError(f"line {number} is {line[:40]!r}; {LOOKS}")
        name, value = match[1].upper(), line[match.end() :]
        if name == "BEGIN":
            _begin(value.strip().upper(), number, opened, found)
        elif name == "END":
            _end(value.strip().upper(), number, opened)
        elif opened:
            opened[-1].properties.append(Property(number, name, match[2], value))
        else:
            raise WindowError(f"line {number} stands outside every VCALENDAR; a calendar begins with BEGIN:VCALENDAR")
    if opened:
        raise WindowError(
            f"it ends at line {number}, while {opened[-1].kind} is open since line {opened[-1].line}; "
            "it was cut short, or is being written"
        )
    if not found:
        raise WindowError("it holds no VCALENDAR; a calendar begins with BEGIN:VCALENDAR")
    return tuple(found)


def _begin(kind: str, number: int, opened: list[CalendarComponent], found: list[CalendarComponent]) -> None:
    if not opened and kind != "VCALENDAR":
        raise WindowError(f"line {number} begins {kind or 'nothing'}; a calendar begins with BEGIN:VCALENDAR")
    begun = CalendarComponent(kind, number)
    (opened[-1].parts if opened else found).append(begun)
    opened.append(begun)


def _end(kind: str, number: int, opened: list[CalendarComponent]) -> None:
    what, since = (opened[-1].kind, opened[-1].line) if opened else ("nothing", number)
    if kind != what:
        raise WindowError(f"line {number} ends {kind}, while {what} is open since line {since}")
    opened.pop()


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """The lines that say something, each with its number; one that begins with a space goes on with the one before."""
    held: list[str] = []
    since = 0
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
        if line[:1] in (" ", "\t") and held:
            held.append(line[1:])
            continue
        if held:
            yield since, "".join(held)
        held, since = ([line] if line.strip() else []), number
    if held:
        yield since, "".join(held)
