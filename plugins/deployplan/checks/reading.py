"""What did production answer: pass, fail, or we do not know?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

LONGEST_OBSERVED = 400


class Answer(StrEnum):
    """The three answers. Unknown is never success."""

    PASS = "pass"  # noqa: S105 - an answer, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Figure:
    """The number that was seen, None where it is none, and between which bounds it should be."""

    value: float | None
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer of one criterion: `observed` tells what was seen, `at` when, `seconds` how long it took.

    `figure` is the number that was judged, where one was wanted.
    """

    criterion: str
    node: str | None
    answer: Answer
    observed: str
    at: datetime
    seconds: float
    figure: Figure | None = None

    def as_json(self) -> dict[str, str | float | None]:
        """Return the reading as plain values for the evidence."""
        return {
            "criterion": self.criterion,
            "node": self.node,
            "answer": str(self.answer),
            "observed": self.observed,
            "at": self.at.isoformat(),
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen, and what it means."""

    answer: Answer
    observed: str
    figure: Figure | None = None


def as_pass(observed: str, figure: Figure | None = None) -> Observation:
    """Return that it is as expected."""
    return Observation(Answer.PASS, clip(observed, LONGEST_OBSERVED), figure)


def as_fail(observed: str, figure: Figure | None = None) -> Observation:
    """Return that it definitely is not as expected."""
    return Observation(Answer.FAIL, clip(observed, LONGEST_OBSERVED), figure)


def as_unknown(observed: str, figure: Figure | None = None) -> Observation:
    """Return that nobody can tell."""
    return Observation(Answer.UNKNOWN, clip(observed, LONGEST_OBSERVED), figure)


def clip(text: str, most: int = 80) -> str:
    """Return the text as one line of at most `most` characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
