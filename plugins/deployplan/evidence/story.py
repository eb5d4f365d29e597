"""What is the story of a run, told from its evidence, one line an entry?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC

from deployplan.canonical_json import canonical
from deployplan.evidence.entry import Entry, Json, plain
from deployplan.evidence.event import Event
from deployplan.evidence.kinds import KINDS
from deployplan.printable import printable

LONGEST_VALUE = 300

_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_FACT = re.compile(r"\{(\w+)(?:\?([^|{}]*)\|([^|{}]*))?\}")


def story(entries: Iterable[Entry]) -> str:
    """Return the run's story in order: number, time in UTC and a sentence, one line an entry."""
    return "".join(f"{describe_entry(entry)}\n" for entry in entries)


def describe_entry(entry: Entry) -> str:
    """Return one entry as a line of the story."""
    return f"{entry.seq:>4}  {entry.at.astimezone(UTC):%F %T} UTC  {sentence(entry)}"


def sentence(entry: Entry) -> str:
    """Return what an entry says, in words; facts that its kind does not declare follow as they are."""
    return _told(entry.kind, entry.facts)


def sentence_of(event: Event) -> str:
    """Return what the entry of an event says, word for word."""
    facts = plain(event.facts())
    assert isinstance(facts, dict)
    return _told(event.kind, facts)


def _told(name: str, facts: Mapping[str, Json]) -> str:
    kind = KINDS.get(name)
    if kind is None:
        return _one_line(f"{name}{_appended(facts)}")
    optional = _OPTIONAL.sub(lambda part: _part(part[1], facts), kind.line)
    rest = {fact: value for fact, value in facts.items() if fact not in kind.told}
    return _one_line(_filled(optional, facts) + _appended(rest))


def _part(text: str, facts: Mapping[str, Json]) -> str:
    return "" if any(_says_nothing(facts.get(name[1])) for name in _FACT.finditer(text)) else text


def _filled(text: str, facts: Mapping[str, Json]) -> str:
    def value(match: re.Match[str]) -> str:
        name, yes, no = match.groups()
        if name not in facts:
            return "?"
        if yes is None:
            return _shown(facts[name], short=name == "digest")
        return str(yes if facts[name] else no)

    return _FACT.sub(value, text)


def _appended(facts: Mapping[str, Json]) -> str:
    shown = [f"{name}={_shown(value)}" for name, value in facts.items() if not _says_nothing(value)]
    return f" [{', '.join(shown)}]" if shown else ""


def _says_nothing(value: Json) -> bool:
    return value is None or value in ("", [], {})


def _shown(value: Json, *, short: bool = False) -> str:
    match value:
        case None:
            text = "nothing"
        case bool():
            text = "yes" if value else "no"
        case "" | []:
            text = "nothing"
        case str():
            text = value[:12] if short else value
        case list():
            text = ", ".join(_shown(item) for item in value)
        case dict():
            text = canonical(value).decode()
        case _:
            text = str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def _one_line(text: str) -> str:
    """A value with a line break, or with a terminal's escape sequences, must not forge another line."""
    return printable(text).replace("\t", "\\t")
