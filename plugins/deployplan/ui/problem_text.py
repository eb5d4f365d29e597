"""A problem of a file as people read it: the source line with its caret, and how to mend it."""

from functools import lru_cache

from deployplan.plain_file import read_plain
from deployplan.plan.text.problem import Problem

UNREAD = ("file-readable", "file-size")


def in_full(problem: Problem) -> str:
    """Return the problem with its source line, the caret below it, and its hint."""
    hint = f"hint: {problem.hint}" if problem.hint else ""
    return "\n".join(part for part in (problem.text(), snippet_of(problem), hint) if part)


def snippet_of(problem: Problem) -> str:
    """Return the source line and the caret below it; nothing of a file that was not read."""
    # What the load did not read must not be shown either: it may lie outside of the include folder.
    return problem.snippet("" if problem.rule in UNREAD else _source(problem.path))


def forget_sources() -> None:
    """Read the files anew: for a process that lives on while they change."""
    _source.cache_clear()


@lru_cache(maxsize=64)
def _source(path: str) -> str:
    try:
        return read_plain(path).decode("utf-8-sig", errors="replace")
    except OSError:
        return ""
