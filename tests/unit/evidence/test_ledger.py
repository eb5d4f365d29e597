import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deployplan.evidence import Ledger, LedgerDamaged, RecordError, folder, salvage, segment, verify
from deployplan.evidence import ledger as module
from deployplan.evidence.entry import BEGINNING
from deployplan.testing import FrozenClock

NIGHT = datetime(2026, 11, 28, 22, tzinfo=UTC)
KEY = b"k" * 32


def a_ledger(place: Path, key: bytes | None = None) -> Ledger:
    return Ledger(place, key=key, clock=FrozenClock(NIGHT))


def kinds(ledger: Ledger) -> list[str]:
    return [entry.kind for entry in ledger.entries()]


def test_entries_come_back_in_the_order_in_which_they_were_recorded(tmp_path: Path) -> None:
    ledger = a_ledger(tmp_path / "run")
    ledger.record("plan_frozen", digest="9f2c")
    ledger.record("approved", person="mia")
    first, second = ledger.entries()
    assert (first.seq, first.kind, first.facts, first.at) == (1, "plan_frozen", {"digest": "9f2c"}, NIGHT)
    assert (second.seq, second.kind, second.prev) == (2, "approved", first.hash)


def test_each_entry_is_a_file_of_its_own(tmp_path: Path) -> None:
    ledger = a_ledger(tmp_path)
    ledger.record("one")
    ledger.record("two")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ledger-000001.jsonl", "ledger-000002.jsonl"]


def test_the_chain_is_as_designed(tmp_path: Path) -> None:
    """Stored evidence must stay checkable: these very bytes may never come out different."""
    a_ledger(tmp_path, b"key").record("approved", person="mia")
    assert (tmp_path / "ledger-000001.jsonl").read_text() == (
        '{"at":"2026-11-28T22:00:00.000000+00:00","facts":{"person":"mia"},"format":2,"generation":0,'
        '"hash":"b92df959ef269843c9fe721795db80836c0a0f7c1e0b2d524ecc432664badbbc","kind":"approved","mac":"5d49af7aa5f651c08061e181673e6f6ed06c96b3e4af5a2cdb672cb7f6b888cf",'
        f'"plan":"","prev":"{BEGINNING}","run":"","seq":1}}\n'
    )


def test_a_fact_may_be_called_kind_or_self(tmp_path: Path) -> None:
    assert a_ledger(tmp_path).record("gate", kind="hard", self="x").facts == {"kind": "hard", "self": "x"}


def test_a_ledger_without_entries_is_empty_and_makes_no_folder(tmp_path: Path) -> None:
    ledger = a_ledger(tmp_path / "run")
    assert ledger.entries() == ()
    assert ledger.head == BEGINNING
    assert not (tmp_path / "run").exists()


def test_the_head_is_the_last_entrys_hash_whoever_wrote_it(tmp_path: Path) -> None:
    ledger = a_ledger(tmp_path)
    ledger.record("one")
    other = a_ledger(tmp_path).record("two")
    assert ledger.head == other.hash


def test_a_new_process_continues_the_chain(tmp_path: Path) -> None:
    a_ledger(tmp_path).record("one")
    a_ledger(tmp_path).record("two")
    assert kinds(a_ledger(tmp_path)) == ["one", "two"]
    assert verify(tmp_path).ok


def test_two_writers_that_take_turns_do_not_fork_the_chain(tmp_path: Path) -> None:
    mine, other = a_ledger(tmp_path), a_ledger(tmp_path)
    mine.record("one")
    other.record("two")
    other.record("three")
    mine.record("four")
    assert kinds(other) == kinds(mine) == ["one", "two", "three", "four"]


