"""Bytes of a log, in chunks as they come, into lines for people."""

import codecs
from collections.abc import Callable

LONGEST = 8192
"""Characters after which a line is broken: a script that never ends its line must not fill the memory."""


class Lines:
    """Splits a byte stream into lines; text that is not UTF-8 shows as replacement characters."""

    def __init__(self, on_line: Callable[[str], object]) -> None:
        self._on_line = on_line
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""

    def feed(self, data: bytes) -> None:
        """Take the next bytes and pass on the lines that are complete."""
        *complete, self._rest = (self._rest + self._decoder.decode(data)).split("\n")
        for line in complete:
            self._emit(line)
        while len(self._rest) > LONGEST:
            self._emit(self._rest[:LONGEST])
            self._rest = self._rest[LONGEST:]

    def close(self) -> None:
        """Pass on what is left without a line end."""
        self._rest += self._decoder.decode(b"", final=True)
        if self._rest:
            self._emit(self._rest)
            self._rest = ""

    def _emit(self, line: str) -> None:
        self._on_line(line.rstrip("\r"))
