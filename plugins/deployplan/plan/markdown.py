"""Pieces of markdown in which any text arrives as the characters it is."""

import re
from collections.abc import Iterable, Sequence

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~$])")


def text(value: object) -> str:
    """Return a value as running text on one line, with nothing in it that markdown would read."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(value).split()))


def code(value: object) -> str:
    """Return a value as inline code; a backtick inside gets a longer fence."""
    line = " ".join(str(value).splitlines()).replace("|", "\\|")
    fence = "`" * (max((len(run) for run in re.findall(r"`+", line)), default=0) + 1)
    pad = " " if "`" in line else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table of cells that are markdown already; no lines when there are no rows."""
    body = [f"| {' | '.join(row)} |" for row in rows]
    return [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *body] if body else []


def facts(pairs: Iterable[tuple[str, object]]) -> list[str]:
    """Return a list of `- **name**: value`; those without value are left out."""
    return [f"- **{name}**: {value}" for name, value in pairs if value]
