"""Is this text a whole iCalendar file, and where do its events stand?"""

import re
from collections.abc import Iterator

from deployplan.window.error import WindowError

LOOKS = "a calendar's lines look like SUMMARY:year end (RFC 5545)"
_LINE = re.compile(r"[\w.-]+(?:;[^:\"]*(?:\"[^\"]*\"[^:\"]*)*)?:")


def event_lines(text: str) -> tuple[int, ...]:
    """Return the lines, from 1, at which the events of an iCalendar text begin, in order.

    Raises WindowError with the line for a text that is something else, or not all of it: one that was cut short holds
    fewer events than somebody wrote, and must not pass for a calendar.
    """
    opened: list[tuple[str, int]] = []
    found: list[int] = []
    begun, number = False, 0
    for number, line in _unfolded(text):
        name, _, value = line.partition(":")
        if not _LINE.match(line):
            raise WindowError(f"line {number} is {line[:40]!r}; {LOOKS}")
        kind = value.strip().upper()
        if name.upper() == "BEGIN":
            if not opened and kind != "VCALENDAR":
                raise WindowError(f"line {number} begins {kind or 'nothing'}; a calendar begins with BEGIN:VCALENDAR")
            begun = True
            opened.append((kind, number))
            found += [number] if kind == "VEVENT" else []
        elif name.upper() == "END":
            what, since = opened.pop() if opened else ("nothing", number)
            if kind != what:
                raise WindowError(f"line {number} ends {kind}, while {what} is open since line {since}")
        elif not opened:
            raise WindowError(f"line {number} stands outside every VCALENDAR; a calendar begins with BEGIN:VCALENDAR")
    if opened:
        what, since = opened[-1]
        raise WindowError(
            f"it ends at line {number}, while {what} is open since line {since}; it was cut short, or is being written"
        )
    if not begun:
        raise WindowError("it holds no VCALENDAR; a calendar begins with BEGIN:VCALENDAR")
    return tuple(found)


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """The lines that say something, each with its number; one that begins with a space goes on with the one before."""
    held: tuple[int, str] | None = None
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
        if line[:1] in (" ", "\t") and held is not None:
            held = (held[0], held[1] + line[1:])
            continue
        if held is not None:
            yield held
        held = (number, line) if line.strip() else None
    if held is not None:
        yield held
