"""Text that others wrote, as one line of characters that show: for logs, terminals, cards and messages."""

import re
from collections.abc import Iterable

MOST_NAMES = 20
"""Names that a message lists; the others are counted."""

# Format characters (Unicode's Cf) and the few others that take no room: what does not show, or turns the text round.
_INVISIBLE = (
    "\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f"
)
INVISIBLE = re.compile(f"[{_INVISIBLE}]")
"""A character that does not show, or that turns the direction of the text round."""
_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029"
HIDDEN = re.compile(f"[{_CONTROLS}{_INVISIBLE}]")
"""The same, and the control characters besides tab and line ends."""
MISLEADING = re.compile(f"[{_CONTROLS}\u202a-\u202e\u2066-\u2069]")
"""Of these, what no language needs: control characters, and what turns text round that is not its own."""
_UNSHOWN = re.compile(f"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff{_INVISIBLE}]")


def printable(text: object) -> str:
    """Return text as one line that can neither steer a terminal nor pass for another line; what was there is spelt."""
    return _UNSHOWN.sub(lambda found: found[0].encode("unicode_escape").decode(), str(text))


def printable_lines(text: str) -> str:
    """Return text of several lines in which nothing hides, steers, or turns the text round; what was there is spelt."""
    return HIDDEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def some_of(names: Iterable[str], most: int = MOST_NAMES) -> str:
    """Return names as a list in a sentence: `a, b and 98 more` beyond `most`; nothing when there are none."""
    known = list(names)
    return ", ".join(known[:most]) + (f" and {len(known) - most} more" if len(known) > most else "")


def unicode_name(character: str) -> str:
    """Return how the Unicode standard writes a character: U+202E."""
    return f"U+{ord(character):04X}"
