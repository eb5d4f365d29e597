"""Does a command on a node end and print as expected?"""

from __future__ import annotations

import math
import re
from typing import Protocol

from deployplan.checks.reading import Figure, Observation, as_fail, as_pass, as_unknown, clip
from deployplan.plan.model.criterion_shapes import CommandExpect

NOT_RUN = {126: "could not be executed", 127: "was not found"}
KILLED = range(129, 166)
"""Exit codes that a shell gives for a command that a signal ended."""

_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")


class CommandResult(Protocol):
    """What a node gave back: the exit code (None or negative when there is none) and the output."""

    @property
    def exit(self) -> int | None: ...
    @property
    def stdout(self) -> bytes: ...
    @property
    def stderr(self) -> bytes: ...


def judge_output(expect: CommandExpect, result: CommandResult) -> Observation:
    """Judge a command that ended. One that never really ran, or was killed, has told nothing: unknown."""
    output = result.stdout.decode("utf-8", "replace").strip()
    if result.exit is None or result.exit < 0:
        return as_unknown("the command ended without an exit code")
    if result.exit != expect.exit:
        return _wrong_exit(result, expect.exit)
    if expect.stdout is not None and output != expect.stdout.strip():
        return as_fail(f"printed {clip(output)!r}, expected {clip(expect.stdout)!r}")
    if expect.stdout_min is not None or expect.stdout_max is not None:
        return _judge_number(output, expect.stdout_min, expect.stdout_max)
    return as_pass(f"exit {result.exit}" + (f", printed {clip(output)!r}" if output else ""))


def _wrong_exit(result: CommandResult, expected: int) -> Observation:
    said = clip(result.stderr.decode("utf-8", "replace") or result.stdout.decode("utf-8", "replace"))
    what = f": {said}" if said else ""
    if result.exit in NOT_RUN:
        return as_unknown(f"the command {NOT_RUN[result.exit]} (exit {result.exit}){what}")
    if result.exit in KILLED:
        return as_unknown(f"the command was killed (exit {result.exit}){what}")
    return as_fail(f"exit {result.exit}, expected {expected}{what}")


def _judge_number(output: str, least: float | None, most: float | None) -> Observation:
    if not _NUMBER.fullmatch(output) or not math.isfinite(float(output)):
        told = f"printed {clip(output)!r}, which is not a number" if output else "printed nothing"
        return as_unknown(told, Figure(None, least, most))
    number = float(output)
    figure = Figure(number, least, most)
    if least is not None and number < least:
        return as_fail(f"printed {output}, expected at least {least:g}", figure)
    if most is not None and number > most:
        return as_fail(f"printed {output}, expected at most {most:g}", figure)
    return as_pass(f"printed {output}", figure)
