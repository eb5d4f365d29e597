"""What ended is put together into few files; nobody who reads or writes in the middle sees, or does, anything else."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deployplan.evidence import Ledger, Records, folder, ledger, merged_ends, tidy
from deployplan.evidence.audit import verify_all
from deployplan.evidence.end import End
from deployplan.evidence.entry import Entry
from deployplan.evidence.kinds.people import MomentReached
from deployplan.evidence.segment import list_ledger, read_segments
from deployplan.testing import FrozenClock

KEY = b"k" * 32
NIGHT = datetime(2026, 11, 28, 22, tzinfo=UTC)
LATER, MUCH_LATER = (datetime.now(UTC) + timedelta(days=days) for days in (1, 2))
RUNS = 12


class Uptime:
    """How long the machine has been up, in seconds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def uptime(monkeypatch: pytest.MonkeyPatch) -> Uptime:
    uptime = Uptime()
    monkeypatch.setattr(ledger, "_uptime", uptime)
    return uptime


def end_run(records: Records, number: int) -> None:
    """A run of five entries, of which two messages were told when it was over."""
    plan, run_id, clock = "shop-2", f"run-{number:02d}", FrozenClock(NIGHT + timedelta(minutes=number))
    written = records.run(plan, run_id).ledger(clock=clock)
    written.record("plan_frozen", plan=plan, run=run_id, digest="9f2c", ended=records.ends.heads())
    written.record("approved", person="mia")
    outcome, seal = written.record("outcome", outcome="success", because="all is well"), written.seal()
    records.ends.put(End(plan, run_id, "production", "shop", outcome.at, seal.hash, seal.seq, {}), written.mac)
    for _ in range(2):
        records.run(plan, run_id).apart(clock=clock).record("message_sent", to="team")


@pytest.fixture
def records(tmp_path: Path) -> Records:
    records = Records(tmp_path / "records", key=KEY)
    for number in range(RUNS):
        end_run(records, number)
    return records


def another(records: Records) -> Records:
    """The same store for a process that remembers nothing."""
    merged_ends._merged.clear()
    return Records(records.root, key=KEY)


def evidence_of(records: Records) -> dict[str, object]:
    """All that the store tells: entries by run, also of what came late, the ends, and what `verify --all` says."""
    fresh = another(records)
    told: dict[str, object] = {
        record.name: (record.ledger().entries(), record.apart().entries()) for record in fresh.runs("shop-2")
    }
    found = [(each.name, each.ok, each.told, each.problems) for each in verify_all(fresh, KEY)]
    return told | {"ends": fresh.ends.all(), "heads": fresh.ends.heads(), "verify": found}


def files_of(records: Records) -> list[str]:
    root = Path(str(records.root))
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def tidy_wholly(records: Records) -> None:
    tidy.tidy(records, KEY, now=LATER, most=None)
    tidy.tidy(records, KEY, now=MUCH_LATER, most=None)
    tidy.tidy(records, KEY, now=MUCH_LATER, most=None)


def test_an_ended_run_is_one_file_and_its_end_is_in_one_with_others(records: Records) -> None:
    before = evidence_of(records)
    assert len(files_of(records)) == RUNS * (4 + 2 + 1)
    tidy_wholly(records)
    assert evidence_of(records) == before
    runs = [name for name in files_of(records) if name.startswith("runs/")]
    assert runs == sorted(
        name
        for number in range(RUNS)
        for name in (
            f"runs/shop-2/run-{number:02d}/sealed-000001-000004.jsonl",
            f"runs/shop-2/run-{number:02d}/apart/sealed-000001-000002.jsonl",
        )
    )
    ends = [name for name in files_of(records) if name.startswith("ends/")]
    assert len(ends) == 1 + RUNS % 10
    assert ends[-1].startswith("ends/merged-1-")


def test_the_one_file_holds_the_very_bytes_of_the_entries(records: Records) -> None:
    place = records.run("shop-2", "run-00").folder
    lines = read_segments(place)
    tidy_wholly(records)
    assert (Path(str(place)) / "sealed-000001-000004.jsonl").read_bytes() == b"".join(lines.values())
    assert read_segments(place) == lines


def test_nothing_is_removed_before_an_hour_has_passed(records: Records) -> None:
    before = set(files_of(records))
    now = datetime.now(UTC)
    for minutes in (0, 30, 58):
        tidy.tidy(records, KEY, now=now + timedelta(minutes=minutes), most=None)
        assert before <= set(files_of(records))


