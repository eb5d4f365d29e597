"""Pieces of markdown in which any text arrives as the characters it is.

Whatever a plan, a node or a response said comes into a card or a DAG's description through `text` or `code`, and
through nothing else. What a node or a response said goes through `code`, in which no address becomes a link.
"""

import re
from collections.abc import Iterable, Sequence

from deployplan.printable import printable

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~$&])")
_BEGINS_BLOCK = re.compile(r"^(?:([-+])(?=\s|$)|([-=])(?=[-=\s]*$)|(\d+)([.)])(?=\s|$))")


def running_text(value: object) -> str:
    """Return a value as running text on one line, with nothing in it that markdown would read."""
    line = _SPECIAL.sub(r"\\\1", printable(" ".join(str(value).split())))
    return _BEGINS_BLOCK.sub(lambda found: f"{found[3] or ''}\\{found[1] or found[2] or found[4]}", line)


def code(value: object) -> str:
    """Return a value as inline code on one line; a backtick inside gets a longer fence, no value is no code."""
    line = printable(" ".join(str(value).split("\n"))).replace("|", "\\|")
    if not line.strip():
        return ""
    fence = "`" * (max((len(run) for run in re.findall(r"`+", line)), default=0) + 1)
    pad = " " if "`" in line else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table of cells that are markdown already; no lines when there are no rows."""
    body = [f"| {' | '.join(row)} |" for row in rows]
    return [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *body] if body else []


def fact_list(pairs: Iterable[tuple[str, object]]) -> list[str]:
    """Return a list of `- **name**: value`; those without value are left out."""
    return [f"- **{name}**: {value}" for name, value in pairs if value]
