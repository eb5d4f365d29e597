"""Characters that do not show, or turn the text round: people would approve another text than the one that runs."""

import re
from collections.abc import Iterator
from itertools import islice

from deployplan.plan.text.problem import Problem
from deployplan.printable import HIDDEN, INVISIBLE, MISLEADING, unicode_name

RULE = "hidden-character"
HINT = "leave it out: people would read and approve another text than the one that runs"
MOST_TOLD = 20
"""Characters of one file of which the place is told."""
_TEXT_UP_TO = 8000
_MARK = "\ufeff"
# Nothing is decided by these; the names of the two that begin with X- and decide a time zone are left out.
_FOR_PEOPLE = re.compile(
    r"(SUMMARY|DESCRIPTION|COMMENT|LOCATION|CATEGORIES|CONTACT|RESOURCES|ATTENDEE|ORGANIZER"
    r"|X-(?!WR-TIMEZONE|LIC-LOCATION)[\w-]+)[;:]",
    re.IGNORECASE,
)


def message(character: str) -> str:
    """Return what is wrong with a character that does not show."""
    return f"character {unicode_name(character)} does not show, or turns the text round"


def hidden_in_yaml(text: str, path: str) -> Iterator[Problem]:
    """Yield the places of such characters in a text that has none of the characters that YAML forbids."""
    return _places(INVISIBLE, text, path, HINT)


def is_text(content: bytes) -> bool:
    """Whether none of its first 8,000 bytes is NUL: git's own rule, so that whatever a review shows as text is one."""
    return b"\0" not in content[:_TEXT_UP_TO]


def hidden_in_script(content: bytes, path: str) -> Iterator[Problem]:
    """Yield the places of such characters, control characters among them, in a file that lies beside a plan.

    A byte order mark may begin a text that has no `#!`, which would not be seen behind it.
    """
    if not is_text(content):
        return
    text = content.decode("utf-8", "surrogateescape")
    begins = 1 if text.startswith(_MARK) and not text.startswith(f"{_MARK}#!") else 0
    yield from _places(HIDDEN, text, path, f"{HINT}; a file that needs it goes into a package", begins)


def hidden_in_calendar(text: str) -> str | None:
    """Return the line of the first such character in an iCalendar text, and what is wrong with it.

    What joins letters or marks their direction is part of some languages, and of emoji: people's own words may have
    it, but nothing by which a time is decided.
    """
    looked_for = HIDDEN
    for number, line in enumerate(text.split("\n"), 1):
        if not line.startswith((" ", "\t")):  # else the line before goes on
            looked_for = MISLEADING if _FOR_PEOPLE.match(line) else HIDDEN
        if found := looked_for.search(line):
            return f"line {number}: {message(found[0])}"
    return None


def _places(pattern: re.Pattern[str], text: str, path: str, hint: str, begins: int = 0) -> Iterator[Problem]:
    for found in islice(pattern.finditer(text, begins), MOST_TOLD):
        before = text[: found.start()]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        yield Problem(path, line, column, RULE, message(found[0]), hint)