def test_threads_that_share_a_ledger_lose_nothing(tmp_path: Path) -> None:
    ledger = a_ledger(tmp_path)
    together = threading.Barrier(4)

    def write(who: int) -> None:
        together.wait()
        for number in range(25):
            ledger.record("reading", who=who, number=number)

    threads = [threading.Thread(target=write, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _each_wrote_all_in_its_order(ledger.entries(), writers=4, each=25)
    assert verify(tmp_path).ok


WRITER = """
import sys
from deployplan.evidence import Ledger
ledger = Ledger(sys.argv[1], key=b"k" * 32)
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[3])):
    ledger.record("reading", who=int(sys.argv[2]), number=number)
"""


def test_processes_that_race_neither_lose_an_entry_nor_fork_the_chain(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(who), "40"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PYTHONPATH": ":".join(sys.path)},
        )
        for who in range(3)
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write(b"go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=120)
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    _each_wrote_all_in_its_order(a_ledger(tmp_path, KEY).entries(), writers=3, each=40)
    assert verify(tmp_path, KEY).ok
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".draft")]


def _each_wrote_all_in_its_order(entries: Any, *, writers: int, each: int) -> None:
    assert len(entries) == writers * each
    for who in range(writers):
        assert [entry.facts["number"] for entry in entries if entry.facts["who"] == who] == list(range(each))


def test_a_ledger_is_sealed_with_the_count_of_what_came_before(tmp_path: Path) -> None:
    ledger = a_ledger(tmp_path)
    ledger.record("one")
    assert ledger.seal(outcome="success").facts == {"outcome": "success", "entries": 1}
    assert verify(tmp_path).sealed


def test_a_rerun_continues_after_the_seal_and_seals_again(tmp_path: Path) -> None:
    ledger = a_ledger(tmp_path)
    ledger.record("one")
    ledger.seal()
    ledger.record("armed")
    assert not verify(tmp_path).sealed
    assert ledger.seal().facts == {"entries": 3}
    assert verify(tmp_path).ok
    assert verify(tmp_path).sealed


def test_a_damaged_ledger_decides_nothing(tmp_path: Path) -> None:
    ledger = a_ledger(tmp_path)
    ledger.record("rejected", person="mia")
    path = tmp_path / "ledger-000001.jsonl"
    path.write_bytes(path.read_bytes().replace(b"rejected", b"approved"))
    with pytest.raises(LedgerDamaged, match="entry 1: changed after it was written"):
        ledger.entries()


def test_an_approval_that_somebody_wrote_without_the_key_decides_nothing(tmp_path: Path) -> None:
    a_ledger(tmp_path, KEY).record("plan_frozen")
    a_ledger(tmp_path).record("approved", person="mallory")
    with pytest.raises(LedgerDamaged, match="entry 2: is not signed"):
        a_ledger(tmp_path, KEY).entries()


def test_a_segment_removed_between_two_readings_is_noticed_by_the_next_new_entry(tmp_path: Path) -> None:
    ledger = a_ledger(tmp_path)
    ledger.record("one")
    ledger.entries()
    ledger.record("two")
    ledger.record("three")
    (tmp_path / "ledger-000002.jsonl").unlink()
    with pytest.raises(LedgerDamaged, match="entry 2: is missing"):
        ledger.entries()


@pytest.mark.parametrize("missing", [2, 3, 5])
def test_a_further_look_does_not_take_a_gap_for_the_end(tmp_path: Path, missing: int) -> None:
    writer, reader = a_ledger(tmp_path), a_ledger(tmp_path)
    writer.record("plan_frozen")
    assert len(reader.entries()) == 1
    for number in range(6):
        writer.record("ready", number=number)
    (tmp_path / f"ledger-{missing:06d}.jsonl").unlink()
    with pytest.raises(LedgerDamaged, match=f"entry {missing}"):
        reader.entries()


def test_an_entry_that_another_writer_is_about_to_fill_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it looks on a file system without hard links."""
    first = a_ledger(tmp_path).record("one")
    path = tmp_path / "ledger-000001.jsonl"
    path.write_bytes(b"")
    monkeypatch.setattr(segment, "sleep", lambda _: path.write_bytes(first.line()))
    assert a_ledger(tmp_path).record("two").prev == first.hash
    path.write_bytes(b"")
    (tmp_path / "ledger-000002.jsonl").unlink()
    assert a_ledger(tmp_path).entries() == (first,)


def test_damage_does_not_stop_the_record(tmp_path: Path) -> None:
    """A backout may be under way; what it does must be written down, and the damage must stay visible."""
    a_ledger(tmp_path).record("one")
    (tmp_path / "ledger-000002.jsonl").write_bytes(b"half a li")
    a_ledger(tmp_path).record("undo_started")
    assert [entry.kind for entry in salvage(tmp_path)] == ["one", "undo_started"]
    assert verify(tmp_path).problems == ("entry 2: ledger-000002.jsonl holds not an entry",)


def test_a_store_that_fails_is_not_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    ledger = a_ledger(tmp_path)
    ledger.record("one")
    with monkeypatch.context() as patch:
        patch.setattr(folder, "_draft", full)
        with pytest.raises(OSError, match="No space left"):
            ledger.record("lost")
    ledger.record("two")
    assert kinds(ledger) == ["one", "two"]


def test_a_store_where_every_name_is_taken_ends_with_an_error_and_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken(*_: object) -> None:
        raise FileExistsError

    monkeypatch.setattr(module, "MOST_ATTEMPTS", 5)
    monkeypatch.setattr(folder, "create", taken)
    monkeypatch.setattr(folder, "read_file", lambda *_: b"\n")
    with pytest.raises(RecordError, match="5 other entries came first"):
        a_ledger(tmp_path).record("one")


def test_object_storage_holds_a_ledger_too() -> None:
    place = f"memory://evidence/{id(object())}"
    mine, other = Ledger(place, key=KEY), Ledger(place, key=KEY)
    mine.record("one")
    other.record("two")
    mine.record("three")
    assert kinds(other) == ["one", "two", "three"]
    assert verify(place, KEY).ok
