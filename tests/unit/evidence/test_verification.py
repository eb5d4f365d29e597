import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deployplan.evidence import Ledger, verify
from deployplan.evidence.entry import BEGINNING, Entry
from deployplan.testing import FrozenClock

NIGHT = datetime(2026, 11, 28, 22, tzinfo=UTC)
KEY = b"k" * 32


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A sealed, signed ledger of five entries."""
    ledger = Ledger(tmp_path, key=KEY, clock=FrozenClock(NIGHT))
    for kind in ("plan_frozen", "approved", "armed", "outcome"):
        ledger.record(kind)
    ledger.seal()
    return tmp_path


def segment(place: Path, seq: int) -> Path:
    return place / f"ledger-{seq:06d}.jsonl"


def head(place: Path, seq: int = 5) -> str:
    return str(json.loads(segment(place, seq).read_bytes())["hash"])


def rewritten(place: Path, key: bytes | None) -> None:
    """Write the whole chain anew, as somebody without the key would."""
    prev = BEGINNING
    for seq in range(1, 6):
        kind = json.loads(segment(place, seq).read_bytes())["kind"]
        facts = {"entries": 4} if kind == "sealed" else {"person": "mallory"}
        entry = Entry.of(seq, NIGHT, kind, facts, prev=prev, key=key)
        segment(place, seq).write_bytes(entry.line())
        prev = entry.hash


def test_a_ledger_as_it_was_written_is_in_order(place: Path) -> None:
    verification = verify(place, KEY)
    assert verification.ok
    assert verification.sealed
    assert verification.signed
    assert (verification.entries, verification.head, verification.problems) == (5, head(place), ())


def test_without_the_key_the_chain_is_checked_and_the_signatures_are_not(place: Path) -> None:
    verification = verify(place)
    assert (verification.ok, verification.signed) == (True, False)


def test_a_ledger_that_is_not_there_is_not_in_order(tmp_path: Path) -> None:
    verification = verify(tmp_path / "nothing")
    assert (verification.ok, verification.sealed, verification.entries) == (False, False, 0)
    assert verification.problems == (f"no ledger in {tmp_path}/nothing",)


def test_a_changed_fact_is_found(place: Path) -> None:
    segment(place, 2).write_bytes(segment(place, 2).read_bytes().replace(b"approved", b"rejected"))
    assert verify(place, KEY).problems == ("entry 2: changed after it was written",)


def test_a_changed_blank_is_found(place: Path) -> None:
    segment(place, 2).write_bytes(segment(place, 2).read_bytes().replace(b'"seq":2', b'"seq": 2'))
    assert "entry 2: ledger-000002.jsonl holds not the bytes that were written" in verify(place).problems


def test_a_removed_segment_is_found(place: Path) -> None:
    segment(place, 3).unlink()
    assert verify(place, KEY).problems == ("entry 3: is missing",)


def test_removed_segments_at_the_beginning_are_found(place: Path) -> None:
    segment(place, 1).unlink()
    segment(place, 2).unlink()
    assert verify(place, KEY).problems == ("entries 1 to 2: are missing",)


def test_segments_that_changed_places_are_found(place: Path) -> None:
    second, third = segment(place, 2).read_bytes(), segment(place, 3).read_bytes()
    segment(place, 2).write_bytes(third)
    segment(place, 3).write_bytes(second)
    problems = verify(place, KEY).problems
    assert "entry 2: ledger-000002.jsonl holds entry 3" in problems
    assert "entry 3: ledger-000003.jsonl holds entry 2" in problems


def test_a_segment_taken_out_and_the_rest_moved_up_is_found(place: Path) -> None:
    for seq in (3, 4, 5):
        segment(place, seq - 1).write_bytes(segment(place, seq).read_bytes())
    segment(place, 5).unlink()
    assert "entry 2: does not follow entry 1" in verify(place, KEY).problems


def test_an_end_cut_off_leaves_no_seal(place: Path) -> None:
    segment(place, 5).unlink()
    verification = verify(place, KEY)
    assert (verification.ok, verification.sealed) == (True, False)


def test_an_end_cut_off_is_found_by_the_head_that_was_printed_elsewhere(place: Path) -> None:
    printed = head(place)
    assert verify(place, KEY, expected_head=printed).ok
    segment(place, 5).unlink()
    assert verify(place, KEY, expected_head=printed).problems == (
        f"the head {printed} is not in this ledger: its end was cut off or written anew",
    )


def test_a_ledger_that_grew_since_its_head_was_printed_is_in_order(place: Path) -> None:
    printed = head(place)
    Ledger(place, key=KEY).record("armed")
    assert verify(place, KEY, expected_head=printed).ok


def test_a_chain_written_anew_without_the_key_is_found(place: Path) -> None:
    rewritten(place, b"x" * 32)
    assert verify(place).ok
    problems = verify(place, KEY).problems
    assert problems == tuple(f"entry {seq}: is signed with another key" for seq in range(1, 6))


def test_a_chain_written_anew_without_signatures_is_found(place: Path) -> None:
    rewritten(place, None)
    verification = verify(place, KEY)
    assert (verification.ok, verification.signed) == (False, False)
    assert verification.problems[0] == "entry 1: is not signed"


def test_a_chain_written_anew_is_found_by_the_head_even_without_the_key(place: Path) -> None:
    printed = head(place)
    rewritten(place, None)
    assert not verify(place, expected_head=printed).ok


def test_a_seal_with_another_count_is_found(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.record("one")
    ledger.record("sealed", entries=7)
    assert verify(tmp_path).problems == ("entry 2: seals 7 entries, there are 1 before it",)


def test_a_first_entry_that_follows_another_ledger_is_found(tmp_path: Path) -> None:
    stranger = Entry.of(1, NIGHT, "plan_frozen", {}, prev="f" * 64, key=None)
    segment(tmp_path, 1).write_bytes(stranger.line())
    assert verify(tmp_path).problems == ("entry 1: is not the beginning",)


def test_other_files_beside_the_ledger_do_not_matter(place: Path) -> None:
    for name in ("report.html", ".ledger-000006.jsonl.1f.draft", "ledger-000006.jsonl.bak", "ledger-0000006.jsonl"):
        (place / name).write_text("not ours")
    assert verify(place, KEY).ok


def test_every_problem_is_found_and_not_only_the_first(place: Path) -> None:
    segment(place, 1).write_bytes(b"\xff")
    segment(place, 4).unlink()
    assert verify(place, KEY).problems == (
        "entry 1: ledger-000001.jsonl holds not an entry",
        "entry 2: does not follow entry 1",
        "entry 4: is missing",
    )


def test_the_answer_for_programs_names_everything(place: Path) -> None:
    assert verify(place, KEY).as_json() == {
        "ok": True,
        "entries": 5,
        "head": head(place),
        "sealed": True,
        "signed": True,
        "bound": True,
        "problems": [],
    }
