"""Which runs have ended, how, and with which last entry? One object an end, so that ends at once lose none.

Older ones are in files of ten, a hundred, a thousand ends, which hold the very same lines.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class _Listing:
    """The files of the ends: those with a single one, what those with several say by the end's name, and the damaged.

    Several files tell an end differently only when somebody has forged one of them.
    """

    single: frozenset[str]
    merged: Mapping[str, tuple[End, ...]]
    damaged: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        return sorted(self.single | self.merged.keys())


@dataclass(frozen=True, slots=True)
class EndsFound:
    """Ends, those of them that some file tells differently though not all are signed, and files that cannot be read."""

    ends: tuple[End, ...]
    disputed: tuple[End, ...]
    damaged: tuple[str, ...]


class Ends:
    """The ends of all runs, in one folder of small objects that are created once and never changed.

    Where files tell an end differently, the one that is signed with `key` counts, and of these the single one.
    """

    def __init__(self, folder: Folder, key: bytes | None = None) -> None:
        self._folder = folder
        self._key = key

    def put(self, end: End, mac: Mac) -> None:
        """Keep an end; keeping it again is fine. OSError when the store fails."""
        stored = json.loads(end.content()) | {"mac": mac(end.content())}
        with contextlib.suppress(FileExistsError):
            files.create(self._folder, end.name, canonical(stored) + b"\n")

    def of_product(self, environment: str, product: str, most: int) -> tuple[End, ...]:
        """Return the latest ends of a product's runs, the latest last: one listing, and a read for each new one."""
        kind, listing = f"-{hash_of(environment, product)}-", self._list()
        return tuple(self._all(listing, [name for name in listing.names if kind in name][-most:]))

    def of_run(self, plan: str, run_id: str) -> tuple[End, ...]:
        """Return the ends of a run, the latest last, read anew where they are in a file of their own."""
        about, listing = f"-{hash_of(plan, run_id)}{SUFFIX}", self._list()
        return tuple(self._all(listing, [name for name in listing.names if name.endswith(about)], anew=True))

    def all(self) -> tuple[End, ...]:
        """Return every end, the latest last, read anew."""
        listing = self._list(anew=True)
        return tuple(self._all(listing, listing.names, anew=True))

    def since(self, at: datetime) -> tuple[End, ...]:
        """Return the ends from this instant on, the latest last: one listing, and a read for each new one."""
        first, listing = stamp_of(at), self._list()
        return tuple(self._all(listing, [name for name in listing.names if name >= first]))

    def latest(self, most: int) -> tuple[tuple[End, ...], int]:
        """Return the latest ends, the latest last, and how many earlier ones there are: one listing, as `since`."""
        listing = self._list()
        names = listing.names
        return tuple(self._all(listing, names[-most:])), max(0, len(names) - most)

    def heads(self) -> dict[str, str]:
        """Return the last entry's hash of the runs that ended latest, by `plan/run id`.

        With a key an end that is signed with it counts more than a later one that is not.
        """
        listing = self._list()
        ends = sorted(self._all(listing, listing.names[-MOST_NAMED:]), key=self._is_signed)
        return {f"{end.plan}/{end.run_id}": end.head for end in ends}

    def examine(self) -> EndsFound:
        """Return every end and what is wrong with the files, read anew."""
        listing = self._list(anew=True)
        return self._examine(listing, listing.names)

    def examine_run(self, plan: str, run_id: str) -> EndsFound:
        """Return the ends of a run as `of_run` does, and what is wrong with the files that may tell of it."""
        about, listing = f"-{hash_of(plan, run_id)}{SUFFIX}", self._list()
        return self._examine(listing, [name for name in listing.names if name.endswith(about)])

    @property
    def are_built(self) -> bool:
        """Whether the ends of earlier runs need not be looked for."""
        return BUILT in files.list_names(self._folder)

    def built(self) -> None:
        """Say that the ends of earlier runs are all here."""
        files.replace(self._folder, BUILT, b"from the ledgers\n")

    def unmerged(self) -> tuple[End, ...]:
        """Return the ends that are in no file with others, the latest last."""
        listing = self._list()
        return tuple(self._read_singles(sorted(listing.single - listing.merged.keys())))

    def merge(self, names: Iterable[str], *, before: datetime) -> None:
        """Put ten of these ends into one file, and ten such files into one, and so on; the latest may stay alone.

        What a larger file, written `before`, holds besides is removed.
        """
        MergedEnds(self._folder).remove_parts(before)
        alone = sorted(names)
        for begin in range(0, len(alone) - FEW + 1, FEW):
            MergedEnds(self._folder).put(1, alone[begin : begin + FEW])
        MergedEnds(self._folder).grow()

    def _list(self, *, anew: bool = False) -> _Listing:
        listed = files.list_names(self._folder)
        read, merged = read_merged(self._folder, listed, anew=anew), dict[str, tuple[End, ...]]()
        for ends in read.values():
            for end in ends:
                told = merged.get(name := end.name, ())
                merged[name] = told if end in told else (*told, end)
        damaged = tuple(name for name, ends in read.items() if not ends)
        return _Listing(frozenset(name for name in listed if _is_single(name)), merged, damaged)

    def _all(self, listing: _Listing, wanted: Iterable[str], *, anew: bool = False) -> Iterator[End]:
        """The ends of these names."""
        return map(self._counting, self._told(listing, wanted, anew=anew))

    def _counting(self, told: tuple[End, ...]) -> End:
        return told[0] if len(told) == 1 else next(filter(self._is_signed, told), told[0])

    def _is_signed(self, end: End) -> bool:
        return self._key is not None and end.is_signed_with(self._key)

    def _examine(self, listing: _Listing, wanted: list[str]) -> EndsFound:
        told = list(self._told(listing, wanted, anew=True))
        ends = tuple(map(self._counting, told))
        disputed = tuple(each[0] for each in told if len(each) > 1 and not all(map(self._is_signed, each)))
        alone = [name for name in wanted if name in listing.single]
        unread = files.read_all(self._folder, sorted({*alone} - {end.name for end in self._read_singles(alone)}))
        return EndsFound(ends, disputed, (*listing.damaged, *unread))

    def _told(self, listing: _Listing, wanted: Iterable[str], *, anew: bool) -> Iterator[tuple[End, ...]]:
        """What files say of each of these ends, where they differ all of it: the file with a single end comes first."""
        wanted = list(wanted)
        alone = {end.name: end for end in self._read_singles([n for n in wanted if n in listing.single], anew=anew)}
        for name in wanted:
            single, merged = alone.get(name), listing.merged.get(name, ())
            told = merged if single is None else (single, *(end for end in merged if end != single))
            if told:
                yield told

    def _read_singles(self, wanted: list[str], *, anew: bool = False) -> Iterator[End]:
        place = str(self._folder)
        unread = [name for name in wanted if anew or (place, name) not in _read]
        contents = files.read_all(self._folder, unread)
        found = {name: end for name, content in contents.items() if (end := parse_end(content)) and end.name == name}
        for name in unread:
            _read.pop((place, name), None)
        if len(_read) + len(found) > MOST_REMEMBERED:
            _read.clear()
        _read.update({(place, name): end for name, end in found.items()})
        for name in wanted:
            end = found.get(name) or _read.get((place, name))
            if end is not None:
                yield end


def _is_single(name: str) -> bool:
    return name.endswith(SUFFIX) and not name.startswith(".")