def test_a_run_that_ended_within_the_hour_is_left_alone(records: Records) -> None:
    before = files_of(records)
    assert tidy.tidy(records, KEY, now=NIGHT + timedelta(minutes=59)) == tidy.Tidied()
    assert files_of(records) == before


def test_a_run_that_is_under_way_again_is_left_alone(records: Records) -> None:
    records.open_run("shop-2", "run-03", "9f2c")
    tidy_wholly(records)
    assert list_ledger(records.run("shop-2", "run-03").folder).sealed == ()


def test_a_rerun_continues_behind_the_one_file_and_is_put_into_one_of_its_own(records: Records) -> None:
    tidy_wholly(records)
    again = another(records).run("shop-2", "run-00").ledger()
    again.record("intervened", person="mia")
    sealed = again.seal()
    records.ends.put(End("shop-2", "run-00", "production", "shop", NIGHT, sealed.hash, sealed.seq, {}), again.mac)
    for number in range(20, 30):
        end_run(records, number)
    before = evidence_of(records)
    tidy_wholly(records)
    assert evidence_of(records) == before
    found = list_ledger(records.run("shop-2", "run-00").folder)
    assert (found.single, [each.name for each in found.sealed]) == (
        (),
        ["sealed-000001-000004.jsonl", "sealed-000005-000006.jsonl"],
    )


def test_a_ledger_that_is_not_intact_is_left_as_it_is(records: Records) -> None:
    path = Path(str(records.run("shop-2", "run-05").folder)) / "ledger-000002.jsonl"
    path.write_bytes(path.read_bytes().replace(b"mia", b"eve"))
    assert tidy.tidy(records, KEY, now=LATER, most=None).left == 1
    tidy_wholly(records)
    assert list_ledger(records.run("shop-2", "run-05").folder).single == (1, 2, 3, 4)


def _mutations(monkeypatch: pytest.MonkeyPatch, look: Callable[[int], None]) -> list[int]:
    """Call `look` before each file is created or removed, with how many were; and return the count, in a list."""
    done = [0]

    def watched(do: Callable[..., Any]) -> Callable[..., Any]:
        def doing(*given: Any, **named: Any) -> Any:
            look(done[0])
            done[0] += 1
            return do(*given, **named)

        return doing

    for name in ("create", "remove"):
        monkeypatch.setattr(folder, name, watched(getattr(folder, name)))
    return done


