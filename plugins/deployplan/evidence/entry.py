"""What is one event in the evidence, and which bytes stand for it?"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

BEGINNING = "0" * 64
"""What the first entry names as its predecessor."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event: what happened (`kind`), its facts, and its place in the chain.

    `prev` is the hash of the entry before it, `hash` covers everything but itself and `mac`, and `mac` is the
    HMAC-SHA256 of `hash` under the signing key, None when the ledger is not signed.
    """

    seq: int
    at: datetime
    kind: str
    facts: Mapping[str, Json]
    prev: str
    hash: str
    mac: str | None = None

    @classmethod
    def of(
        cls, seq: int, at: datetime, kind: str, facts: Mapping[str, object], *, prev: str, key: bytes | None
    ) -> Entry:
        """Make the entry that follows `prev`; facts become plain JSON values, durations become seconds."""
        kept = {str(name): plain(value) for name, value in facts.items()}
        digest = _hash(seq, at, kind, kept, prev)
        return cls(seq, at, kind, kept, prev, digest, None if key is None else sign(digest, key))

    def as_json(self) -> dict[str, Json]:
        """Return the entry as it is stored."""
        entry = _body(self.seq, self.at, self.kind, self.facts, self.prev) | {"hash": self.hash}
        return entry if self.mac is None else entry | {"mac": self.mac}

    def line(self) -> bytes:
        """Return the one line that is stored for this entry."""
        return canonical(self.as_json()) + b"\n"

    def true_hash(self) -> str:
        """Return the hash that the content calls for; another one than `hash` means that somebody changed it."""
        return _hash(self.seq, self.at, self.kind, self.facts, self.prev)

    def is_signed_with(self, key: bytes) -> bool:
        """Tell whether `mac` was made with this key."""
        return self.mac is not None and hmac.compare_digest(self.mac, sign(self.hash, key))


def parse(line: bytes) -> Entry:
    """Return the entry a stored line holds; ValueError when the line is not exactly what `Entry.line` writes."""
    try:
        stored = json.loads(line)
        at = datetime.fromisoformat(stored["at"])
        entry = Entry(
            stored["seq"], at, stored["kind"], stored["facts"], stored["prev"], stored["hash"], stored.get("mac")
        )
        exact = isinstance(entry.seq, int) and entry.line() == line
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ValueError("not an entry") from None
    if not exact:
        raise ValueError("not the bytes that were written")
    return entry


def sign(digest: str, key: bytes) -> str:
    """Return the HMAC-SHA256 of an entry's hash, in hex."""
    return hmac.new(key, digest.encode("ascii", "backslashreplace"), hashlib.sha256).hexdigest()


def canonical(value: Json) -> bytes:
    """Return the one JSON text that stands for `value`: keys sorted, no spaces, UTF-8."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def plain(value: object) -> Json:
    """Return `value` as JSON can hold it. Evidence must never stop a backout: what JSON does not know becomes text."""
    match value:
        case Enum():
            return plain(value.value)
        case None | bool() | int():
            return value
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case float():
            return value if math.isfinite(value) else str(value)
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case bytes():
            return value.decode("utf-8", "backslashreplace")
        case Mapping():
            return {_name(name): plain(item) for name, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case set() | frozenset():
            return sorted((plain(item) for item in value), key=repr)
        case _:
            return plain(str(value))


def _name(name: Any) -> str:
    return str(plain(str(name)))


def _hash(seq: int, at: datetime, kind: str, facts: Mapping[str, Json], prev: str) -> str:
    return hashlib.sha256(canonical(_body(seq, at, kind, facts, prev))).hexdigest()


def _body(seq: int, at: datetime, kind: str, facts: Mapping[str, Json], prev: str) -> dict[str, Json]:
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return {"seq": seq, "at": moment, "kind": kind, "facts": dict(facts), "prev": prev}
