import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployplan.evidence import AlreadyActive, RecordError, Records, RunRecord

KEY = b"k" * 32
RUN = "manual__2026-11-28T21:00:00.123456+00:00"
DIGEST = "9f2c" * 16


@pytest.fixture(params=["local", "memory"])
def records(request: pytest.FixtureRequest, tmp_path: Path) -> Records:
    if request.param == "memory":
        return Records(f"memory://records{tmp_path}", key=KEY)
    return Records(tmp_path / "records", key=KEY)


def test_a_run_leaves_a_record_that_is_found_again(records: Records) -> None:
    records.run("shop-4.3", RUN).ledger().record("plan_frozen")
    (found,) = records.runs()
    assert (found.plan, found.run_id) == ("shop-4.3", RUN)
    assert [entry.kind for entry in found.ledger().entries()] == ["plan_frozen"]


def test_runs_are_listed_by_plan_and_run_id(records: Records) -> None:
    for plan, run in (("b", "2"), ("b", "1"), ("a", "3")):
        records.run(plan, run).ledger().record("plan_frozen")
    assert [(run.plan, run.run_id) for run in records.runs()] == [("a", "3"), ("b", "1"), ("b", "2")]
    assert [run.run_id for run in records.runs("b")] == ["1", "2"]


def test_a_store_that_does_not_exist_has_no_runs(records: Records) -> None:
    assert records.runs() == ()
    assert records.active_plans() == {}
    assert records.active("shop") is None


@pytest.mark.parametrize("name", ["../../etc", "..", ".", ".hidden", "a/b", "a b", "ü", "100%", "a%2Fb", "~", "C:\\x"])
def test_any_name_is_one_folder_and_comes_back_as_it_was(records: Records, name: str) -> None:
    records.run(name, name).ledger().record("plan_frozen")
    (found,) = records.runs()
    assert (found.plan, found.run_id) == (name, name)
    assert found.folder.parent.parent == records.root / "runs"


@pytest.mark.parametrize("name", ["", "x" * 241])
def test_a_name_that_cannot_be_a_file_name_is_refused(records: Records, name: str) -> None:
    with pytest.raises(RecordError, match="characters as a file name; it must take 1 to 240"):
        records.run("shop", name)


def test_a_run_is_found_by_its_id_its_plan_and_id_and_its_plan(records: Records) -> None:
    records.run("shop", RUN).ledger().record("plan_frozen")
    for text in (RUN, f"shop/{RUN}", "shop"):
        assert records.find(text).run_id == RUN


def test_an_unknown_run_is_refused_with_those_there_are(records: Records) -> None:
    records.run("shop", "r1").ledger().record("plan_frozen")
    with pytest.raises(RecordError, match=r"no run 'r2' in .*; runs are shop/r1"):
        records.find("r2")


def test_an_ambiguous_run_is_refused_with_those_it_may_mean(records: Records) -> None:
    for plan in ("shop", "bill"):
        records.run(plan, "r1").ledger().record("plan_frozen")
    with pytest.raises(RecordError, match="'r1' means 2 runs: bill/r1, shop/r1"):
        records.find("r1")
    assert records.find("bill/r1").plan == "bill"


def test_a_plan_with_several_runs_is_ambiguous(records: Records) -> None:
    for run in ("r1", "r2"):
        records.run("shop", run).ledger().record("plan_frozen")
    with pytest.raises(RecordError, match="'shop' means 2 runs: shop/r1, shop/r2"):
        records.find("shop")


def test_of_many_runs_the_latest_are_listed(records: Records) -> None:
    for number in range(12):
        records.run("shop", f"r{number:02}").ledger().record("plan_frozen")
    with pytest.raises(RecordError, match=r"runs are shop/r02, .*shop/r11 and 2 earlier ones"):
        records.find("nothing")


def test_an_empty_store_says_so(records: Records) -> None:
    with pytest.raises(RecordError, match=r"no run 'r1' in .*; no runs yet"):
        records.find("r1")


def test_a_record_that_was_copied_elsewhere_can_be_read_there(tmp_path: Path) -> None:
    records = Records(tmp_path / "records", key=KEY)
    record = records.run("shop", RUN)
    record.ledger().record("plan_frozen", plan="shop", run=RUN)
    copy = tmp_path / "audit" / "evidence"
    shutil.copytree(str(record.folder), copy)
    found = Records(tmp_path / "no records here", key=KEY).find(str(copy))
    assert found.folder == copy
    assert [entry.kind for entry in found.ledger().entries()] == ["plan_frozen"]


def test_a_record_is_found_by_its_folder_with_a_line_end_slash(tmp_path: Path) -> None:
    record = RunRecord(tmp_path, "shop", RUN)
    record.ledger().record("plan_frozen")
    assert Records(tmp_path).find(f"{record.folder}/").run_id == RUN


def test_a_record_in_its_place_is_in_order(records: Records) -> None:
    record = records.run("shop", RUN)
    record.ledger().record("plan_frozen", plan="shop", run=RUN)
    assert record.verify().ok
    assert record.verify().signed


def test_another_runs_record_copied_in_is_found(tmp_path: Path) -> None:
    """Every entry is intact and signed, and yet it is not this run's."""
    records = Records(tmp_path, key=KEY)
    good, bad = records.run("shop", "good"), records.run("shop", "bad")
    good.ledger().record("plan_frozen", plan="shop", run="good")
    shutil.copytree(str(good.folder), str(bad.folder))
    assert bad.verify().problems == ("entry 1: belongs to run 'good' of plan 'shop'",)
    assert not bad.verify().ok


