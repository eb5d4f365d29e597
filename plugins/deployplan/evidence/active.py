"""Which run of a plan is under way, and with which digest?"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass

from deployplan.canonical_json import canonical
from deployplan.evidence import folder as files
from deployplan.evidence.error import AlreadyActive, RecordError
from deployplan.evidence.folder import Folder, one_writer
from deployplan.evidence.naming import quote_name, unquote_name

SUFFIX = ".json"
FORMAT = 2


@dataclass(frozen=True, slots=True)
class ActiveRun:
    """The run of a plan that is under way."""

    run_id: str
    digest: str


class ActiveRuns:
    """One pointer file a plan, there exactly while a run of the plan is under way."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def open(self, plan: str, run_id: str, digest: str) -> None:
        """Point at this run; AlreadyActive when another one is under way.

        The same run again is fine, also with a new digest: it is then reviewed anew.
        """
        name, wanted = _file(plan), ActiveRun(run_id, digest)
        with one_writer(self._folder):
            with contextlib.suppress(FileExistsError):
                files.create(self._folder, name, _pointer(plan, wanted))
                return
            present = self.of(plan)
            if present is not None and present.run_id != run_id:
                raise AlreadyActive(plan, present.run_id, present.digest)
            if present != wanted:
                files.replace(self._folder, name, _pointer(plan, wanted))

    def close(self, plan: str, run_id: str) -> None:
        """Take the pointer away when it points at this run; nothing happens otherwise."""
        with one_writer(self._folder):
            present = self.of(plan)
            if present is not None and present.run_id == run_id:
                files.remove(self._folder, _file(plan))

    def of(self, plan: str) -> ActiveRun | None:
        """Return the run of `plan` that is under way, if any."""
        try:
            return _parse(files.read_file(self._folder, _file(plan)))
        except (FileNotFoundError, NotADirectoryError):
            return None

    def all(self) -> dict[str, ActiveRun]:
        """Return the runs under way by plan: one listing, and one small read for each of them."""
        pointers = [name for name in files.list_names(self._folder) if _is_pointer(name)]
        read = files.read_all(self._folder, pointers)
        found = {unquote_name(name.removesuffix(SUFFIX)): _parse_or_unknown(content) for name, content in read.items()}
        return {plan: run for plan, run in found.items() if run is not None}


def _parse_or_unknown(content: bytes) -> ActiveRun | None:
    """One pointer of a later version must not hide those of all other plans; no plan has its digest."""
    try:
        return _parse(content)
    except RecordError:
        return ActiveRun("?", "?")


def _file(plan: str) -> str:
    return quote_name(plan) + SUFFIX


def _is_pointer(name: str) -> bool:
    return name.endswith(SUFFIX) and not name.startswith(".")


def _pointer(plan: str, run: ActiveRun) -> bytes:
    return canonical({"format": FORMAT, "plan": plan, "run": run.run_id, "digest": run.digest}) + b"\n"


def _parse(content: bytes) -> ActiveRun | None:
    """Return what a pointer says; None for a file that is half-written or not ours.

    RecordError for one of a later version: it points at a run, and which one is not guessed at.
    """
    try:
        stored = json.loads(content)
        version, run_id, digest = stored.get("format", 1), stored["run"], stored["digest"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if version not in (1, FORMAT):
        raise RecordError(f"the run under way is noted in format {version!r}; this version reads 1 and {FORMAT}")
    return ActiveRun(run_id, digest) if isinstance(run_id, str) and isinstance(digest, str) else None
