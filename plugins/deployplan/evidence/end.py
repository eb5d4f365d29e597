"""How did a run end, and with which last entry? One small signed object an end."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from deployplan.canonical_json import canonical
from deployplan.evidence.entry import Json, sign

FORMAT = 2
SUFFIX = ".json"
Mac = Callable[[bytes], "str | None"]


@dataclass(frozen=True, slots=True)
class End:
    """The end of a run: which entry of its ledger was the last one then; `facts` are whatever else is kept of it.

    A run that is cleared and ends again has one more.
    """

    plan: str
    run_id: str
    environment: str
    product: str
    at: datetime
    head: str
    entries: int
    facts: Mapping[str, Json]
    mac: str | None = None

    @property
    def name(self) -> str:
        """Its file: by time, then by what it is about, so that a listing alone tells which ones to read."""
        about = f"{self.entries:06d}-{self._kind}-{hash_of(self.plan, self.run_id)}"
        return f"{stamp_of(self.at)}-{about}{SUFFIX}"

    @property
    def _kind(self) -> str:
        return hash_of(self.environment, self.product)

    def content(self) -> bytes:
        """Return the bytes that are signed."""
        return canonical(
            {
                "format": FORMAT,
                "plan": self.plan,
                "run": self.run_id,
                "environment": self.environment,
                "product": self.product,
                "at": self.at.astimezone(UTC).isoformat(),
                "head": self.head,
                "entries": self.entries,
                "facts": dict(self.facts),
            }
        )

    def is_signed_with(self, key: bytes) -> bool:
        """Tell whether it was written with this key; what somebody else wrote may hold anything."""
        try:
            return self.mac is not None and hmac.compare_digest(self.mac, sign(self.content().hex(), key))
        except (ValueError, TypeError, OverflowError, RecursionError):
            return False


def stamp_of(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%S%fZ}"


def hash_of(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode("utf-8", "backslashreplace")).hexdigest()[:16]


def parse_end(content: bytes) -> End | None:
    """Return what an object says; None for one that is not ours, or of a version that is not known."""
    try:
        stored = json.loads(content)
        if stored["format"] != FORMAT:
            return None
        known = {key: str(stored[key]) for key in ("plan", "environment", "product", "head")}
        at, entries = datetime.fromisoformat(stored["at"]), int(stored["entries"])
        mac = stored["mac"]
        return End(run_id=str(stored["run"]), at=at, entries=entries, facts=dict(stored["facts"]), mac=mac, **known)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
