"""What is wrong with a file, where, and how it is shown."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from deployplan.errors import DeployPlanError

_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
Severity = Literal["error", "warning"]


class Position(NamedTuple):
    """A place in a file; line and column count from 1, width in characters."""

    path: str
    line: int = 1
    column: int = 1
    width: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """One mistake in one place. Sorts by place; two with the same place, rule and message are the same problem."""

    path: str
    line: int
    column: int
    rule: str
    message: str
    hint: str | None = field(default=None, compare=False)
    severity: Severity = field(default="error", compare=False)
    width: int = field(default=1, compare=False)

    @classmethod
    def at(
        cls, place: Position, rule: str, message: str, hint: str | None = None, severity: Severity = "error"
    ) -> "Problem":
        """Return the problem at `place`."""
        return cls(place.path, place.line, place.column, rule, message, hint, severity, place.width)

    def text(self) -> str:
        """Return `path:line:col: message [rule]`; a warning says so before its message."""
        mark = "warning: " if self.severity == "warning" else ""
        return f"{self.path}:{self.line}:{self.column}: {mark}{self.message} [{self.rule}]"

    def snippet(self, source: str) -> str:
        """Return the source line, unprintable characters as blanks, and `^~~~` below it; nothing for an empty line."""
        lines = lines_of(source)
        if not 0 < self.line <= len(lines) or not lines[self.line - 1].strip():
            return ""
        line = "".join(character if character.isprintable() else " " for character in lines[self.line - 1])
        width = max(1, min(self.width, len(line) - self.column + 1))
        gutter = str(self.line)
        caret = " " * (self.column - 1) + "^" + "~" * (width - 1)
        return f"{gutter} | {line}\n{' ' * len(gutter)} | {caret}"

    def github(self) -> str:
        """Return a workflow command, so that the problem shows at its line of a pull request."""
        message = self.message if self.hint is None else f"{self.message}\nhint: {self.hint}"
        place = f"file={_property(self.path)},line={self.line},col={self.column}"
        return f"::{self.severity} {place},title={_property(self.rule)}::{_data(message)}"

    def as_json(self) -> dict[str, str | int | None]:
        """Return the problem as a JSON object."""
        return {
            "path": self.path,
            "line": self.line,
            "column": self.column,
            "rule": self.rule,
            "severity": self.severity,
            "message": self.message,
            "hint": self.hint,
        }


class PlanRejected(DeployPlanError):
    """A plan file cannot be used; `problems` says why, in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = in_order(problems)
        super().__init__("\n".join(map(_with_hint, self.problems)))

    def __reduce__(self) -> tuple[type["PlanRejected"], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


def _with_hint(problem: Problem) -> str:
    return f"{problem.text()}\n  hint: {problem.hint}" if problem.hint else problem.text()


def lines_of(text: str) -> list[str]:
    """Return the lines as YAML counts them; Python's own splitlines knows more line breaks."""
    return _LINE_BREAK.split(text)


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems sorted by place, each once.

    A time zone is taken over by all that has none: what is wrong with it is told once, where it stands.
    """
    zones: dict[tuple[str, int, int], Problem] = {}
    others: set[Problem] = set()
    for problem in problems:
        place = (problem.path, problem.line, problem.column)
        if problem.rule != "zone":
            others.add(problem)
        elif place not in zones or len(problem.message) < len(zones[place].message):
            zones[place] = problem
    return tuple(sorted([*others, *zones.values()]))


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
