"""Markdown as typed blocks of text, so that a page needs no HTML to show it: whatever stands in it stays text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice

from markdown_it import MarkdownIt
from markdown_it.token import Token

from deployplan.printable import HIDDEN

MOST_BLOCKS = 2000
Span = dict[str, str]
"""`{"text": …, "as": "text" | "code" | "strong"}`."""
Block = dict[str, object]


def blocks_of(text: str) -> list[Block]:
    """Return headings, paragraphs, lists, tables and code, in order; no more than MOST_BLOCKS, the rest is told of."""
    shown = HIDDEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
    blocks = list(islice(_blocks(_parser().parse(shown)), MOST_BLOCKS + 1))
    if len(blocks) > MOST_BLOCKS:
        blocks[MOST_BLOCKS:] = [{"kind": "paragraph", "spans": [{"text": "… and more", "as": "text"}]}]
    return blocks


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    place = 0
    while place < len(tokens):
        token = tokens[place]
        end = _end_of(tokens, place)
        within = tokens[place + 1 : end]
        match token.type:
            case "heading_open":
                yield {"kind": "heading", "level": int(token.tag[1:]), "spans": _spans(within)}
            case "paragraph_open":
                yield {"kind": "paragraph", "spans": _spans(within)}
            case "bullet_list_open" | "ordered_list_open":
                items = [_spans(each) for each in _parts(within, "list_item_open")]
                yield {"kind": "list", "ordered": token.type.startswith("ordered"), "items": items}
            case "table_open":
                rows = [[_spans(cell) for cell in _cells(row)] for row in _parts(within, "tr_open")]
                yield {"kind": "table", "head": rows[0] if rows else [], "rows": rows[1:]}
            case "fence" | "code_block":
                yield {"kind": "code", "text": token.content}
            case "blockquote_open":
                yield from _blocks(within)
        place = max(end, place) + 1


def _end_of(tokens: Sequence[Token], place: int) -> int:
    """Where what opens at `place` closes; the place itself where nothing opens."""
    depth = 0
    for number in range(place, len(tokens)):
        depth += tokens[number].nesting
        if depth <= 0:
            return number
    return len(tokens)


def _parts(tokens: Sequence[Token], kind: str) -> Iterator[Sequence[Token]]:
    """What stands in each part of this kind, however deep."""
    place = 0
    while place < len(tokens):
        if tokens[place].type == kind:
            end = _end_of(tokens, place)
            yield tokens[place + 1 : end]
            place = end
        place += 1


def _cells(row: Sequence[Token]) -> Iterator[Sequence[Token]]:
    for place, token in enumerate(row):
        if token.type in ("th_open", "td_open"):
            yield row[place + 1 : _end_of(row, place)]


def _spans(tokens: Sequence[Token]) -> list[Span]:
    """The text of inline tokens and how it is shown; a link is its text, and where it leads behind it."""
    spans: list[Span] = []
    for token in tokens:
        strong = 0
        for child in token.children or ():
            if child.type in ("strong_open", "strong_close"):
                strong += child.nesting
            elif child.type == "code_inline":
                spans.append({"text": child.content, "as": "code"})
            elif child.type in ("softbreak", "hardbreak"):
                spans.append({"text": " ", "as": "text"})
            elif child.content:
                spans.append({"text": child.content, "as": "strong" if strong else "text"})
            elif child.type == "link_open":
                spans.append({"text": f"({child.attrs.get('href', '')}) ", "as": "text"})
    return spans
