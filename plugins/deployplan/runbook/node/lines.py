"""Bytes of a log, in chunks as they come, into whole lines that a person may read: no secrets, no terminal codes."""

import codecs
import re

from deployplan.remote.masking import NOTHING, Masks

LONGEST = 8192
"""Characters after which a line is broken: a script that never ends its line must not fill the memory."""
CONTINUED = "…"
"""What a piece of a broken line begins with, so that it does not look like the beginning of a line."""
SEAM = 256
"""Characters on both sides of a break that are also looked at in one piece."""

# Colours and cursor moves, titles of windows (which never go beyond a line's end), and the shorter codes.
_CODES = re.compile(r"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\x07\x1b\r\n]{0,256}(?:\x07|\x1b\\)|[@-Z\\-_])?")


class Lines:
    """Splits a byte stream into lines; text that is not UTF-8 shows as replacement characters.

    What `feed` and `close` return consists of whole lines. A line ends in a line feed; what ends in a carriage return
    was overwritten by what follows it, as progress bars do. `seams` are the places where a long line was broken.
    """

    def __init__(self, masks: Masks = NOTHING) -> None:
        self._masks = masks
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self.seams: list[str] = []

    def feed(self, data: bytes) -> str:
        """Take the next bytes and return the lines that are complete."""
        self.seams = []
        text = self._rest + self._decoder.decode(data)
        end = max(text.rfind("\n"), text.rfind("\r")) + 1
        whole, self._rest = self._clean(text[:end]), text[end:]
        # A secret may go over the break: so much is kept back that its end has come, too.
        if len(self._rest) > LONGEST + self._masks.longest:
            self._rest = self._clean(self._rest)
        while len(self._rest) > LONGEST + self._masks.longest:
            self.seams.append(CONTINUED + self._rest[LONGEST - SEAM : LONGEST + SEAM])
            whole += self._rest[:LONGEST] + "\n"
            self._rest = CONTINUED + self._rest[LONGEST:]
        return whole

    def close(self) -> str:
        """Return what is left without a line end, as a line."""
        self.seams = []
        rest, self._rest = self._clean(self._rest + self._decoder.decode(b"", final=True)), ""
        return rest + "\n" if rest else ""

    def _clean(self, text: str) -> str:
        return self._masks(_CODES.sub("", text) if "\x1b" in text else text)
