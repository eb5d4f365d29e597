"""What does the store know of its runs that their ledgers alone cannot tell: that one has ended, and which are gone?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from deployplan.evidence.end import End
from deployplan.evidence.ends import EndsFound
from deployplan.evidence.entry import Bond, Entry
from deployplan.evidence.record import Records, RunRecord
from deployplan.evidence.segment import salvage
from deployplan.evidence.verification import FREEZING, Verification, verify


@dataclass(frozen=True, slots=True)
class Finding:
    """A run of the store and what is wrong with it; `told` is the one line that is said of it."""

    name: str
    ok: bool
    told: str
    problems: tuple[str, ...] = ()


def verify_in_store(
    records: Records, record: RunRecord, key: bytes | None, *, expected_head: str | None = None
) -> Verification:
    """Check a run's ledger, and that it holds all that it held when the run ended."""
    found = record.verify(key=key, expected_head=expected_head)
    if not records.holds(record) or not found.entries:
        return found
    problems = (*found.problems, *_cut_off(records, record, key, found))
    return replace(found, ok=not problems, problems=problems)


def _cut_off(records: Records, record: RunRecord, key: bytes | None, found: Verification) -> Iterator[str]:
    entries, known = salvage(record.folder), records.ends.examine_run(record.plan, record.run_id)
    hashes, is_signed = {entry.hash for entry in entries}, any(entry.mac is not None for entry in entries)
    for end in known.ends:
        if key is not None and not end.is_signed_with(key) and (is_signed or end.mac is not None):
            yield f"what the store says of its end on {_when(end)} is not signed with this key"
        if end.head not in hashes:
            yield f"cut off: it ended on {_when(end)} with the head {end.head}, which is not in it"
    for end in known.disputed:
        yield f"files in ends/ tell its end on {_when(end)} differently: one of them is forged"
    active = records.active(record.plan)
    under_way = active is not None and active[0] == record.run_id
    if not known.ends and not under_way and known.damaged:
        yield f"with which entry it ended is not known: ends/{known.damaged[0]} is damaged"
    if not known.ends and not under_way and not any(entry.kind == "sealed" for entry in entries):
        yield "cut off: the run is not under way, and no seal is in its ledger"
    elif known.ends and not under_way and not _behind_the_last_seal(entries):
        yield "cut off: its last seal is not there"


def _behind_the_last_seal(entries: tuple[Entry, ...]) -> bool:
    """Whether the last pass of the run, which an arming or a freezing begins, has its seal."""
    for entry in reversed(entries):
        if entry.kind == "sealed":
            return True
        if entry.kind in (FREEZING, "arming"):
            return False
    return False


def verify_all(records: Records, key: bytes | None) -> Iterator[Finding]:
    """Check every run of the store, and that none is missing: those that ended, and those that other runs saw end."""
    heads: dict[str, set[str]] = {}
    seen: dict[str, dict[str, str]] = {}
    for record in records.runs():
        name = f"{record.plan}/{record.run_id}"
        entries = salvage(record.folder)
        heads[name] = {entry.hash for entry in entries}
        seen[name] = _seen_by(entries)
        found = verify_in_store(records, record, key)
        yield Finding(name, found.ok, _told(found), found.problems)
    for plan in records.plans_with_people():
        found = verify(records.people(plan).folder, key, bond=Bond(plan))
        yield Finding(f"people/{plan}", found.ok, _told(found), found.problems)
    known = records.ends.examine()
    yield from _told_of_files(known)
    wanted = {f"{end.plan}/{end.run_id}": end.head for end in known.ends}
    for name, head in wanted.items():
        yield from _missing(records, key, name, head, heads, "it ended, says the store")
    for witness, named in seen.items():
        for name, head in named.items():
            if wanted.get(name) != head:
                yield from _missing(records, key, name, head, heads, f"it ended, says the first entry of {witness}")


def _told_of_files(known: EndsFound) -> Iterator[Finding]:
    for file in known.damaged:
        why = "its content is not what its name says, or of a version that is not known; it counts for nothing"
        yield Finding(f"ends/{file}", False, "DAMAGED", (why,))
    for end in known.disputed:
        why = f"another file in ends/ tells this end of {end.plan}/{end.run_id} differently: one of them is forged"
        yield Finding(f"ends/{end.name}", False, "DISPUTED", (why,))


def _missing(
    records: Records, key: bytes | None, name: str, head: str, heads: dict[str, set[str]], who: str
) -> Iterator[Finding]:
    if head in heads.get(name, ()):
        return
    if heads.get(name):
        yield Finding(name, False, "NOT INTACT", (f"{who}, with the head {head}, which is not in it",))
        return
    plan, _, run_id = name.partition("/")
    stone = records.tombstones.of(plan, run_id, key)
    if stone is None:
        yield Finding(name, False, "REMOVED", (f"{who}, with the head {head}, and nothing says that it was archived",))
    elif stone.head != head and who.startswith("it ended, says the store"):
        yield Finding(name, False, "REMOVED", (f"{who}, with the head {head}; archived was {stone.head}",))
    elif who.startswith("it ended, says the store"):
        yield Finding(name, True, str(stone))


def _seen_by(entries: tuple[Entry, ...]) -> dict[str, str]:
    named: dict[str, str] = {}
    for entry in entries:
        told = entry.facts.get("ended") if entry.kind == FREEZING else None
        if isinstance(told, dict):
            named |= {name: str(head) for name, head in told.items()}
    return named


def _told(found: Verification) -> str:
    if not found.ok:
        return "NOT INTACT"
    return f"intact, {found.entries} entries" + ("" if found.sealed else ", not sealed")


def _when(end: End) -> str:
    return f"{end.at:%F %R %Z}"
