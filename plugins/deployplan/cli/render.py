"""How problems and errors are printed."""

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal, NoReturn

import typer

from deployplan.plain_file import read_plain
from deployplan.plan.text.problem import Problem

Format = Literal["text", "json", "github"]
USAGE = 2
UNREAD = ("file-readable", "file-size")


def fail(message: str, hint: str | None = None, code: int = USAGE) -> NoReturn:
    """Print an error and its hint to stderr and end the command; 2 is the exit code for wrong usage."""
    typer.echo(f"error: {message}", err=True)
    if hint:
        typer.echo(f"hint: {hint}", err=True)
    raise typer.Exit(code)


def render_problems(problems: Iterable[Problem], form: Format) -> str:
    """Return the problems in one of three forms: for people, for programs, for GitHub's workflow log."""
    if form == "json":
        return json.dumps([problem.as_json() for problem in problems], indent=2, ensure_ascii=False)
    if form == "github":
        return "\n".join(problem.github() for problem in problems)
    return "\n".join(in_full(problem) for problem in problems)


def in_full(problem: Problem) -> str:
    """Return the problem with its source line, the caret below it, and its hint."""
    # What the load did not read must not be shown either: it may lie outside of the include folder.
    snippet = problem.snippet("" if problem.rule in UNREAD else _source(problem.path))
    hint = f"hint: {problem.hint}" if problem.hint else ""
    return "\n".join(part for part in (problem.text(), snippet, hint) if part)


def summary(problems: Iterable[Problem]) -> str:
    """Return `2 errors, 1 warning`."""
    severities = [problem.severity for problem in problems]
    counts = [(severities.count(kind), kind) for kind in ("error", "warning") if kind in severities]
    return ", ".join(f"{count} {kind}{'s' if count != 1 else ''}" for count, kind in counts) or "no problems"


@lru_cache(maxsize=64)
def _source(path: str) -> str:
    try:
        return read_plain(path).decode("utf-8-sig", errors="replace")
    except OSError:
        return ""
