"""A file with several ends that somebody else wrote is not believed, and removes nothing."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deployplan.canonical_json import canonical
from deployplan.evidence import Records
from deployplan.evidence.audit import verify_all, verify_in_store
from deployplan.evidence.end import End
from deployplan.evidence.entry import sign
from deployplan.evidence.merged_ends import read_merged
from deployplan.evidence.tidy import tidy
from deployplan.testing import FrozenClock

KEY = b"k" * 32
NIGHT = datetime(2026, 11, 28, 22, tzinfo=UTC)
LATER = datetime.now(UTC) + timedelta(days=1)


@pytest.fixture
def records(tmp_path: Path) -> Records:
    """A store of ten runs that ended."""
    records = Records(tmp_path / "records", key=KEY)
    for number in range(10):
        ledger = records.run("shop-2", f"run-{number}").ledger(clock=FrozenClock(NIGHT + timedelta(minutes=number)))
        ledger.record("plan_frozen", plan="shop-2", run=f"run-{number}", digest="9f2c")
        outcome, seal = ledger.record("outcome", outcome="backed_out", because="errors"), ledger.seal()
        end = End("shop-2", f"run-{number}", "production", "shop", outcome.at, seal.hash, seal.seq, {"as": "it was"})
        records.ends.put(end, ledger.mac)
    return records


def ends_folder(records: Records) -> Path:
    return Path(str(records.root)) / "ends"


def line_of(end: End, mac: str | None) -> bytes:
    return end.content().replace(b'{"at"', b'{"mac":' + canonical(mac) + b',"at"', 1) + b"\n"


def put_together(records: Records, lines: Iterable[bytes], size: int = 9) -> Path:
    """What who may write the store can put there: a file whose name is right, and that is older than an hour."""
    content = b"".join(lines)
    path = ends_folder(records) / f"merged-{size}-{hashlib.sha256(content).hexdigest()[:16]}.jsonl"
    path.write_bytes(content)
    return path


def forged(records: Records, mac: str | None = None) -> tuple[list[End], Path]:
    """Another story of every end, under the very names of the true ones."""
    ends = list(records.ends.all())
    return ends, put_together(records, (line_of(replace(end, head="f" * 64, facts={}), mac) for end in ends))


def wrong(records: Records) -> dict[str, str]:
    told: dict[str, str] = {}
    for found in verify_all(records, KEY):
        if not found.ok:
            told[found.name] = "; ".join((told.get(found.name, ""), *found.problems))
    return told


@pytest.mark.parametrize("mac", [None, "f" * 64])
def test_a_forged_file_with_several_ends_does_not_supersede_the_signed_ones_nor_have_them_removed(
    records: Records, mac: str | None
) -> None:
    true, _ = forged(records, mac)
    for days in range(3):
        tidy(records, KEY, now=LATER + timedelta(days=days), most=None)
    assert list(records.ends.all()) == true
    assert all((ends_folder(records) / end.name).exists() for end in true)
    told = wrong(records)
    assert {f"ends/{end.name}" for end in true} <= told.keys()
    assert "one of them is forged" in told["shop-2/run-3"]


def test_without_a_key_the_file_of_the_end_itself_counts(records: Records) -> None:
    true, _ = forged(records)
    assert list(Records(records.root).ends.all()) == true


def test_a_forged_single_end_does_not_supersede_the_signed_one_in_a_file_with_several(records: Records) -> None:
    true = records.ends.all()
    for days in range(3):
        tidy(records, KEY, now=LATER + timedelta(days=days), most=None)
    place = ends_folder(records) / true[3].name
    assert not place.exists()
    place.write_bytes(line_of(replace(true[3], head="f" * 64), None))
    assert records.ends.all() == true
    assert "one of them is forged" in wrong(records)["shop-2/run-3"]


def test_a_forged_end_alone_in_a_file_with_several_is_told_as_not_signed(records: Records) -> None:
    true, _ = forged(records)
    for end in true:
        (ends_folder(records) / end.name).unlink()
    assert "not signed with this key" in wrong(records)["shop-2/run-3"]


@pytest.mark.parametrize("damage", ["changed", "longer", "empty"])
def test_a_file_with_several_ends_that_is_not_what_its_name_says_is_told_and_removes_nothing(
    records: Records, damage: str
) -> None:
    true = records.ends.all()
    tidy(records, KEY, now=LATER, most=None)
    tidy(records, KEY, now=LATER, most=None)
    (path,) = ends_folder(records).glob("merged-*")
    assert records.ends.all() == true
    content = path.read_bytes()
    path.write_bytes({"changed": content.replace(b"it was", b"it is!"), "longer": content * 2, "empty": b""}[damage])
    singles = [end.name for end in true if (ends_folder(records) / end.name).exists()]
    tidy(records, KEY, now=LATER + timedelta(days=1), most=None)
    assert [name for name in singles if not (ends_folder(records) / name).exists()] == []
    told = wrong(records)
    assert "not what its name says" in told[f"ends/{path.name}"]
    if not singles:
        assert "is damaged" in "; ".join(verify_in_store(records, records.run("shop-2", "run-3"), KEY).problems)


def test_a_file_that_was_removed_since_the_listing_is_gone_and_not_damaged(records: Records) -> None:
    path = put_together(records, [line_of(end, end.mac) for end in records.ends.all()])
    assert len(read_merged(ends_folder(records), [path.name])[path.name]) == 10
    path.unlink()
    assert read_merged(ends_folder(records), [path.name], anew=True) == {}


def test_two_signed_stories_of_an_end_are_both_ours(records: Records) -> None:
    true = records.ends.all()
    others = [replace(end, facts={"as": "a later version tells it"}) for end in true]
    put_together(records, (line_of(end, sign(end.content().hex(), KEY)) for end in others))
    assert records.ends.all() == true
    assert wrong(records) == {}
