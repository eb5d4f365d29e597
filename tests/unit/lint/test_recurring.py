"""Rules and gates about windows hold for those that come back too."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from builders import INFRASTRUCTURE_TEXT, a_snapshot, an_include
from deployplan.lint.controls import check_controls
from deployplan.lint.runner import lint

SATURDAYS = "{name: saturdays, rule: FREQ=WEEKLY;BYDAY=SA, first: 2026-01-03 22:00, duration: 4h}"
SHORT = "{name: short, rule: FREQ=DAILY, first: 2026-01-03 12:00, duration: 20m}"
RECURRING = {"rule": "FREQ=WEEKLY;BYDAY=SA", "first": "2026-01-03 22:00", "duration": "4h", "timezone": "Europe/Paris"}
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def found(folder: Path, schedule: str, infrastructure: str = "") -> list[tuple[str, str, int]]:
    """The problems of a plan with this schedule: rule, file and line."""
    include = an_include(folder, shop_2=f"schedule: {schedule}\n" if schedule else "")
    (include.infrastructure / "production.yaml").write_text(INFRASTRUCTURE_TEXT + infrastructure)
    return [(problem.rule, Path(problem.path).stem, problem.line) for problem in lint(include)]


def test_a_recurring_window_that_fits_is_silent(tmp_path: Path) -> None:
    assert found(tmp_path, f"{{window: {SATURDAYS}}}") == []


def test_a_recurring_window_of_the_plan_that_is_too_short_is_told_at_its_duration(tmp_path: Path) -> None:
    assert found(tmp_path, f"{{windows: [{SHORT}, {SATURDAYS}]}}") == [("window-fits", "shop-2", 3)]


@pytest.mark.parametrize("schedule", ["{window: next}", ""])
def test_of_the_environments_windows_one_that_is_long_enough_will_do(tmp_path: Path, schedule: str) -> None:
    assert found(tmp_path / "one", schedule, f"windows: [{SHORT}, {SATURDAYS}]\n") == []
    assert [rule for rule, _, _ in found(tmp_path / "none", schedule, f"windows: [{SHORT}]\n")] == ["window-fits"]


def test_two_short_windows_that_touch_are_long_enough_together(tmp_path: Path) -> None:
    evening = "{name: evening, rule: FREQ=DAILY, first: 2026-01-03 23:40, duration: 20m}"
    night = "{name: night, rule: FREQ=DAILY, first: 2026-01-03 00:00, duration: 30m}"

    assert found(tmp_path, f"{{windows: [{evening}, {night}]}}") == []


def test_a_freeze_of_every_opening_is_told_and_of_some_is_not(tmp_path: Path) -> None:
    saturdays = "{name: f, rule: FREQ=WEEKLY;BYDAY=SA, first: 2026-01-03 20:00, duration: 8h}"
    year_end = "{name: year end, from: 2026-12-20 00:00, to: 2027-01-04 06:00}"

    frozen = found(tmp_path / "all", f"{{window: {SATURDAYS}}}", f"freezes: [{saturdays}]\n")
    partly = found(tmp_path / "some", f"{{window: {SATURDAYS}}}", f"freezes: [{year_end}]\n")

    assert (frozen, partly) == ([("window-frozen", "shop-2", 3)], [])


def test_a_frozen_window_of_the_environment_is_told_only_when_all_are(tmp_path: Path) -> None:
    once = "{name: once, opens: 2026-12-24 00:00, closes: 2026-12-24 06:00}"
    freezes = "freezes: [{name: year end, from: 2026-12-20 00:00, to: 2027-01-04 06:00}]\n"

    assert found(tmp_path / "one", "{window: next}", f"windows: [{once}, {SATURDAYS}]\n{freezes}") == []
    assert found(tmp_path / "all", "{window: next}", f"windows: [{once}]\n{freezes}") == [
        ("window-frozen", "production", 5)
    ]


@pytest.mark.parametrize(
    ("own", "inside"),
    [
        ("{rule: FREQ=MONTHLY;BYDAY=3SA, first: 2026-01-03 23:00, duration: 2h}", True),
        ("{rule: FREQ=MONTHLY;BYDAY=3SA, first: 2025-01-03 23:00, duration: 2h}", True),
        ("{rule: FREQ=MONTHLY;BYDAY=3SA, first: 2026-01-03 23:00, duration: 6h}", False),
        ("{rule: FREQ=DAILY, first: 2026-01-03 23:00, duration: 2h}", False),
        ("{opens: 2026-11-28 22:00, closes: 2026-11-29 02:00}", True),
        ("{opens: 2026-11-28 22:00, closes: 2026-11-29 03:00}", False),
    ],
)
def test_a_plans_window_lies_in_a_recurring_window_of_its_environment(tmp_path: Path, own: str, inside: bool) -> None:
    rules = [rule for rule, _, _ in found(tmp_path, f"{{window: {own}}}", f"windows: [{SATURDAYS}]\n")]

    assert rules == ([] if inside else ["window-of-environment"])


def test_windows_that_overlap_now_and_then_are_told_once(tmp_path: Path) -> None:
    third = "{name: third, rule: FREQ=MONTHLY;BYDAY=3SA, first: 2026-01-03 23:00, duration: 2h}"
    infrastructure = f"windows:\n  - {SATURDAYS}\n  - {third}\n"

    assert found(tmp_path / "own", f"{{windows: [{SATURDAYS}, {third}]}}") == [("windows-overlap", "shop-2", 3)]
    assert found(tmp_path / "theirs", "{window: next}", infrastructure) == [("windows-overlap", "production", 7)]


def test_windows_that_touch_do_not_overlap(tmp_path: Path) -> None:
    sundays = "{name: sundays, rule: FREQ=WEEKLY;BYDAY=SU, first: 2026-01-04 02:00, duration: 4h}"

    assert found(tmp_path, f"{{windows: [{SATURDAYS}, {sundays}]}}") == []


def gate(name: str, at: datetime | None, controls: dict[str, Any], **plan: Any) -> tuple[bool, str]:
    snapshot = a_snapshot(controls=controls, schedule={"window": RECURRING}, **plan)
    return next((each.ok, each.detail) for each in check_controls(snapshot, at=at) if each.name == name)


def test_a_backout_test_is_as_old_as_the_next_opening_says() -> None:
    controls = {"backout": {"tested_within": "7d"}}
    fresh = {"tested": {"environment": "staging", "at": "2026-11-21"}}
    old = {"tested": {"environment": "staging", "at": "2026-11-20"}}

    assert gate("backout.tested", NOW, controls, backout=fresh)[0]
    assert not gate("backout.tested", NOW, controls, backout=old)[0]


def test_without_a_time_to_judge_at_the_day_of_a_recurring_window_is_not_known_and_the_gate_does_not_hold() -> None:
    controls = {"backout": {"tested_within": "7d"}}
    fresh = {"tested": {"environment": "staging", "at": "2026-11-21"}}
    training = {"end_users": {"training_needed": True, "training_date": "2026-01-01"}}

    assert gate("backout.tested", None, controls, backout=fresh) == (
        False,
        "tested in staging on 2026-11-21; the window opens on a day that is not known",
    )
    assert not gate("customer.training", None, {}, impact=training)[0]


def test_training_is_done_before_the_next_opening() -> None:
    in_time = {"end_users": {"training_needed": True, "training_date": "2026-11-27"}}
    late = {"end_users": {"training_needed": True, "training_date": "2026-11-28"}}

    assert gate("customer.training", NOW, {}, impact=in_time)[0]
    assert not gate("customer.training", NOW, {}, impact=late)[0]


def test_an_emergency_that_passes_freezes_says_so_among_the_gates() -> None:
    scope = {"release": {"product": "shop", "version": "2"}, "summary": "s", "reason": "emergency"}
    approval = {"authorities": {"mia": "manager", "amir": "owner"}, "quorum": 2}
    controls = {"emergency": {"second_authority": ["mia"]}}

    told = gate("emergency.second_authority", None, controls, scope=scope, approval=approval)

    assert told == (True, "passes freezes; mia must be among those who approve")