def test_a_key_given_for_one_ledger_signs_it(tmp_path: Path) -> None:
    record = RunRecord(tmp_path, "shop", RUN)
    record.ledger(key=KEY).record("plan_frozen")
    assert record.verify(key=KEY).signed


def test_the_key_is_never_shown(tmp_path: Path) -> None:
    assert "kkkk" not in repr(RunRecord(tmp_path, "shop", RUN, key=KEY))


def test_a_snapshot_comes_back_as_it_was(records: Records) -> None:
    records.save_snapshot("shop", DIGEST, '{"plan": "größer"}')
    assert records.snapshot("shop", DIGEST) == '{"plan": "größer"}'


def test_saving_a_snapshot_again_keeps_the_latest(records: Records) -> None:
    """The digest does not cover controls and freezes; they may have moved on."""
    records.save_snapshot("shop", DIGEST, "old")
    records.save_snapshot("shop", DIGEST, "new")
    assert records.snapshot("shop", DIGEST) == "new"


def test_a_snapshot_that_is_not_there_is_refused_with_those_that_are(records: Records) -> None:
    with pytest.raises(RecordError, match="no snapshot of plan 'shop' with digest 1234; the plan has none"):
        records.snapshot("shop", "1234")
    records.save_snapshot("shop", "5678", "text")
    with pytest.raises(RecordError, match="no snapshot of plan 'shop' with digest 1234; digests are 5678"):
        records.snapshot("shop", "1234")


def test_the_run_under_way_is_known_until_it_is_over(records: Records) -> None:
    records.open_run("shop", RUN, DIGEST)
    assert records.active("shop") == (RUN, DIGEST)
    assert records.active_plans() == {"shop": (RUN, DIGEST)}
    records.close_run("shop", RUN)
    assert records.active("shop") is None
    assert records.active_plans() == {}


def test_a_second_run_is_refused_while_one_is_under_way(records: Records) -> None:
    records.open_run("shop", "r1", DIGEST)
    with pytest.raises(AlreadyActive, match="run 'r1' of plan 'shop' is under way with digest 9f2c9f2c9f2c") as refused:
        records.open_run("shop", "r2", DIGEST)
    assert (refused.value.run_id, refused.value.digest) == ("r1", DIGEST)
    assert records.active("shop") == ("r1", DIGEST)


def test_the_same_run_may_open_again_with_a_new_digest(records: Records) -> None:
    records.open_run("shop", "r1", DIGEST)
    records.open_run("shop", "r1", DIGEST)
    records.open_run("shop", "r1", "new")
    assert records.active("shop") == ("r1", "new")


def test_a_run_that_is_not_under_way_closes_nothing(records: Records) -> None:
    records.close_run("shop", "r1")
    records.open_run("shop", "r2", DIGEST)
    records.close_run("shop", "r1")
    assert records.active("shop") == ("r2", DIGEST)


def test_plans_do_not_see_each_others_runs(records: Records) -> None:
    records.open_run("a/b", "r1", DIGEST)
    records.open_run("a", "r2", DIGEST)
    assert records.active_plans() == {"a/b": ("r1", DIGEST), "a": ("r2", DIGEST)}


@pytest.mark.parametrize(
    "content", [b"", b'{"run": "r1", "dig', b"[]", b'{"run": 7, "digest": []}', b"\xff", b"[" * 100_000]
)
def test_half_written_and_foreign_files_are_passed_over(tmp_path: Path, content: bytes) -> None:
    records = Records(tmp_path)
    records.open_run("good", "r1", DIGEST)
    for name in ("bad.json", "README.md", ".good.json.1f.draft"):
        (tmp_path / "active" / name).write_bytes(content)
    (tmp_path / "active" / "folder.json").mkdir()
    assert records.active_plans() == {"good": ("r1", DIGEST)}
    assert records.active("bad") is None
    records.open_run("bad", "r2", DIGEST)
    assert records.active("bad") == ("r2", DIGEST)


def test_of_runs_that_begin_together_exactly_one_is_under_way(tmp_path: Path) -> None:
    together = threading.Barrier(8)
    refused: list[str] = []

    def begin(run: str) -> None:
        together.wait()
        try:
            Records(tmp_path).open_run("shop", run, DIGEST)
        except AlreadyActive:
            refused.append(run)

    threads = [threading.Thread(target=begin, args=(f"r{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 7
    active = Records(tmp_path).active("shop")
    assert active is not None
    assert active[0] not in refused


def test_a_local_store_is_read_without_importing_any_object_storage_library(tmp_path: Path) -> None:
    """It is read at every DAG parse, in a process of its own."""
    script = (
        "import sys; from deployplan.evidence.record import Records; "
        f"Records({str(tmp_path)!r}).active_plans(); "
        "sys.exit(bool({'upath', 'fsspec', 's3fs', 'httpx', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], env={"PYTHONPATH": ":".join(sys.path)}, timeout=60)
    assert done.returncode == 0


def test_the_runs_under_way_cost_one_listing_and_one_read_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records = Records(tmp_path)
    for number in range(500):
        records.save_snapshot(f"p{number}", DIGEST, "text")
    records.open_run("p7", "r1", DIGEST)
    listed: list[Path] = []
    listing = Path.iterdir

    def counted(folder: Path) -> Iterator[Path]:
        listed.append(folder)
        return listing(folder)

    monkeypatch.setattr(Path, "iterdir", counted)
    assert records.active_plans() == {"p7": ("r1", DIGEST)}
    assert listed == [tmp_path / "active"]
