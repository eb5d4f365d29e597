"""What is one event in the evidence, and which bytes stand for it?"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, TypeAlias

from deployplan.canonical_json import canonical

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

BEGINNING = "0" * 64
"""What the first entry names as its predecessor."""
FORMAT = 2
"""Version of an entry; one of the first version does not say to which run it belongs."""


_TEXT, _HASH, _WHOLE = r'"([^"\\\x00-\x1f]*)"', '"([0-9a-f]{64})"', "(0|[1-9][0-9]{0,17})"
_LINE = re.compile(
    r'\{"at":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00)","facts":(\{.*\}),"format":2,'
    rf'"generation":(?P<generation>{_WHOLE[1:-1]}),"hash":{_HASH},"kind":{_TEXT}(?:,"mac":{_HASH})?,"plan":{_TEXT},'
    rf'"prev":{_HASH},"run":{_TEXT},"seq":{_WHOLE}\}}\n',
    re.ASCII,
)
"""A line of the second format as `Entry.line` writes it, with no backslash in its names."""


@dataclass(frozen=True, slots=True)
class Bond:
    """What an entry belongs to: the run of a plan, and how often the run had been armed by then."""

    plan: str = ""
    run: str = ""
    generation: int = 0

    def after(self, kind: str, facts: Mapping[str, object]) -> Bond:
        """Return the bond of an entry of this kind that follows: an arming begins a generation."""
        number = facts.get("generation")
        begins = kind == "arming" and isinstance(number, int) and not isinstance(number, bool)
        return replace(self, generation=number) if begins and isinstance(number, int) else self


@dataclass(frozen=True, slots=True)
class Entry:
    """One event: what happened (`kind`), its facts, and its place in the chain.

    `prev` is the hash of the entry before it, `hash` covers everything but itself and `mac`, and `mac` is the
    HMAC-SHA256 of `hash` under the signing key, None when the ledger is not signed. `bond` is None in an entry of the
    first format.
    """

    seq: int
    at: datetime
    kind: str
    facts: Mapping[str, Json]
    prev: str
    hash: str
    mac: str | None = None
    bond: Bond | None = None

    @classmethod
    def of(
        cls,
        seq: int,
        at: datetime,
        kind: str,
        facts: Mapping[str, object],
        *,
        prev: str,
        key: bytes | None,
        bond: Bond = Bond(),
    ) -> Entry:
        """Make the entry that follows `prev`; facts become plain JSON values, durations become seconds."""
        kept = {str(name): plain(value) for name, value in facts.items()}
        digest = _hash(seq, at, kind, kept, prev, bond)
        return cls(seq, at, kind, kept, prev, digest, None if key is None else sign(digest, key), bond)

    @property
    def format(self) -> int:
        """The version that it was written in."""
        return 1 if self.bond is None else FORMAT

    def as_json(self) -> dict[str, Json]:
        """Return the entry as it is stored."""
        entry = _body(self.seq, self.at, self.kind, self.facts, self.prev, self.bond) | {"hash": self.hash}
        return entry if self.mac is None else entry | {"mac": self.mac}

    def line(self) -> bytes:
        """Return the one line that is stored for this entry."""
        return canonical(self.as_json()) + b"\n"

    def is_signed_with(self, key: bytes) -> bool:
        """Tell whether `mac` was made with this key."""
        return self.mac is not None and hmac.compare_digest(self.mac, sign(self.hash, key))


def parse_entry(line: bytes) -> Entry:
    """Return the entry a stored line holds; ValueError when the line is not exactly what `Entry.line` writes."""
    return parse_with_digest(line)[0]


def parse_with_digest(line: bytes) -> tuple[Entry, str]:
    """Return the entry of a line as `parse_entry` does, and what its `hash` must be."""
    return _read_intact(line) or _read_any(line)


def _read_intact(line: bytes) -> tuple[Entry, str] | None:
    """Read a line of which the form of an entry pins every byte but those of the facts, and its hash covers these.

    At `facts` stands one JSON value, so that nothing hides between the names. None for any other line: it may still be
    an entry, with a backslash in a name, say, or one that somebody has changed.
    """
    try:
        found = _LINE.fullmatch(text := line.decode())
        if found is None:
            return None
        at, facts, generation, given, kind, mac, plan, prev, run, seq = found.groups()
        behind = f',"kind":"{kind}","plan":"{plan}","prev":"{prev}","run":"{run}","seq":{seq}}}'
        digest = hashlib.sha256(f"{text[: found.end('generation')]}{behind}".encode()).hexdigest()
        if digest != given:
            return None
        known = _FACTS.decode(facts)
        if type(known) is not dict:
            return None
        bond = Bond(plan, run, int(generation))
        return Entry(int(seq), datetime.fromisoformat(at), kind, known, prev, given, mac, bond), digest
    except (ValueError, RecursionError):
        return None


def _finite(number: str) -> float:
    if not math.isfinite(found := float(number)):
        raise ValueError(f"JSON cannot write {number}")
    return found


_FACTS = json.JSONDecoder(parse_float=_finite, parse_constant=_finite)


def _read_any(line: bytes) -> tuple[Entry, str]:
    try:
        stored = json.loads(line.decode())
        version, at = stored.get("format", 1), datetime.fromisoformat(stored["at"])
        bond = None if version == 1 else Bond(stored["plan"], stored["run"], stored["generation"])
        known = stored["seq"], at, stored["kind"], stored["facts"], stored["prev"], stored["hash"], stored.get("mac")
        entry = Entry(*known, bond)
        exact = canonical(stored) + b"\n" == line and _has_our_form(entry, stored)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ValueError("not an entry") from None
    if version not in (1, FORMAT):
        raise ValueError(f"an entry of format {version!r}, which this version does not know")
    if not exact:
        raise ValueError("not the bytes that were written")
    return entry, digest_of(line)


def _has_our_form(entry: Entry, stored: Mapping[str, object]) -> bool:
    """Whether `as_json` gives the very same for an entry: no other names, and nothing of another type."""
    bond, mac = entry.bond, entry.mac
    return (
        len(stored) == 6 + (mac is not None) + 4 * (bond is not None)
        and stored["at"] == entry.at.isoformat(timespec="microseconds")
        and entry.at.tzinfo is UTC
        and type(entry.seq) is int
        and type(entry.facts) is dict
        and type(entry.kind) is type(entry.prev) is type(entry.hash) is str
        and (mac is None or (type(mac) is str and mac.isascii()))
        and (bond is None or _is_stored_so(bond, stored))
    )


def _is_stored_so(bond: Bond, stored: Mapping[str, object]) -> bool:
    return type(bond.plan) is type(bond.run) is str and type(bond.generation) is type(stored["format"]) is int


def digest_of(line: bytes) -> str:
    """Return the sha256 of a stored line without its end, `hash` and `mac`, in hex: what its `hash` must be.

    Only for a line that is exactly as `Entry.line` writes it: there a quote within a text stands behind a backslash, so
    that the last of these words are the entry's own keys. Elsewhere they may stand around anything.
    """
    for key in (b',"mac":"', b',"hash":"'):
        at = line.rfind(key)
        if at >= 0:
            line = line[:at] + line[at + len(key) + 65 :]
    return hashlib.sha256(line[:-1]).hexdigest()


def sign(digest: str, key: bytes) -> str:
    """Return the HMAC-SHA256 of an entry's hash, in hex."""
    return hmac.digest(key, digest.encode("ascii", "backslashreplace"), "sha256").hex()


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


def _hash(seq: int, at: datetime, kind: str, facts: Mapping[str, Json], prev: str, bond: Bond | None) -> str:
    return hashlib.sha256(canonical(_body(seq, at, kind, facts, prev, bond))).hexdigest()


def _body(
    seq: int, at: datetime, kind: str, facts: Mapping[str, Json], prev: str, bond: Bond | None
) -> dict[str, Json]:
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    body: dict[str, Json] = {"seq": seq, "at": moment, "kind": kind, "facts": dict(facts), "prev": prev}
    if bond is not None:
        body |= {"format": FORMAT, "plan": bond.plan, "run": bond.run, "generation": bond.generation}
    return body
