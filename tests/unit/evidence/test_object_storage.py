"""The record store in object storage, on moto's S3 server: who was first is decided there, and nothing is lost."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any
from uuid import uuid4

import pytest
from upath import UPath

from deployplan.evidence import Records, merged_ends, patience
from deployplan.evidence.audit import verify_all
from deployplan.evidence.end import End
from deployplan.evidence.folder import create, read_all
from deployplan.evidence.hold import HoldSwitch
from deployplan.evidence.tidy import tidy
from s3_server import CountingS3, Trouble, serve
from s3_server import options as options_for

KEY = b"k" * 32
NIGHT = datetime(2026, 11, 28, 22, tzinfo=UTC)
AT_ONCE = 20


@pytest.fixture(scope="module")
def serving() -> Iterator[tuple[str, CountingS3]]:
    """The URL of an S3 server on a port of its own, and what it does."""
    pytest.importorskip("moto")
    with serve() as serving:
        yield serving


@pytest.fixture
def server(serving: tuple[str, CountingS3]) -> Iterator[CountingS3]:
    """The server, which is well again after each test."""
    yield serving[1]
    serving[1].trouble = Trouble()


@pytest.fixture
def options(serving: tuple[str, CountingS3]) -> dict[str, Any]:
    return options_for(serving[0])


@pytest.fixture
def root(options: dict[str, Any]) -> UPath:
    bucket = f"evidence-{uuid4().hex}"
    UPath(f"s3://{bucket}", **options).fs.mkdir(bucket)
    return UPath(f"s3://{bucket}/records", **options)


def another(root: UPath, number: int = 0) -> UPath:
    """The same folder for one of four machines: each with connections and a memory of its own."""
    return UPath(str(root), **root.storage_options, config_kwargs={"user_agent_extra": f"machine-{number % 4}"})


def end(root: UPath, number: int) -> None:
    records = Records(another(root, number), key=KEY)
    ledger = records.run("shop-2", f"run-{number}").ledger()
    ledger.record("plan_frozen", plan="shop-2", run=f"run-{number}", ended=records.ends.heads())
    outcome, seal = ledger.record("outcome", outcome="success", because="all is well"), ledger.seal()
    records.ends.put(
        End("shop-2", f"run-{number}", "production", "shop", outcome.at, seal.hash, seal.seq, {}), ledger.mac
    )


def test_twenty_runs_of_one_product_that_end_at_once_lose_none(root: UPath) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda number: end(root, number), range(AT_ONCE)))

    records = Records(another(root), key=KEY)
    kept = records.ends.of_product("production", "shop", 500)
    assert {each.run_id for each in kept} == {f"run-{number}" for number in range(AT_ONCE)}
    assert all(each.is_signed_with(KEY) for each in kept)
    assert all(records.run("shop-2", each.run_id).ledger().head == each.head for each in kept)


def test_twenty_writers_of_one_ledger_lose_no_entry(root: UPath) -> None:
    def record(number: int) -> None:
        Records(another(root, number), key=KEY).run("shop-2", "run-1").ledger().record(
            "reading", criterion=f"c{number}"
        )

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(record, range(AT_ONCE)))

    entries = Records(another(root), key=KEY).run("shop-2", "run-1").ledger().entries()
    assert {entry.facts["criterion"] for entry in entries} == {f"c{number}" for number in range(AT_ONCE)}
    assert [entry.seq for entry in entries] == list(range(1, AT_ONCE + 1))


def test_one_of_twenty_that_create_an_object_is_the_first_and_the_others_are_told(root: UPath) -> None:
    def first(number: int) -> bool:
        try:
            create(another(root, number), "one.json", json.dumps(number).encode())
        except FileExistsError:
            return False
        return True

    with ThreadPoolExecutor(AT_ONCE) as pool:
        won = list(pool.map(first, range(AT_ONCE)))

    assert won.count(True) == 1
    assert json.loads((another(root) / "one.json").read_bytes()) == won.index(True)


def test_what_one_machine_has_kept_another_sees_at_once(root: UPath) -> None:
    watching = Records(another(root), key=KEY)
    assert watching.ends.all() == ()
    end(root, 1)
    assert [each.run_id for each in watching.ends.all()] == ["run-1"]
    assert watching.ends.all()[0].at > NIGHT - timedelta(days=3650)


def test_a_store_that_fails_one_request_in_four_loses_no_entry_and_keeps_none_twice(
    root: UPath, server: CountingS3
) -> None:
    """Half of those that fail were carried out: the name that is taken then is our own entry's."""
    ledger = Records(root, key=KEY).run("shop-2", "run-1").ledger()
    server.trouble = Trouble(failing=0.25)
    kept = [ledger.record("reading", criterion=f"c{number}") for number in range(20)]
    server.trouble = Trouble()
    assert Records(another(root), key=KEY).run("shop-2", "run-1").ledger().entries() == tuple(kept)


def test_a_store_that_is_away_for_a_while_is_waited_for(root: UPath, server: CountingS3) -> None:
    ledger = Records(root, key=KEY).run("shop-2", "run-1").ledger()
    server.trouble = Trouble(away_until=monotonic() + 8)  # longer than its driver tries
    kept = ledger.record("reading", criterion="c")
    assert ledger.entries() == (kept,)


def test_a_file_that_the_store_fails_to_give_is_not_taken_for_one_that_is_not_there(
    root: UPath, server: CountingS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PATIENCE", 0.0)
    create(root, "a", b"1")
    assert read_all(root, ["a", "b"]) == {"a": b"1"}
    server.trouble = Trouble(away_until=monotonic() + 3600)
    with pytest.raises(OSError, match="try again"):
        read_all(root, ["a", "b"])


def test_a_file_is_read_with_one_request(root: UPath, server: CountingS3) -> None:
    create(root, "a", b"1")
    server.counts.clear()
    assert read_all(root, ["a"]) == {"a": b"1"}
    assert server.counts == {"GET": 1}


def test_runs_that_ended_are_put_together_there_too(root: UPath, server: CountingS3) -> None:
    for number in range(10):
        end(root, number)
    records = Records(root, key=KEY)
    before = {record.name: record.ledger().entries() for record in records.runs()}
    for days in (1, 2, 3):
        tidy(records, KEY, now=datetime.now(UTC) + timedelta(days=days))
    names = [path.rsplit("/", 1)[-1] for path in root.fs.find(root.path)]
    assert sorted(name.partition("-")[0] for name in names) == ["merged"] + ["sealed"] * 10

    merged_ends._merged.clear()
    fresh = Records(another(root), key=KEY)
    assert {record.name: record.ledger().entries() for record in fresh.runs()} == before
    assert all(found.ok for found in verify_all(fresh, KEY))
    merged_ends._merged.clear()
    server.counts.clear()
    assert len(fresh.ends.of_product("production", "shop", 500)) == 10
    assert server.counts == {"LIST": 1, "GET": 1}


def test_of_two_who_hold_everything_at_once_both_are_told_who_was_first(root: UPath) -> None:
    def hold(number: int) -> str:
        return HoldSwitch(another(root, number)).hold("network works", by=f"person {number}", at=NIGHT).by

    with ThreadPoolExecutor(4) as pool:
        told = set(pool.map(hold, range(4)))
    state = HoldSwitch(another(root)).state()
    assert state is not None
    assert told == {state.by}
