"""Which runs have ended, how, and with which last entry? One object an end, so that ends at once lose none.

Older ones are in files of ten, a hundred, a thousand ends, which hold the very same lines.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator
from datetime import datetime

from deployplan.canonical_json import canonical
from deployplan.evidence import folder as files
from deployplan.evidence.end import SUFFIX, End, Mac, hash_of, parse_end, stamp_of
from deployplan.evidence.folder import Folder
from deployplan.evidence.merged_ends import FEW, MergedEnds, read_merged

BUILT = "built"
"""There once the ends of runs from before there were such objects were looked for."""
MOST_NAMED = 100
"""Ended runs that a new run's first entry names, the latest."""
MOST_REMEMBERED = 20_000

_read: dict[tuple[str, str], End] = {}


class Ends:
    """The ends of all runs, in one folder of small objects that are created once and never changed."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._merged: dict[str, End] = {}

    def put(self, end: End, mac: Mac) -> None:
        """Keep an end; keeping it again is fine. OSError when the store fails."""
        stored = json.loads(end.content()) | {"mac": mac(end.content())}
        with contextlib.suppress(FileExistsError):
            files.create(self._folder, end.name, canonical(stored) + b"\n")

    def of_product(self, environment: str, product: str, most: int) -> tuple[End, ...]:
        """Return the latest ends of a product's runs, the latest last: one listing, and a read for each new one."""
        kind = f"-{hash_of(environment, product)}-"
        return tuple(self._all([name for name in self._names() if kind in name][-most:]))

    def of_run(self, plan: str, run_id: str) -> tuple[End, ...]:
        """Return the ends of a run, the latest last, read anew."""
        about = f"-{hash_of(plan, run_id)}{SUFFIX}"
        return tuple(self._all([name for name in self._names() if name.endswith(about)], anew=True))

    def all(self) -> tuple[End, ...]:
        """Return every end, the latest last, read anew."""
        return tuple(self._all(self._names(), anew=True))

    def since(self, at: datetime) -> tuple[End, ...]:
        """Return the ends from this instant on, the latest last: one listing, and a read for each new one."""
        first = stamp_of(at)
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

    def unmerged(self) -> tuple[End, ...]:
        """Return the ends that are in no file with others, the latest last."""
        listed = files.list_names(self._folder)
        merged = self._merged_in(listed)
        return tuple(self._read_singles([name for name in listed if _is_single(name) and name not in merged]))

    def merge(self, names: Iterable[str], *, before: datetime) -> None:
        """Put ten of these ends into one file, and ten such files into one, and so on; the latest may stay alone.

        What a larger file, written `before`, holds besides is removed.
        """
        MergedEnds(self._folder).remove_parts(before)
        alone = sorted(names)
        for begin in range(0, len(alone) - FEW + 1, FEW):
            MergedEnds(self._folder).put(1, alone[begin : begin + FEW])
        MergedEnds(self._folder).grow()

    def _names(self) -> list[str]:
        """The names of all ends."""
        listed = files.list_names(self._folder)
        return sorted({name for name in listed if _is_single(name)} | self._merged_in(listed).keys())

    def _merged_in(self, listed: Iterable[str]) -> dict[str, End]:
        self._merged = {end.name: end for ends in read_merged(self._folder, listed).values() for end in ends}
        return self._merged

    def _all(self, wanted: Iterable[str], *, anew: bool = False) -> Iterator[End]:
        """The ends of these names, as `_names` returned them."""
        wanted = list(wanted)
        merged = self._merged
        singles = {each.name: each for each in self._read_singles([n for n in wanted if n not in merged], anew=anew)}
        for name in wanted:
            end = merged.get(name) or singles.get(name)
            if end is not None:
                yield end

    def _read_singles(self, wanted: list[str], *, anew: bool = False) -> Iterator[End]:
        place = str(self._folder)
        unread = [name for name in wanted if anew or (place, name) not in _read]
        contents = files.read_all(self._folder, unread)
        found = {name: end for name, content in contents.items() if (end := parse_end(content)) and end.name == name}
        if len(_read) + len(found) > MOST_REMEMBERED:
            _read.clear()
        _read.update({(place, name): end for name, end in found.items()})
        for name in wanted:
            end = found.get(name) or (None if anew else _read.get((place, name)))
            if end is not None:
                yield end


def _is_single(name: str) -> bool:
    return name.endswith(SUFFIX) and not name.startswith(".")
