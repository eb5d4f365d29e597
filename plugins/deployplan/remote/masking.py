"""Secrets in texts: replaced in every form in which a script is likely to print them."""

import base64
import html
import json
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

from deployplan.remote.command import MASK
from deployplan.remote.command import quote as shell_quote

SHORTEST = 4
"""Characters below which a value is left alone: it would be found in every text, and hides nothing."""
CUT = "…"
"""What stands where a text was cut off."""
_SHORTEST_PIECE = 8
_COLUMNS = 76  # base64 breaks its lines there


class Masks:
    """Replaces values in texts, also as base64 at any place in what was encoded, URL-quoted, in JSON, HTML and shell.

    A value of several lines is replaced line by line, as output comes. `longest` is the length of the longest form.
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        forms = {form for value in values if len(value) >= SHORTEST for form in _forms(value) if len(form) >= SHORTEST}
        self._forms = sorted(forms, key=lambda form: (-len(form), form))
        self.longest = max(map(len, forms), default=0)

    def __call__(self, text: str) -> str:
        for form in self._forms:
            if form in text:
                text = text.replace(form, MASK)
        return text

    def cut(self, text: str) -> str:
        """The same for a text that was cut off at its ends, or where it has an ellipsis, perhaps within a value."""
        if not self._forms:
            return text
        pieces = self(text).split(CUT)
        return CUT.join(self._without_end(self._without_beginning(piece)) for piece in pieces)

    def facts(self, value: object) -> object:
        """Every text in a value of evidence, names of facts aside."""
        if isinstance(value, str):
            return self.cut(value)
        if isinstance(value, dict):
            return {key: self.facts(item) for key, item in value.items()}
        return [self.facts(item) for item in value] if isinstance(value, list | tuple) else value

    def _without_end(self, text: str) -> str:
        found = max((_overlap(text, form) for form in self._forms), default=0)
        return text[: len(text) - found] + MASK if found else text

    def _without_beginning(self, text: str) -> str:
        found = max((_overlap(text[::-1], form[::-1]) for form in self._forms), default=0)
        return MASK + text[found:] if found else text


def _overlap(text: str, form: str) -> int:
    """How many characters at the end of the text are the beginning of the form; 0 when too few to tell."""
    most = min(len(form) - 1, len(text))
    return next((length for length in range(most, SHORTEST - 1, -1) if text.endswith(form[:length])), 0)


def _forms(value: str) -> Iterator[str]:
    yield from _spelt(value)
    lines = [line.strip() for line in value.splitlines()]
    if len(lines) > 1:
        for line in lines:
            if len(line) >= _SHORTEST_PIECE:
                yield from _spelt(line)


def _spelt(value: str) -> Iterator[str]:
    yield value
    yield shell_quote(value).strip("'") if "\0" not in value else value
    yield html.escape(value)
    yield repr(value)[1:-1]
    for ascii_only in (True, False):
        yield json.dumps(value, ensure_ascii=ascii_only)[1:-1]
    raw = value.encode("utf-8", "replace")
    for quoted in (quote(raw), quote(raw, safe=""), quote_plus(raw)):
        yield quoted
        yield _lower_hex(quoted)
    for alphabet in (base64.b64encode, base64.urlsafe_b64encode):
        for before in range(3):
            yield from _in_base64(raw, before, alphabet(bytes(before) + raw).decode())


def _lower_hex(quoted: str) -> str:
    first, *rest = quoted.split("%")
    return "%".join([first, *(piece[:2].lower() + piece[2:] for piece in rest)])


def _in_base64(value: bytes, before: int, encoded: str) -> Iterator[str]:
    """The part of the encoding that is the same whatever comes before and after the value, and its lines."""
    text = encoded[-(-before * 8 // 6) : (before + len(value)) * 8 // 6]
    if len(text) >= _SHORTEST_PIECE or before == 0:
        yield text
    if len(text) > _COLUMNS and before == 0:
        yield from (line for at in range(0, len(text), _COLUMNS) if len(line := text[at : at + _COLUMNS]) >= 16)


NOTHING = Masks()
