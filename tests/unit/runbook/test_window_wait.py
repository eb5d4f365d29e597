"""A look at a waiting run: it starts at its opening and in its turn, says why it waits, and is never started late."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from builders import a_plan, a_snapshot
from deployplan.evidence.hold import Hold
from deployplan.evidence.record import Records
from deployplan.runbook.calendar.queue import SETTLE
from deployplan.runbook.calendar.waiting_runs import Beside
from deployplan.runbook.run.run import Run
from deployplan.runbook.window_wait import Look, look
from deployplan.testing import FrozenClock
from unit.runbook.runs import NOON, a_run, freeze

WINDOW = {"name": "night", "opens": "2026-11-28 22:00", "closes": "2026-11-29 02:00", "timezone": "UTC"}
OPENING = datetime(2026, 11, 28, 22, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOLD = Hold("network works", "olga", NOON)


class Waiting:
    """A run of a plan of its own on web-1 that waits for the night; its evidence and clock are in memory and folder."""

    def __init__(self, folder: Path, plan: str, *, arrives: datetime = NOON, **schedule: Any) -> None:
        self.records = Records(folder / "records")
        self.said: list[str] = []
        snapshot = a_snapshot(plan=a_plan(plan=plan, schedule={"window": WINDOW, **schedule}))
        run = a_run(folder / plan, snapshot=snapshot, at=arrives)
        self.run: Run = replace(run, run_id=f"{plan}-run", records=self.records, say=self.said.append)
        freeze(self.run)
        self.run.ledger.record("approved", seat=1, person="mia", digest=self.run.snapshot.digest, window=None)
        self.records.open_run(plan, self.run.run_id, self.run.snapshot.digest)
        self.reason = ""

    def look(self, at: datetime, hold: Hold | None = None) -> Look:
        """Look at an instant, through a reading of the others of this moment."""
        assert isinstance(self.run.clock, FrozenClock)
        self.run.clock._now = at
        found = look(replace(self.run, hold=lambda: hold), Beside(self.records, self.run.clock), before=self.reason)
        self.reason = found.reason
        return found

    def over(self) -> None:
        self.records.close_run(self.run.snapshot.plan.name, self.run.run_id)


def test_a_closed_window_holds_until_its_edge_and_is_told_once(tmp_path: Path) -> None:
    shop = Waiting(tmp_path, "shop")
    first = shop.look(NOON)
    assert (first.may_start, first.missed, first.again_at) == (False, False, OPENING)
    shop.look(NOON + MINUTE)
    assert shop.said == ["closed: window 'night' opens 2026-11-28 22:00 UTC"]
    assert shop.look(OPENING).may_start
    assert [entry.kind for entry in shop.run.ledger.entries()].count("window_verdict") == 2


def test_a_window_that_has_passed_is_missed_and_the_run_waits_no_longer(tmp_path: Path) -> None:
    shop = Waiting(tmp_path, "shop")
    shop.look(NOON)
    found = shop.look(OPENING + timedelta(hours=5))
    assert found.missed
    assert shop.run.ledger.entries()[-1].kind == "window_missed"
    assert shop.records.waiting.all() == ()


def test_the_hold_switch_holds_at_the_opening_shows_its_reason_and_keeps_the_place(tmp_path: Path) -> None:
    first, second = Waiting(tmp_path, "a"), Waiting(tmp_path, "b", priority=9, arrives=OPENING + 2 * MINUTE)
    first.look(NOON)
    found = first.look(OPENING, HOLD)
    assert not found.may_start
    assert first.said[-1] == "held by olga since 2026-11-28 12:00 UTC: network works"
    second.look(OPENING + 2 * MINUTE, HOLD)
    first.look(OPENING + 3 * MINUTE, HOLD)

    assert second.look(OPENING + 3 * MINUTE).reason == "waits for a (priority 0) on web-1"
    assert first.look(OPENING + 3 * MINUTE).may_start


def test_of_two_runs_for_one_opening_the_later_in_order_waits_until_the_first_is_over(tmp_path: Path) -> None:
    low, high = Waiting(tmp_path, "a"), Waiting(tmp_path, "b", priority=5)
    low.look(NOON)
    high.look(NOON)
    found = low.look(OPENING)
    assert (found.may_start, found.queued) == (False, True)
    assert found.reason == "waits for b (priority 5) on web-1"
    assert high.look(OPENING).may_start
    assert low.look(OPENING + 30 * MINUTE).reason == "waits for b (priority 5, under way) on web-1"
    high.over()
    assert low.look(OPENING + 31 * MINUTE).may_start


def test_a_run_that_waits_again_after_a_clear_stands_behind_those_who_waited_for_it(tmp_path: Path) -> None:
    low, high = Waiting(tmp_path, "a"), Waiting(tmp_path, "b", priority=5)
    low.look(NOON)
    high.look(NOON)
    assert high.look(OPENING).may_start
    low.look(OPENING)
    high.reason = ""
    assert high.look(OPENING + MINUTE / 2).reason == "waits for a (priority 0) on web-1"
    assert low.look(OPENING + MINUTE / 2).may_start


def test_a_run_whose_turn_does_not_come_goes_on_in_the_last_minute_and_leaves_it_to_the_lock(tmp_path: Path) -> None:
    low, high = Waiting(tmp_path, "a"), Waiting(tmp_path, "b", priority=5)
    low.look(NOON)
    high.look(NOON)
    high.look(OPENING)
    found = low.look(OPENING)
    assert found.again_at is not None
    assert not low.look(found.again_at - 2 * MINUTE).may_start
    assert low.look(found.again_at - MINUTE).may_start


def test_when_a_freeze_is_lifted_those_who_waited_go_in_the_stated_order(tmp_path: Path) -> None:
    low, high = Waiting(tmp_path, "a"), Waiting(tmp_path, "b", priority=5)
    freeze_all = "freezes: [{name: flood, from: 2026-11-01 00:00}]\n"
    for waiting in (low, high):
        file = waiting.run.include.infrastructure / "production.yaml"
        file.write_text(f"{file.read_text()}{freeze_all}")
        assert waiting.look(OPENING + MINUTE).again_at is None
        file.write_text(file.read_text().replace(freeze_all, ""))
    lifted = OPENING + 20 * MINUTE
    assert not low.look(lifted).may_start
    assert not high.look(lifted).may_start
    assert low.look(lifted + SETTLE).reason == "waits for b (priority 5) on web-1"
    assert high.look(lifted + SETTLE).may_start


def test_a_run_that_another_machine_lets_wait_is_seen_through_the_records(tmp_path: Path) -> None:
    low, high = Waiting(tmp_path, "a"), Waiting(tmp_path, "b", priority=5)
    low.look(NOON)
    high.look(NOON)
    again = low.records.waiting.of("b")
    assert again is not None
    assert (again.run_id, again.priority, again.works_on, again.ready_at) == ("b-run", 5, ("web-1",), OPENING)


def test_a_look_costs_one_write_while_nothing_changes(tmp_path: Path) -> None:
    shop = Waiting(tmp_path, "shop")
    shop.look(NOON)
    before = shop.records.waiting.of("shop")
    for minutes in range(1, 5):
        shop.look(NOON + minutes * MINUTE)
    assert shop.records.waiting.of("shop") == before


def test_an_environment_that_cannot_be_read_holds(tmp_path: Path) -> None:
    shop = Waiting(tmp_path, "shop")
    (shop.run.include.infrastructure / "production.yaml").write_text("nodes: [")
    found = shop.look(OPENING)
    assert not found.may_start
    assert found.reason.startswith("held: the freezes of production cannot be read")


def test_an_entry_that_cannot_be_understood_holds_nobody_up(tmp_path: Path) -> None:
    shop = Waiting(tmp_path, "shop")
    shop.look(NOON)
    (tmp_path / "records" / "waiting" / "other.json").write_text('{"plan": 1}')
    assert shop.look(OPENING).may_start