def test_a_reader_in_the_middle_sees_what_any_other_sees(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    before = evidence_of(records)
    looked = list[int]()

    def look(number: int) -> None:
        if number % 7 == 0:
            assert evidence_of(records) == before
            looked.append(number)

    with monkeypatch.context() as patch:
        _mutations(patch, look)
        tidy_wholly(records)
    assert len(looked) > 10


@pytest.mark.parametrize("at", [0, 1, 5, 12, 23, 24, 25, 26, 40, 70, 95, 96, 100])
def test_who_is_killed_in_the_middle_leaves_all_that_there_was_and_the_next_goes_on(
    records: Records, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    before = evidence_of(records)

    def die(number: int) -> None:
        if number == at:
            raise Killed

    with monkeypatch.context() as patch:
        _mutations(patch, die)
        with pytest.raises(Killed):
            tidy_wholly(records)
    assert evidence_of(records) == before
    tidy_wholly(records)
    assert evidence_of(records) == before
    assert not [name for name in files_of(records) if "/ledger-" in name]


def test_a_writer_that_slept_meanwhile_writes_behind_the_end_and_not_where_a_name_has_become_free(
    records: Records, uptime: Uptime
) -> None:
    written = records.run("shop-2", "run-40").ledger()
    first = written.record("plan_frozen", plan="shop-2", run="run-40", digest="9f2c")
    end_run(records, 40)
    expected = records.run("shop-2", "run-40").ledger().entries()
    assert expected[0] == first
    tidy_wholly(records)
    assert list_ledger(records.run("shop-2", "run-40").folder).single == ()
    uptime.now += 3600
    last = written.record("unproven", nodes=["n1"])
    assert another(records).run("shop-2", "run-40").ledger().entries() == (*expected, last)
    assert list_ledger(records.run("shop-2", "run-40").folder).single == (last.seq,)


def test_who_adds_nothing_behind_a_seal_adds_nothing_behind_one_that_it_slept_through(
    records: Records, uptime: Uptime
) -> None:
    written = records.run("shop-2", "run-40").ledger()
    written.record("plan_frozen", plan="shop-2", run="run-40", digest="9f2c")
    end_run(records, 40)
    tidy_wholly(records)
    before = evidence_of(records)
    uptime.now += 3600
    assert written.keep_unless_sealed(MomentReached(moment="resumed", occasion="x")) is None
    assert evidence_of(records) == before
    assert list_ledger(records.run("shop-2", "run-40").folder).single == ()


def test_a_reader_that_slept_meanwhile_reads_on_in_the_one_file(records: Records, uptime: Uptime) -> None:
    writer, reader = (records.run("shop-2", "run-40").ledger() for _ in range(2))
    writer.record("plan_frozen", plan="shop-2", run="run-40", digest="9f2c")
    assert len(reader.entries()) == 1
    end_run(records, 40)
    expected = another(records).run("shop-2", "run-40").ledger().entries()
    tidy_wholly(records)
    uptime.now += 3600
    assert reader.entries() == expected


@pytest.mark.parametrize("damage", ["cut", "changed", "longer", "swapped"])
def test_what_is_done_to_the_one_file_is_found(records: Records, damage: str) -> None:
    tidy_wholly(records)
    path = Path(str(records.run("shop-2", "run-05").folder)) / "sealed-000001-000004.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(
        {
            "cut": b"".join(lines[:-1]),
            "changed": b"".join(lines).replace(b"mia", b"eve"),
            "longer": b"".join([*lines, lines[-1]]),
            "swapped": b"".join([lines[1], lines[0], *lines[2:]]),
        }[damage]
    )
    bad = [each.name for each in verify_all(another(records), KEY) if not each.ok]
    assert "shop-2/run-05" in bad


class Killed(BaseException):
    """The process is gone."""


def _killed_once_it_has_written(writer: Ledger, kept: list[Entry]) -> list[Entry]:
    """Kill a writer before it looks whether its entry counts; what it has left in the ledger, if it has."""
    catch_up = writer._catch_up

    def die(mine: Entry | None = None) -> bool:
        if mine is not None:
            raise Killed
        return catch_up()

    writer._catch_up = die  # type: ignore[method-assign]
    try:
        return [writer.record("reading", number=len(kept))]
    except Killed:
        return list(Ledger(writer.folder, key=KEY).entries()[len(kept) :])


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(0, 3)),
        st.tuples(st.sampled_from(["read", "die"]), st.integers(0, 3)),
        st.tuples(st.sampled_from(["tidy", "tidy", "put together", "remove", "sleep", "hour", "restart"]), st.just(0)),
    ),
    max_size=60,
)


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("model")
    return (folder / str(number) for number in count())


@given(steps=STEPS)
@settings(max_examples=150, deadline=None)
def test_whoever_writes_reads_and_tidies_in_whatever_order_nothing_is_lost_doubled_or_moved(
    places: Iterator[Path], steps: list[tuple[str, int]]
) -> None:
    """Four writers on one ledger, each of which may sleep for hours between two steps; a restart is a new process."""
    place, uptime, made_at = next(places), Uptime(), dict[str, float]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger, "_uptime", uptime)
        epoch = datetime(2026, 1, 1, tzinfo=UTC)
        patch.setattr(folder, "written_at", lambda _, name: epoch + timedelta(seconds=made_at[name]))
        writers = [Ledger(place, key=KEY) for _ in range(4)]
        kept = list[Entry]()
        for step, who in steps:
            if step == "write":
                kept.append(writers[who].record("reading", number=len(kept)))
            elif step == "read":
                assert writers[who].entries() == tuple(kept)
            elif step == "die":
                kept += _killed_once_it_has_written(writers[who], kept)
                writers[who] = Ledger(place, key=KEY)
            elif step == "restart":
                writers[who] = Ledger(place, key=KEY)
            if step in ("tidy", "put together") and (listing := list_ledger(place)).single:
                tidy.put_together(place, listing)
                for each in list_ledger(place).sealed:
                    made_at.setdefault(each.name, uptime.now)
            uptime.now += {"sleep": 20.0, "hour": 3600.0, "tidy": 3600.0}.get(step, 0.0)
            if step in ("tidy", "remove"):
                tidy.remove_singles(place, epoch + timedelta(seconds=uptime.now) - tidy.GRACE)
        assert Ledger(place, key=KEY).entries() == tuple(kept)
        assert all(each.entries() == tuple(kept) for each in writers)
