"""A query of PromQL as text: which placeholders are in it, which series it names, and how a value is put into it.

Nothing here understands what a query means; the server does. Braces around one word are no PromQL, so that `{node}` is
told from a matcher; a placeholder stands within quotes, where a value can be escaped and is never part of the query.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

LONGEST = 4000
"""Characters of a query; it travels in an address."""

_TOKEN = re.compile(
    r"""(?P<blank>\s+|\#[^\n]*)
    |(?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`[^`]*`)
    |(?P<slot>(?<!\$)\{[A-Za-z_]\w*\})
    |(?P<word>[A-Za-z_:][\w:]*)
    |(?P<number>[0-9.][\w.]*)
    |(?P<sign>=~|!~|==|!=|>=|<=|.)""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_SLOT = re.compile(r"(?<!\$)\{([A-Za-z_]\w*)\}", re.ASCII)
"""A placeholder; `${name}` is a group of label_replace."""
_LABELS_FOLLOW = frozenset({"by", "without", "on", "ignoring", "group_left", "group_right"})
_NO_SERIES = frozenset({"and", "or", "unless", "atan2", "bool", "offset", "inf", "nan"})
_CLOSES = {"(": ")", "[": "]", "{": "}"}


class NoQuery(ValueError):
    """A text cannot be asked as a query: the message says why, `hint` what would be right."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


def _tokens(query: str) -> Iterator[_Token]:
    for found in _TOKEN.finditer(query):
        yield _Token(str(found.lastgroup), found[0], *found.span())


def query_placeholders(query: str) -> tuple[str, ...]:
    """Return the names of the placeholders, each once, in order."""
    texts = (token.text for token in _tokens(query) if token.kind in ("text", "slot"))
    return tuple(dict.fromkeys(name for text in texts for name in _SLOT.findall(text)))


def check_query(query: str) -> None:
    """Raise NoQuery when it cannot be asked: too long, a quote open, a placeholder that would be code, no series."""
    if len(query) > LONGEST:
        raise NoQuery(f"it has {len(query)} characters; at most {LONGEST} are asked", "have a recording rule for it")
    for token in _tokens(query):
        if token.kind == "slot":
            hint = f'write it within quotes, as a value of a label: instance="{token.text}"'
            raise NoQuery(f"{token.text} stands outside of quotes", hint)
        if token.kind == "sign" and token.text in "\"'`":
            raise NoQuery(f"a quote is not closed: {query[token.start : token.start + 40]}", "close it on its line")
    if not selectors(query):
        raise NoQuery("it names no series, so that it says the same whatever happens", 'write one like up{job="shop"}')


def fill_query(query: str, values: Mapping[str, str | int]) -> str:
    """Return the query with values in place of its placeholders, each escaped for the quotes and the matcher around it.

    Raises KeyError with the name of a value that is missing, NoQuery for one that its quotes cannot hold.
    """
    pieces, before = [], ""
    for token in _tokens(query):
        if token.kind == "text":
            pieces.append(_filled(token.text, values, pattern=before in ("=~", "!~")))
        else:
            pieces.append(token.text)
        if token.kind != "blank":
            before = token.text
    return "".join(pieces)


def _filled(text: str, values: Mapping[str, str | int], *, pattern: bool) -> str:
    escape = _in_quotes(text[0])

    def put(found: re.Match[str]) -> str:
        value = str(values[found[1]])
        return escape(re.sub(r"[^\w]", r"\\\g<0>", value, flags=re.ASCII) if pattern else value)

    return _SLOT.sub(put, text)


def _in_quotes(quote: str) -> Callable[[str], str]:
    def escape(value: str) -> str:
        if quote == "`":
            if "`" in value:
                raise NoQuery(f"{value!r} cannot stand between backticks", 'write "…" around the placeholder')
            return value
        return value.replace("\\", "\\\\").replace(quote, f"\\{quote}").replace("\n", "\\n")

    return escape


def selectors(query: str) -> tuple[str, ...]:
    """Return the selectors of series that a query names, each once, without ranges and offsets: `up{job="shop"}`."""
    tokens = [token for token in _tokens(query) if token.kind != "blank"]
    return tuple(dict.fromkeys(query[first.start : last.end] for first, last in _selected(tokens)))


def _selected(tokens: list[_Token]) -> Iterator[tuple[_Token, _Token]]:
    """Yield the first and last token of each selector."""
    place = 0
    while place < len(tokens):
        token, after = tokens[place], tokens[place + 1].text if place + 1 < len(tokens) else ""
        if token.kind == "word" and token.text.lower() in _LABELS_FOLLOW and after == "(":
            place = _closing(tokens, place + 1)
        elif token.text == "[":
            place = _closing(tokens, place)
        elif token.text == "{":
            end = _closing(tokens, place)
            yield token, tokens[end]
            place = end
        elif token.kind == "word" and _is_metric(token.text, after):
            end = _closing(tokens, place + 1) if after == "{" else place
            yield token, tokens[end]
            place = end
        place += 1


def _is_metric(word: str, after: str) -> bool:
    """Whether a word is the name of a metric: no function, aggregation or operator."""
    known = word.lower() in _NO_SERIES | _LABELS_FOLLOW
    return not known and after != "(" and after.lower() not in ("by", "without")


def _closing(tokens: list[_Token], place: int) -> int:
    """The place of the bracket that closes the one at `place`; the last place where none does."""
    opens, depth = tokens[place].text, 0
    for number in range(place, len(tokens)):
        depth += {opens: 1, _CLOSES[opens]: -1}.get(tokens[number].text, 0)
        if not depth:
            return number
    return len(tokens) - 1
