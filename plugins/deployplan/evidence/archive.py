"""Which runs were taken out of the store, by whom and where to? A tombstone tells "archived" from "removed"."""

from __future__ import annotations

import contextlib
import hmac
import json
import shutil
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from deployplan.canonical_json import canonical
from deployplan.evidence import folder as files
from deployplan.evidence.entry import plain, sign
from deployplan.evidence.error import RecordError
from deployplan.evidence.folder import Folder
from deployplan.evidence.naming import quote_name
from deployplan.evidence.segment import list_ledger, read_segments, segment_name, segments
from deployplan.evidence.verification import Verification

FORMAT = 2


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What stands in the store in place of a run that was archived."""

    plan: str
    run_id: str
    head: str
    entries: int
    at: datetime
    by: str
    to: str

    def content(self) -> bytes:
        """Return the bytes that are signed."""
        return canonical({"format": FORMAT, "tombstone": plain(asdict(self))})

    def __str__(self) -> str:
        return f"archived by {self.by} on {self.at:%F %R %Z} to {self.to}, {self.entries} entries, head {self.head}"


class Tombstones:
    """One small object for each run that was archived."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def put(self, stone: Tombstone, key: bytes) -> None:
        """Keep it; RecordError when one of this run is there already."""
        folder, name = self._place(stone.plan, stone.run_id)
        stored = {"tombstone": plain(asdict(stone)), "mac": sign(stone.content().hex(), key)}
        try:
            files.create(folder, name, canonical(stored | {"format": FORMAT}) + b"\n")
        except FileExistsError:
            raise RecordError(f"{stone.plan}/{stone.run_id} was archived before") from None

    def of(self, plan: str, run_id: str, key: bytes | None) -> Tombstone | None:
        """Return the tombstone of a run; one that cannot be understood, or was not signed with `key`, is none."""
        folder, name = self._place(plan, run_id)
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
            stored = json.loads(files.read_file(folder, name))
            known = stored["tombstone"]
            stone = Tombstone(**known | {"at": datetime.fromisoformat(known["at"])})
            signed = key is None or hmac.compare_digest(str(stored["mac"]), sign(stone.content().hex(), key))
            if stored["format"] == FORMAT and signed and (stone.plan, stone.run_id) == (plan, run_id):
                return stone
        return None

    def _place(self, plan: str, run_id: str) -> tuple[Folder, str]:
        return self._folder / quote_name(plan), f"{quote_name(run_id)}.json"


def copy_out(record: Folder, target: Path) -> None:
    """Copy every entry of a record, also of what came late, to a folder that must not exist yet."""
    if target.exists():
        raise RecordError(f"{target} exists; name a folder that is not there yet")
    for folder, place in ((record, target), (record / "apart", target / "apart")):
        for seq, line in read_segments(folder).items():
            files.create(place, segment_name(seq), line)


def take_out(record: Folder, verification: Verification) -> None:
    """Remove a record whose copy was checked; RecordError when it has grown since."""
    numbers = segments(record)
    if len(numbers) != verification.entries:
        raise RecordError(f"the record in {record} has grown while it was copied")
    for folder in (record / "apart", record):
        listing = list_ledger(folder)
        for name in [*(each.name for each in listing.sealed), *map(segment_name, reversed(listing.single))]:
            files.remove(folder, name)
    if isinstance(record, Path):
        shutil.rmtree(record, ignore_errors=True)
