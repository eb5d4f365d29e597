"""Words for a shell: quoting and masking as types, so that neither can be forgotten."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from types import MappingProxyType
from typing import TypeAlias

MASK = "***"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]+\Z")


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that is never shown: its text and repr are a mask; `reveal()` is the only way to it."""

    _value: str = field(repr=False)

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return f"Secret('{MASK}')"

    def __str__(self) -> str:
        return MASK


Value: TypeAlias = str | Secret


def quote(text: str) -> str:
    """Return `text` as one shell word that every POSIX shell reads as exactly these characters.

    A NUL cannot be part of a shell word: ValueError.
    """
    if "\0" in text:
        raise ValueError(f"a NUL character cannot be passed to a shell: {text[:60]!r}")
    if _PLAIN.match(text) and not text.startswith(("=", "-", "~")):
        return text
    return "'" + text.replace("'", "'\\''") + "'"


def exports(env: Mapping[str, Value]) -> str:
    """Return shell lines that export `env`; secrets are revealed here, so the lines may only travel on stdin."""
    return "".join(f"export {variable(name)}={quote(_plain(value))}\n" for name, value in env.items())


def variable(name: str) -> str:
    """Return `name` if it can name an environment variable, else raise ValueError."""
    if not _VARIABLE.match(name):
        raise ValueError(f"environment variable {name!r}: letters, digits and _ only, not beginning with a digit")
    return name


def _plain(value: Value) -> str:
    return value.reveal() if isinstance(value, Secret) else value


class Command:
    """A program and its words; `env` may hold secrets, words may not (a node shows them to all its users)."""

    def __init__(self, *words: str | PathLike[str], env: Mapping[str, Value] | None = None) -> None:
        if not words:
            raise ValueError("a command needs at least one word")
        if any(isinstance(word, Secret) for word in words):
            raise ValueError(
                "a secret cannot be a word of a command: every user of the node could read it; pass it in env"
            )
        self.words = tuple(str(word) for word in words)
        self.env: Mapping[str, Value] = MappingProxyType(dict(env or {}))

    def to_shell(self) -> str:
        """Return the shell text, secrets included; only a transport asks for it."""
        return exports(self.env) + " ".join(quote(word) for word in self.words)

    def __str__(self) -> str:
        shown = [f"{name}={MASK if isinstance(value, Secret) else quote(value)}" for name, value in self.env.items()]
        return " ".join([*shown, *(quote(word) for word in self.words)])

    def __repr__(self) -> str:
        return f"Command({str(self)!r})"


def as_first_line_says(text: str) -> str:
    """Return shell text that runs `text` as its `#!` line says, as the kernel does with a file; else as it is.

    The interpreter reads it from a pipe that is not its stdin.
    """
    if not text.startswith("#!"):
        return text
    program, *argument = text[2:].split("\n", 1)[0].strip(" \t").split(None, 1) or ["sh"]
    words = " ".join(quote(word) for word in (program, *argument))
    return f"printf '%s\\n' {quote(text)} | {{ exec {words} /dev/fd/3 3<&0 </dev/null; }}"
