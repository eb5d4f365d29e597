"""How problems and errors are printed."""

import json
from collections.abc import Iterable
from typing import Literal, NoReturn

import typer

from deployplan.plan.text.problem import Problem
from deployplan.ui.problem_text import in_full

Format = Literal["text", "json", "github"]
USAGE = 2


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


def summary(problems: Iterable[Problem]) -> str:
    """Return `2 errors, 1 warning`."""
    severities = [problem.severity for problem in problems]
    counts = [(severities.count(kind), kind) for kind in ("error", "warning") if kind in severities]
    return ", ".join(f"{count} {kind}{'s' if count != 1 else ''}" for count, kind in counts) or "no problems"
