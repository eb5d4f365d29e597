"""The hold switch: one file, the same for all machines, and closed when in doubt."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

from deployplan.evidence.hold import HoldSwitch

NOON = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


def test_nothing_is_held_at_first(tmp_path: Path) -> None:
    assert HoldSwitch(tmp_path / "records").state() is None


def test_a_hold_shows_who_why_and_since_when_to_everybody(tmp_path: Path) -> None:
    HoldSwitch(tmp_path).hold("network works", by="mia", at=NOON)
    assert str(HoldSwitch(tmp_path).state()) == "held by mia since 2026-11-28 12:00 UTC: network works"


def test_the_first_reason_stays_until_somebody_resumes(tmp_path: Path) -> None:
    switch = HoldSwitch(tmp_path)
    switch.hold("network works", by="mia", at=NOON)
    assert switch.hold("lunch", by="tom", at=NOON).reason == "network works"
    resumed = switch.resume()
    assert resumed is not None
    assert resumed.by == "mia"
    assert switch.state() is None
    assert switch.resume() is None


def test_of_many_who_hold_at_once_one_is_first_and_all_are_told_who(tmp_path: Path) -> None:
    together = Barrier(8)

    def hold(who: int) -> str:
        together.wait()
        return HoldSwitch(tmp_path).hold("network works", by=f"person {who}", at=NOON).by

    with ThreadPoolExecutor(8) as pool:
        told = set(pool.map(hold, range(8)))
    state = HoldSwitch(tmp_path).state()
    assert state is not None
    assert told == {state.by}


def test_a_switch_that_cannot_be_understood_holds(tmp_path: Path) -> None:
    (tmp_path / "hold.json").write_text("half a fi")
    state = HoldSwitch(tmp_path).state()
    assert state is not None
    assert "cannot be understood" in state.reason
