"""One object an end: runs that end at once lose none, and who was the last is known by a listing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deployplan.evidence.end import End
from deployplan.evidence.ends import MOST_NAMED, Ends
from deployplan.evidence.entry import sign

KEY = b"k" * 32
NIGHT = datetime(2026, 11, 28, 22, tzinfo=UTC)


def mac(content: bytes) -> str:
    return sign(content.hex(), KEY)


def an_end(run_id: str = "run-1", *, product: str = "shop", minutes: int = 0, head: str = "a" * 64) -> End:
    at = NIGHT + timedelta(minutes=minutes)
    return End("shop-2", run_id, "production", product, at, head, 9, {"outcome": "success"}, None)


@pytest.fixture
def ends(tmp_path: Path) -> Ends:
    return Ends(tmp_path / "ends")


def test_what_was_kept_is_found_by_product_and_by_run(ends: Ends) -> None:
    ends.put(an_end(), mac)
    (found,) = ends.of_product("production", "shop", 10)
    assert (found.plan, found.run_id, found.head, found.entries, found.at) == ("shop-2", "run-1", "a" * 64, 9, NIGHT)
    assert found.facts == {"outcome": "success"}
    assert ends.of_run("shop-2", "run-1") == ends.all() == (found,)
    assert ends.of_product("production", "desk", 10) == ends.of_run("shop-2", "run-2") == ()


def test_an_end_is_signed(ends: Ends) -> None:
    ends.put(an_end(), mac)
    (found,) = ends.all()
    assert found.is_signed_with(KEY)
    assert not found.is_signed_with(b"x" * 32)


def test_keeping_an_end_again_changes_nothing(ends: Ends) -> None:
    ends.put(an_end(), mac)
    ends.put(an_end(head="b" * 64), mac)
    assert [end.head for end in ends.all()] == ["a" * 64]


def test_a_run_that_ends_again_has_two_ends_and_the_later_one_is_the_last(ends: Ends) -> None:
    ends.put(an_end(minutes=5, head="b" * 64), mac)
    ends.put(an_end(), mac)
    assert [end.head for end in ends.of_run("shop-2", "run-1")] == ["a" * 64, "b" * 64]
    assert ends.heads() == {"shop-2/run-1": "b" * 64}


def test_twenty_runs_that_end_at_once_lose_none(ends: Ends) -> None:
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda number: ends.put(an_end(f"run-{number}"), mac), range(20)))
    assert len(ends.of_product("production", "shop", 500)) == 20


def test_the_latest_are_named_and_no_more(ends: Ends) -> None:
    for number in range(MOST_NAMED + 3):
        ends.put(an_end(f"run-{number}", minutes=number), mac)
    named = ends.heads()
    assert len(named) == MOST_NAMED
    assert "shop-2/run-2" not in named
    assert f"shop-2/run-{MOST_NAMED + 2}" in named


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"format": 3}'])
def test_what_is_no_end_is_left_out(ends: Ends, tmp_path: Path, content: bytes) -> None:
    ends.put(an_end(), mac)
    (tmp_path / "ends" / an_end("run-2", minutes=1).name).write_bytes(content)
    assert [end.run_id for end in ends.all()] == ["run-1"]


def test_an_end_under_another_name_is_none(ends: Ends, tmp_path: Path) -> None:
    ends.put(an_end(), mac)
    content = (tmp_path / "ends" / an_end().name).read_bytes()
    (tmp_path / "ends" / an_end("run-2").name).write_bytes(content)
    assert [end.run_id for end in ends.all()] == ["run-1"]


def test_nothing_is_there_before_the_first_end(ends: Ends, tmp_path: Path) -> None:
    assert ends.all() == () == ends.of_product("production", "shop", 5)
    assert not ends.are_built
    assert not (tmp_path / "ends").exists()
