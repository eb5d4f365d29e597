"""YAML events to located values, within bounds.

PyYAML's own composer is recursive in C and takes the process down when a text is nested deep enough; events are not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    StreamEndEvent,
)

from deployplan.plan.text import hidden
from deployplan.plan.text.located import Located
from deployplan.plan.text.problem import Position, Problem
from deployplan.plan.text.scalars import Plain, quote_value
from deployplan.printable import HIDDEN

MAX_VALUES = 20_000
MAX_DEPTH = 40
_NULLS = {"", "~", "null", "Null", "NULL"}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class ReadingStopped(Exception):
    """Reading cannot go on."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.text())
        self.problem = problem


@dataclass(frozen=True, slots=True)
class _Anchored:
    """A value that aliases may stand for, with the number of values and levels that it brings along."""

    value: Located
    size: int
    height: int


class YamlPass:
    """One pass over a text, which collects problems on its way."""

    def __init__(self, text: str, path: str) -> None:
        self.path = path
        self._text = text
        self.problems: list[Problem] = []
        self._parser: Any = _LOADER(text)
        self._next: Callable[[], Any] = self._parser.get_event
        self._count = 0
        self._height = 0
        self._anchors: dict[str, _Anchored | None] = {}

    def tree(self) -> Located:
        """Return the text's one value, None for an empty text. Raises Stopped, or YAMLError for bad syntax."""
        try:
            self._next()
            if self._comes(StreamEndEvent):
                return Located(None, Position(self.path))
            self._next()
            found = self._value(self._next(), depth=0)
            self._next()
            if not self._comes(StreamEndEvent):
                self._stop(self._next(), "yaml-syntax", "a second document begins; a file holds one")
            return found
        finally:
            self._parser.dispose()

    def _comes(self, kind: type[Event]) -> bool:
        return isinstance(self._parser.peek_event(), kind)

    def _value(self, event: AliasEvent | ScalarEvent | CollectionStartEvent, depth: int) -> Located:
        self._count += 1
        self._bound(event, depth)
        if isinstance(event, ScalarEvent) and event.anchor is None and event.tag is None:  # nearly all are
            self._height = self._height or 1
            return self._scalar(event)
        if isinstance(event, AliasEvent):
            return self._alias(event, depth)
        if event.tag is not None:
            self._add(event, "yaml-tag", f"tag {event.tag} is not part of the format", "write the value without !")
        count, outer = self._count, self._height
        self._height = 0
        if event.anchor:
            self._anchors[event.anchor] = None  # its value is not known while it is being read
        found = self._scalar(event) if isinstance(event, ScalarEvent) else self._collection(event, depth)
        if event.anchor:
            self._anchors[event.anchor] = _Anchored(found, self._count - count + 1, self._height)
        self._height = max(outer, self._height + 1)
        return found

    def _collection(self, event: CollectionStartEvent, depth: int) -> Located:
        if isinstance(event, MappingStartEvent):
            return self._mapping(event, depth)
        items = []
        while not isinstance(item := self._next(), CollectionEndEvent):
            items.append(self._value(item, depth + 1))
        return Located(tuple(items), self._place(event, item))

    def _mapping(self, event: MappingStartEvent, depth: int) -> Located:
        values: dict[str, Located] = {}
        keys: dict[str, Position] = {}
        while not isinstance(key_event := self._next(), CollectionEndEvent):
            key = self._key(key_event, depth)
            value = self._value(self._next(), depth + 1)
            if key in values:
                message = f"key {quote_value(key)} is there twice; the first stands in line {keys[key].line}"
                self._add(key_event, "duplicate-key", message)
            elif key is not None:
                keys[key], values[key] = self._place(key_event), value
        return Located(values, self._place(event, key_event), keys)

    def _key(self, event: AliasEvent | ScalarEvent | CollectionStartEvent, depth: int) -> str | None:
        if not isinstance(event, ScalarEvent):
            self._add(event, "yaml-syntax", "a key is a text, not a list, mapping or alias", "quote it if it is a text")
            self._value(event, depth + 1)
            return None
        if not event.style and event.value == "<<":
            hint = "put what is common into a procedure"
            self._add(event, "yaml-merge", "merge keys (<<) are not part of the format", hint)
            return None
        self._check_escapes(event)
        return str(event.value)

    def _alias(self, event: AliasEvent, depth: int) -> Located:
        if event.anchor not in self._anchors:
            self._stop(event, "yaml-alias", f"alias *{event.anchor} has no anchor &{event.anchor} before it")
        anchored = self._anchors[event.anchor]
        if anchored is None:
            self._stop(event, "yaml-alias", f"alias *{event.anchor} contains itself")
        self._count += anchored.size
        self._bound(event, depth + anchored.height)
        self._height = max(self._height, anchored.height + 1)
        return anchored.value

    def _scalar(self, event: ScalarEvent) -> Located:
        if event.style == '"':
            self._check_escapes(event)
        value: Any = str(event.value) if event.style else None if event.value in _NULLS else Plain(event.value)
        return Located(value, self._place(event))

    def _check_escapes(self, event: ScalarEvent) -> None:
        """An escape like `\\u202e` is seen by who reads the file, and not by who reads a card."""
        found = HIDDEN.search(event.value)
        if found is not None and found[0] not in self._text:
            self._add(event, hidden.RULE, hidden.message(found[0]), hidden.HINT)

    def _bound(self, event: Event, depth: int) -> None:
        if self._count > MAX_VALUES:
            message = f"the file holds more than {MAX_VALUES} values once its aliases are written out"
            self._stop(event, "yaml-alias", message)
        if depth > MAX_DEPTH:
            self._stop(event, "yaml-depth", f"values are nested more than {MAX_DEPTH} deep")

    def _stop(self, event: Event, rule: str, message: str) -> NoReturn:
        raise ReadingStopped(Problem.at(self._place(event), rule, message))

    def _add(self, event: NodeEvent, rule: str, message: str, hint: str | None = None) -> None:
        self.problems.append(Problem.at(self._place(event), rule, message, hint))

    def _place(self, event: Event, last: Event | None = None) -> Position:
        start: Any = event.start_mark
        end: Any = (last or event).end_mark
        line, column = start.line, start.column
        width = end.column - column if end.line == line else 1
        return Position(self.path, line + 1, column + 1, width or 1)
