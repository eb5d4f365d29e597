"""Regular expressions that a document states: the syntax of RE2, whose search takes time in proportion to the text.

Python's own `re` tries again and again: `^(a+)+$` and one line of 50 letters keep it busy for years, and with it every
plan whose waits are kept by the same process.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Protocol

LONGEST = 1000
"""Characters of a pattern."""
LARGEST = 1000
"""Instructions of a pattern: the time for a text is at worst in proportion to them, and `x{999}` has as many."""
_MEMORY = 1024 * 1024
_WHOLE_TEXT = re.compile(r"\\[Az]|\(\?[imsU]*-[imsU]*m")
_IN_OUR_WORDS = {
    "invalid perl operator": "RE2 has no such operator",
    "invalid escape sequence": "RE2 has no such escape",
    "invalid repetition size": "at most 1000 repetitions are taken, inner ones multiplied",
    "invalid character class": "there is no such set of characters",
    "invalid character class range": "a range runs upwards",
    "invalid UTF-8": "it is not UTF-8",
    "invalid named capture group": "there is no such group",
}


class Pattern(Protocol):
    """A pattern that was compiled."""

    @property
    def programsize(self) -> int:
        """How many instructions it has."""

    def search(self, text: str | bytes) -> Any:
        """Return the first match, None when there is none; bytes are read as UTF-8."""


class PatternRefused(ValueError):
    """A text is no pattern that can be searched for in bounded time; the message says why."""


@lru_cache(maxsize=256)
def compile_pattern(text: str) -> Pattern:
    """Return the pattern, to be searched for in one line or in many at once: a match never goes beyond a line's end.

    `^` and `$` stand for the beginning and the end of a line, whatever the pattern says. Raises PatternRefused.
    """
    import re2  # type: ignore[import-untyped]  # 20 ms: only where a document states a pattern

    if len(text) > LONGEST:
        raise PatternRefused(f"it has {len(text)} characters; at most {LONGEST} are taken")
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    options.never_capture = True
    options.never_nl = True
    try:
        re2.compile(text, options)  # by itself first: `a)(b` is none, though it is one between our brackets
        pattern: Any = re2.compile(f"(?m:{text})", options)
    except (re2.error, UnicodeError) as error:
        raise PatternRefused(_why(error)) from None
    if _WHOLE_TEXT.search(text.replace(r"\\", "")):
        raise PatternRefused(r"it speaks of a whole text (\A, \z, (?-m)); for a line's beginning and end write ^ and $")
    if pattern.programsize > LARGEST:
        raise PatternRefused(f"it has {pattern.programsize} instructions; at most {LARGEST} are taken")
    return pattern  # type: ignore[no-any-return]


def _why(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(error)
    what, _, where = text.partition(": ")
    return f"{_IN_OUR_WORDS.get(what, what)}: {where}" if where else text
