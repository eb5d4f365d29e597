"""Of a run that is over few files are left: one with its entries, and its end in one with others. Who sees to it, when?

Nothing is written over and nothing is removed before what takes its place was there for an hour and has been read back.
So whoever listed a folder half a minute ago knows its files, and a reader in the middle finds each entry in one of the
two. Who ends a run tidies what ended more than an hour before; who is killed in the middle leaves work for the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from deployplan.evidence import folder as files
from deployplan.evidence.audit import verify_in_store
from deployplan.evidence.end import End
from deployplan.evidence.folder import Folder
from deployplan.evidence.merged_ends import FEW
from deployplan.evidence.record import Records, RunRecord
from deployplan.evidence.segment import Listing, Sealed, list_ledger, read_segments, segment_name

GRACE = timedelta(hours=1)
"""So long both are there: what was put together, and what it was put together from."""
MOST = 20
"""Ends of runs that are looked at when one more run ends, the oldest first."""


@dataclass(frozen=True, slots=True)
class Tidied:
    """What was done: `runs` are in one file now, and of so many nothing can be put together."""

    runs: int = 0
    left: int = 0


def tidy(
    records: Records, key: bytes | None, *, now: datetime, grace: timedelta = GRACE, most: int | None = MOST
) -> Tidied:
    """Put together what ended more than `grace` before `now`, and remove what was put together as long ago.

    Nothing is done for fewer than ten runs. A ledger that is not intact is left as it is. How long ago something was
    put together is the store's time held against `now`: a store's clock that is behind shortens `grace` by as much as
    it is behind, one that is ahead only delays. Raises OSError when the store fails: nothing is lost by that.
    """
    ripe = [end for end in records.ends.unmerged() if end.at + grace <= now][:most]
    done, left = list[End](), 0
    for end in ripe if len(ripe) >= FEW else ():
        record = records.run(end.plan, end.run_id)
        if _is_under_way(records, end):
            continue
        if not _can_be_put_together(records, record, key):
            left += 1
            done.append(end)  # its end is no worse off beside others
            continue
        is_main_done = _tidy_ledger(record.folder, now - grace)
        if _tidy_ledger(record.apart().folder, now - grace) and is_main_done:
            done.append(end)
    records.ends.merge([end.name for end in done], before=now - grace)
    return Tidied(len(done) - left, left)


def _is_under_way(records: Records, end: End) -> bool:
    active = records.active(end.plan)
    return active is not None and active[0] == end.run_id


def _can_be_put_together(records: Records, record: RunRecord, key: bytes | None) -> bool:
    listing = list_ledger(record.folder)
    if not _is_alone(listing):
        found = verify_in_store(records, record, key)
        return found.ok and found.sealed
    return True


def _is_alone(listing: Listing) -> bool:
    return not [seq for seq in listing.single if not any(each.holds(seq) for each in listing.sealed)]


def _tidy_ledger(folder: Folder, before: datetime) -> bool:
    """Put a ledger's entries together, and remove those that were `before`; whether nothing is left to do."""
    listing = list_ledger(folder)
    if not _is_alone(listing):
        return put_together(folder, listing) and remove_singles(folder, before)
    return not listing.single or remove_singles(folder, before)


def put_together(folder: Folder, listing: Listing) -> bool:
    """Create the one file with all entries that are in none yet; False when they do not follow each other."""
    begun = max((each.last for each in listing.sealed), default=0)
    lines = {seq: line for seq, line in read_segments(folder).items() if seq > begun}
    if list(lines) != list(range(begun + 1, begun + 1 + len(lines))) or not lines:
        return False
    whole = Sealed(begun + 1, begun + len(lines))
    content = b"".join(lines.values())
    if whole.lines(content) != lines:
        return False
    try:
        files.create(folder, whole.name, content)
    except FileExistsError:
        return files.read_file(folder, whole.name) == content
    return True


def remove_singles(folder: Folder, before: datetime) -> bool:
    """Remove the entries that a file written `before` holds as they are, read anew; whether none of them is left."""
    listing, is_done = list_ledger(folder), True
    for each in listing.sealed:
        names = {segment_name(seq): seq for seq in listing.single if each.holds(seq)}
        if not names:
            continue
        if files.written_at(folder, each.name) > before:
            is_done = False
            continue
        lines, single = each.lines(files.read_file(folder, each.name)), files.read_all(folder, names)
        files.remove_all(folder, [name for name, line in single.items() if lines[names[name]] == line])
    return is_done
