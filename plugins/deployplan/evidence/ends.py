"""Which runs have ended, how, and with which last entry? One object an end, so that ends at once lose none."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from deployplan.canonical_json import canonical
from deployplan.evidence import folder as files
from deployplan.evidence.entry import Json, sign
from deployplan.evidence.folder import Folder

FORMAT = 2
BUILT = "built"
"""There once the ends of runs from before there were such objects were looked for."""
MOST_NAMED = 100
"""Ended runs that a new run's first entry names, the latest."""
MOST_REMEMBERED = 20_000
SUFFIX = ".json"
Mac = Callable[[bytes], "str | None"]

_read: dict[tuple[str, str], End] = {}


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
        about = f"{self.entries:06d}-{self._kind}-{_hash(self.plan, self.run_id)}"
        return f"{_moment(self.at)}-{about}{SUFFIX}"

    @property
    def _kind(self) -> str:
        return _hash(self.environment, self.product)

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
        """Tell whether it was written with this key."""
        return self.mac is not None and hmac.compare_digest(self.mac, sign(self.content().hex(), key))


class Ends:
    """The ends of all runs, in one folder of small objects that are created once and never changed."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def put(self, end: End, mac: Mac) -> None:
        """Keep an end; keeping it again is fine. OSError when the store fails."""
        stored = json.loads(end.content()) | {"mac": mac(end.content())}
        with contextlib.suppress(FileExistsError):
            files.create(self._folder, end.name, canonical(stored) + b"\n")

    def of_product(self, environment: str, product: str, most: int) -> tuple[End, ...]:
        """Return the latest ends of a product's runs, the latest last: one listing, and a read for each new one."""
        kind = f"-{_hash(environment, product)}-"
        return tuple(self._all([name for name in self._names() if kind in name][-most:]))

    def of_run(self, plan: str, run_id: str) -> tuple[End, ...]:
        """Return the ends of a run, the latest last, read anew."""
        about = f"-{_hash(plan, run_id)}{SUFFIX}"
        return tuple(self._all([name for name in self._names() if name.endswith(about)], anew=True))

    def all(self) -> tuple[End, ...]:
        """Return every end, the latest last, read anew."""
        return tuple(self._all(self._names(), anew=True))

    def since(self, at: datetime) -> tuple[End, ...]:
        """Return the ends from this instant on, the latest last: one listing, and a read for each new one."""
        first = _moment(at)
        return tuple(self._all([name for name in self._names() if name >= first]))

    def latest(self, most: int) -> tuple[tuple[End, ...], int]:
        """Return the latest ends, the latest last, and how many earlier ones there are: one listing, as `since`."""
        names = self._names()
        return tuple(self._all(names[-most:])), max(0, len(names) - most)

    def heads(self) -> dict[str, str]:
        """Return the last entry's hash of the runs that ended latest, by `plan/run id`."""
        return {f"{end.plan}/{end.run_id}": end.head for end in self._all(self._names()[-MOST_NAMED:])}

    @property
    def are_built(self) -> bool:
        """Whether the ends of earlier runs need not be looked for."""
        return BUILT in files.list_names(self._folder)

    def built(self) -> None:
        """Say that the ends of earlier runs are all here."""
        files.replace(self._folder, BUILT, b"from the ledgers\n")

    def _names(self) -> list[str]:
        return [name for name in files.list_names(self._folder) if name.endswith(SUFFIX) and not name.startswith(".")]

    def _all(self, wanted: Iterable[str], *, anew: bool = False) -> Iterator[End]:
        place, wanted = str(self._folder), list(wanted)
        unread = [name for name in wanted if anew or (place, name) not in _read]
        contents = files.read_all(self._folder, unread)
        found = {name: end for name, content in contents.items() if (end := _parse(content)) and end.name == name}
        if len(_read) + len(found) > MOST_REMEMBERED:
            _read.clear()
        _read.update({(place, name): end for name, end in found.items()})
        for name in wanted:
            end = found.get(name) or (None if anew else _read.get((place, name)))
            if end is not None:
                yield end


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%S%fZ}"


def _hash(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode("utf-8", "backslashreplace")).hexdigest()[:16]


def _parse(content: bytes) -> End | None:
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
