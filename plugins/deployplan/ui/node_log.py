"""What a node's scripts said, out of the log of the task that watched them: bounded, whatever the log holds."""

import json
from collections import deque
from collections.abc import Iterator
from typing import Any

from deployplan.printable import printable

MOST_LINES, LONGEST_LINE = 2000, 1000
"""Lines that are kept, the last, and characters of each."""
LONGEST_PIECE = 1 << 20
"""Bytes of one line of the task's log that are read; a longer one is passed over."""


class NodeLog:
    """Takes a task's log as Airflow streams it, one JSON object a line, and keeps the lines of one node."""

    def __init__(self, node: str) -> None:
        self._mark = f"{node} | "
        self._rest = bytearray()
        self._lines: deque[str] = deque(maxlen=MOST_LINES)
        self._found = 0

    def take(self, piece: bytes) -> None:
        """Take the next bytes of the log."""
        *whole, rest = (bytes(self._rest) + piece).split(b"\n")
        self._rest = bytearray(rest[: LONGEST_PIECE + 1])
        for line in whole:
            self._keep(line)

    def text(self) -> str:
        """Return the node's lines, each on one line that cannot steer a terminal; of many, the last."""
        self._keep(bytes(self._rest))
        self._rest.clear()
        return "".join(f"{line}\n" for line in self._told())

    def _told(self) -> Iterator[str]:
        if (left_out := self._found - len(self._lines)) > 0:
            yield f"… {left_out} earlier lines are left out here; the task's log in Airflow has them"
        yield from self._lines

    def _keep(self, line: bytes) -> None:
        said = None if len(line) > LONGEST_PIECE else _event_in(line)
        if said is not None and said[0].startswith(self._mark):
            event, at = said
            shown = printable(event.removeprefix(self._mark))
            self._found += 1
            self._lines.append(f"{at}  {shown if len(shown) <= LONGEST_LINE else shown[:LONGEST_LINE] + '…'}")


def _event_in(line: bytes) -> tuple[str, str] | None:
    """The words of an entry of the log, and its time to the second, in UTC; None for what is none."""
    try:
        entry: Any = json.loads(line)
        return str(entry["event"]), str(entry.get("timestamp") or "")[:19].replace("T", " ")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
