"""Which runs wait for their window, and on which nodes do they want to work?"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from deployplan.canonical_json import canonical
from deployplan.evidence import folder as files
from deployplan.evidence.entry import plain
from deployplan.evidence.folder import Folder
from deployplan.evidence.naming import quote_name

SUFFIX = ".json"
FORMAT = 2
_TIMES = ("approved_at", "came_at", "opens_at", "ready_at", "heard_at")


@dataclass(frozen=True, slots=True)
class WaitingRun:
    """A run that waits for its window, or one that it has let through and that is not over.

    `came_at` is when it began to wait, `opens_at` when the window opens in which it would start, and `ready_at` the
    instant from which on it could, as nothing is frozen; both may lie ahead. `heard_at` is when it last said so;
    `expected` tells that `ready_at` was known beforehand, `started` that it was let through.
    """

    plan: str
    run_id: str
    environment: str
    works_on: tuple[str, ...]
    watches: tuple[str, ...]
    priority: int
    approved_at: datetime
    came_at: datetime
    opens_at: datetime
    ready_at: datetime
    heard_at: datetime
    expected: bool = True
    started: bool = False


class WaitingRuns:
    """One small file a plan, there from the time its run waits until the run is over."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def put(self, run: WaitingRun) -> None:
        """Say that this run waits, or has started; what its plan said before is replaced. OSError when it fails."""
        content = canonical(plain(asdict(run) | {"format": FORMAT})) + b"\n"
        files.replace(self._folder, quote_name(run.plan) + SUFFIX, content, durable=False)  # it is said again anyway

    def of(self, plan: str) -> WaitingRun | None:
        """Return what the plan's run said last, if anything."""
        try:
            return _parse(files.read_file(self._folder, quote_name(plan) + SUFFIX))
        except (FileNotFoundError, NotADirectoryError):
            return None

    def remove(self, plan: str, run_id: str) -> None:
        """Forget a run; nothing happens when the plan's entry is that of another run, or there is none."""
        present = self.of(plan)
        if present is not None and present.run_id == run_id:
            files.remove(self._folder, quote_name(plan) + SUFFIX)

    def all(self) -> tuple[WaitingRun, ...]:
        """Return every entry: one listing, and one small read for each; what cannot be understood is left out."""
        names = [name for name in files.list_names(self._folder) if name.endswith(SUFFIX) and not name.startswith(".")]
        return tuple(_parsed(files.read_all(self._folder, names).values()))


def _parsed(contents: Iterable[bytes]) -> Iterable[WaitingRun]:
    for content in contents:
        run = _parse(content)
        if run is not None:
            yield run


def _parse(content: bytes) -> WaitingRun | None:
    try:
        stored = json.loads(content)
        if stored.get("format", 1) not in (1, FORMAT):
            return None
        known = {field.name: stored[field.name] for field in fields(WaitingRun)}
        times = {name: datetime.fromisoformat(known[name]) for name in _TIMES}
        return WaitingRun(**known | times | {"works_on": tuple(known["works_on"]), "watches": tuple(known["watches"])})
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
