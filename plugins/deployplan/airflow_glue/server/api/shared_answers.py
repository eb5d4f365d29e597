"""Answers for all who see the same: made once for each set of rights, of what was read last."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, NamedTuple

from deployplan.ui.tonight_json import etag_of

MOST = 64
"""Sets of rights whose answers are kept."""


class MadeAnswer(NamedTuple):
    """The JSON of an answer, and its ETag."""

    body: bytes
    tag: str


class SharedAnswers:
    """Keeps the answers made of one reading; with the next reading they are gone. Threads may share it."""

    def __init__(self) -> None:
        self._read: object = None
        self._made: dict[Hashable, MadeAnswer] = {}
        self._lock = Lock()

    def of(self, read: object, rights: Hashable, make: Callable[[], dict[str, Any]]) -> MadeAnswer:
        """Return what `make` makes of `read` for who has these `rights`; they must decide all of it."""
        with self._lock:
            if self._read is not read or len(self._made) >= MOST:
                self._read, self._made = read, {}
            if rights not in self._made:
                content = make()
                body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
                self._made[rights] = MadeAnswer(body, etag_of(content))
            return self._made[rights]
