"""A chosen opening: what is offered, what is recorded, what the approval is for, what becomes of one that passes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from builders import a_component, a_snapshot
from deployplan.plan.snapshot import Snapshot, freezes_for
from deployplan.runbook import review
from deployplan.runbook.run.run import NotReady, Run, WindowMissed
from deployplan.runbook.timing.chosen_window import Choice, choices, choose_again, chosen_opening
from deployplan.runbook.timing.verdict import verdict_of
from deployplan.testing import FrozenClock
from unit.runbook.runs import NOON, a_run, armed, freeze

SATURDAYS = {"rule": "FREQ=WEEKLY;BYDAY=SA", "first": "2026-01-03 22:00", "duration": "4h"}
ONCE = {"name": "night", "opens": "2026-11-28 22:00", "closes": "2026-11-29 02:00"}
FIRST, SECOND = "2026-11-28T22:00+01:00", "2026-12-05T22:00+01:00"


def a_plan_with(*windows: dict[str, Any], infrastructure: dict[str, Any] | None = None) -> Snapshot:
    """A release of half an hour with these windows, in Paris."""
    zoned = [{"timezone": "Europe/Paris", **window} for window in windows]
    component = a_component(timeout="30m")
    return a_snapshot(schedule={"windows": zoned}, components={"web": component}, infrastructure=infrastructure)


def offered(snapshot: Snapshot, at: datetime = NOON, count: int = 3) -> list[str]:
    found = choices(snapshot, freezes_for(snapshot.infrastructure, snapshot), at=at, count=count)
    return [each.value for each in found]


def a_review(folder: Path, wish: str | None, *windows: dict[str, Any]) -> Run:
    run = a_run(folder, snapshot=a_plan_with(*(windows or (SATURDAYS,))))
    freeze(run)
    review.review_controls(run, wish)
    return run


def later(run: Run, at: datetime) -> Run:
    assert isinstance(run.clock, FrozenClock)
    run.clock._now = at
    return run


def approve(run: Run) -> None:
    seat = review.offer_seat(run, 1)
    review.answer_seat(run, 1, person="mia", approved=True, people=seat.people)


def test_the_next_openings_are_offered_with_the_local_time_and_the_zone() -> None:
    first, second, third = choices(a_plan_with(SATURDAYS), (), at=NOON, count=3)
    assert [each.value for each in (first, second, third)] == [FIRST, SECOND, "2026-12-12T22:00+01:00"]
    assert first.label == "Sat 2026-11-28 22:00 to Sun 02:00 CET, release window"
    assert Choice.of(first.event()) == first


def test_what_is_offered_changes_when_an_opening_passes_and_at_no_other_time() -> None:
    snapshot = a_plan_with(SATURDAYS)
    last_safe = datetime(2026, 11, 29, 0, 0, tzinfo=UTC)  # 01:00 in Paris: half an hour of work, half an hour kept
    before = offered(snapshot)
    for at in (NOON + timedelta(hours=3), NOON + timedelta(hours=10, seconds=7), last_safe):
        assert offered(snapshot, at) == before
    assert offered(snapshot, last_safe + timedelta(seconds=1))[0] == SECOND


def test_a_plan_with_one_single_window_offers_that_one_also_when_it_has_passed() -> None:
    snapshot = a_plan_with(ONCE)
    assert offered(snapshot) == [FIRST]
    assert offered(snapshot, NOON + timedelta(days=30)) == [FIRST]


def test_a_plan_without_windows_offers_nothing() -> None:
    assert choices(a_snapshot(), (), at=NOON, count=3) == ()


def test_an_opening_that_is_frozen_as_a_whole_is_not_offered() -> None:
    frozen = {"freezes": [{"name": "sale", "from": "2026-11-28 00:00", "to": "2026-11-30 00:00"}]}
    zoned = [{**freeze, "timezone": "Europe/Paris"} for freeze in frozen["freezes"]]
    assert offered(a_plan_with(SATURDAYS, infrastructure={"freezes": zoned}))[0] == SECOND


def test_an_opening_that_a_freeze_splits_is_one_choice() -> None:
    split = {"name": "backup", "from": "2026-11-28 23:00", "to": "2026-11-28 23:30", "timezone": "Europe/Paris"}
    assert offered(a_plan_with(SATURDAYS, infrastructure={"freezes": [split]})) == [
        FIRST,
        SECOND,
        "2026-12-12T22:00+01:00",
    ]


def test_windows_that_touch_are_one_choice() -> None:
    more = {"name": "morning", "opens": "2026-11-29 02:00", "closes": "2026-11-29 04:00"}
    (only,) = choices(a_plan_with(ONCE, more), (), at=NOON, count=5)
    assert (only.value, f"{only.closes:%H:%M}") == (FIRST, "04:00")


def test_the_run_waits_for_the_chosen_opening_and_not_for_an_earlier_one(tmp_path: Path) -> None:
    run = later(a_review(tmp_path, SECOND), datetime(2026, 11, 28, 22, 0, tzinfo=UTC))
    found = verdict_of(run)
    assert not found.open
    assert found.next_open == datetime(2026, 12, 5, 21, 0, tzinfo=UTC)
    assert verdict_of(later(run, found.next_open)).open


def test_a_run_without_a_choice_takes_the_next_opening(tmp_path: Path) -> None:
    run = later(a_review(tmp_path, None), datetime(2026, 11, 28, 22, 0, tzinfo=UTC))
    assert chosen_opening(run) is None
    assert verdict_of(run).open


def test_a_chosen_opening_that_has_passed_is_missed_although_others_follow(tmp_path: Path) -> None:
    run = later(a_review(tmp_path, FIRST), datetime(2026, 11, 29, 1, 0, tzinfo=UTC))
    found = verdict_of(run)
    assert found.missed
    assert "does not open again" in found.reason


def test_a_choice_that_has_passed_before_the_review_is_refused_as_missed(tmp_path: Path) -> None:
    with pytest.raises(WindowMissed, match="does not open again"):
        a_review(tmp_path, "2026-11-21T22:00+01:00")


@pytest.mark.parametrize("wish", ["2026-11-28T22:30+01:00", "2026-11-28 22:00", "tonight", 7, "0001-01-01T00:00+00:00"])
def test_a_wish_that_is_no_opening_is_refused_with_those_there_are(tmp_path: Path, wish: Any) -> None:
    with pytest.raises(NotReady, match="is no opening of this plan; openings are 2026-11-28T22:00"):
        a_review(tmp_path, wish)


def test_an_instant_means_the_same_opening_in_whatever_zone_it_is_written(tmp_path: Path) -> None:
    found = chosen_opening(a_review(tmp_path, "2026-11-28T21:00:00+00:00"))
    assert found is not None
    assert found.value == FIRST


def test_the_card_says_for_which_opening_the_approval_is(tmp_path: Path) -> None:
    run = a_review(tmp_path, SECOND)
    assert "to start in Sat 2026-12-05 22:00 to Sun 02:00 CET, release window, and in no other window" in (
        review.offer_seat(run, 1).body
    )


def test_an_approval_for_another_opening_counts_for_nothing(tmp_path: Path) -> None:
    run = a_review(tmp_path, FIRST)
    approve(run)
    assert review.missing_approvals(run) == []
    moved = choices(run.snapshot, (), at=NOON, count=2)[1]
    run.record(moved.event())
    assert review.missing_approvals(run) == ["seat 1 has no recorded approval of this plan"]
    approve(run)
    assert review.missing_approvals(run) == []


def test_a_release_that_was_held_in_its_window_is_approved_anew_for_the_next_one(tmp_path: Path) -> None:
    run = a_review(tmp_path, FIRST)
    approve(run)
    run.ledger.record("armed", generation=1, nodes=["web-1"], digest=run.snapshot.digest)
    later(run, datetime(2026, 11, 29, 9, 0, tzinfo=UTC))
    seat = review.offer_seat(run, 1)
    assert "Sat 2026-12-05 22:00" in seat.body
    assert review.missing_approvals(run) != []
    found = chosen_opening(run)
    assert found is not None
    assert found.value == SECOND


def test_a_choice_does_not_move_by_itself_before_the_work_has_begun(tmp_path: Path) -> None:
    run = later(a_review(tmp_path, FIRST), datetime(2026, 11, 29, 9, 0, tzinfo=UTC))
    choose_again(run)
    found = chosen_opening(run)
    assert found is not None
    assert found.value == FIRST


def test_a_new_review_forgets_the_choice_of_the_one_before(tmp_path: Path) -> None:
    run = a_review(tmp_path, FIRST)
    armed(run)  # which freezes again
    assert chosen_opening(run) is None
