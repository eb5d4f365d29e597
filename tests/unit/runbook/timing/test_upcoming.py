"""The next openings of a plan are those that the verdict calls open."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from builders import INFRASTRUCTURE_TEXT, a_component, a_snapshot, an_include
from deployplan.plan.load.loading import load, load_infrastructure
from deployplan.plan.snapshot import freezes_for
from deployplan.runbook.timing.estimate import estimate
from deployplan.runbook.timing.upcoming import upcoming
from deployplan.runbook.timing.verdict import verdict
from deployplan.window import judge

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SATURDAYS = {"name": "saturdays", "rule": "FREQ=WEEKLY;BYDAY=SA", "first": "2026-01-03 22:00", "duration": "4h"}
PARIS = {"timezone": "Europe/Paris"}
SECOND = timedelta(seconds=1)


def told(count: int = 2, *, at: datetime = NOW, **keys: Any) -> list[str]:
    snapshot = a_snapshot(**keys)
    found = upcoming(snapshot, snapshot.infrastructure, at=at, count=count, past=())
    return [f"{u.opens:%m-%d %H:%M} {u.closes:%H:%M} {u.last_safe_start:%H:%M %Z} {u.window}" for u in found]


def test_openings_are_told_in_the_zone_of_their_window() -> None:
    """Ten minutes of work and half an hour of reserve."""
    assert told(schedule={"window": {**SATURDAYS, **PARIS}}) == [
        "11-28 22:00 02:00 01:20 CET saturdays",
        "12-05 22:00 02:00 01:20 CET saturdays",
    ]
    assert told(1, schedule={"window": {**SATURDAYS, "timezone": "Asia/Tokyo"}}) == [
        "11-28 22:00 02:00 01:20 JST saturdays"
    ]


def test_an_opening_ends_where_a_freeze_begins_and_one_that_is_too_short_is_left_out() -> None:
    freezes = [
        {"name": "backup", "from": "2026-11-28 23:00", "to": "2026-11-28 23:30", **PARIS},
        {"name": "audit", "from": "2026-12-05 22:30", "to": "2026-12-06 06:00", **PARIS},
    ]

    assert told(3, schedule={"window": {**SATURDAYS, **PARIS}}, infrastructure={"freezes": freezes}) == [
        "11-28 22:00 23:00 22:20 CET saturdays",
        "11-28 23:30 02:00 01:20 CET saturdays",
        "12-12 22:00 02:00 01:20 CET saturdays",
    ]


def test_a_plan_without_windows_may_start_at_any_time_in_the_zone_of_its_environment() -> None:
    snapshot = a_snapshot()

    (opening,) = upcoming(snapshot, snapshot.infrastructure, at=NOW, count=5, past=())

    assert opening.as_json() == {
        "opens": "2026-11-22T13:00:00+01:00",
        "closes": None,
        "last_safe_start": None,
        "window": None,
        "timezone": "Europe/Paris",
    }


def test_an_emergency_that_passes_freezes_has_the_openings_in_them() -> None:
    keys: dict[str, Any] = {
        "schedule": {"window": {**SATURDAYS, **PARIS}},
        "infrastructure": {"freezes": [{"name": "flood", "from": "2026-11-01 00:00", **PARIS}]},
        "approval": {"authorities": {"mia": "manager", "amir": "owner"}, "quorum": 2},
        "controls": {"emergency": {"second_authority": ["mia"]}},
    }
    scope = {"release": {"product": "shop", "version": "2"}, "summary": "s"}

    assert told(scope={**scope, "reason": "fix"}, **keys) == []
    assert len(told(scope={**scope, "reason": "emergency"}, **keys)) == 2


RULES = st.sampled_from(
    ["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=SA,SU", "FREQ=MONTHLY;BYDAY=3SA", "FREQ=MONTHLY;BYMONTHDAY=-1"]
)
ZONES = st.sampled_from(["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "UTC"])


@settings(max_examples=60, deadline=None)
@given(RULES, st.integers(0, 23), st.integers(30, 600), ZONES, RULES, st.integers(0, 23), st.integers(0, 400))
def test_the_verdict_is_open_from_each_opening_to_its_last_safe_start_and_not_a_second_longer(
    rule: str, hour: int, minutes: int, zone: str, freeze: str, freeze_hour: int, days: int
) -> None:
    """One answer everywhere, over changes of clocks."""
    window = {"rule": rule, "first": f"2026-01-03 {hour:02}:00", "duration": f"{minutes}m", "timezone": zone}
    frozen = {"name": "f", "rule": freeze, "first": f"2026-01-01 {freeze_hour:02}:15", "duration": "50m", **PARIS}
    snapshot = a_snapshot(
        schedule={"window": window}, infrastructure={"freezes": [frozen]}, components={"web": a_component(timeout="5m")}
    )

    def is_open(at: datetime) -> bool:
        return judge(
            snapshot.plan.schedule.windows(),
            freezes_for(snapshot.infrastructure, snapshot),
            now=at,
            work=estimate(snapshot, snapshot.waves, ()).work,
            reserve=snapshot.plan.schedule.backout_reserve,
        ).open

    for opening in upcoming(snapshot, snapshot.infrastructure, at=NOW + timedelta(days=days), count=3, past=()):
        assert opening.last_safe_start
        assert is_open(opening.opens)
        assert is_open(opening.last_safe_start)
        assert not is_open(opening.last_safe_start.astimezone(UTC) + SECOND)


def test_the_list_and_the_verdict_of_the_command_line_agree(tmp_path: Path) -> None:
    include = an_include(tmp_path, shop_2="schedule: {window: next}\n")
    (include.infrastructure / "production.yaml").write_text(
        INFRASTRUCTURE_TEXT
        + "windows: [{name: nights, rule: FREQ=DAILY, first: 2026-01-03 22:00, duration: 4h}]\n"
        + "freezes:\n  - {name: holidays, holidays: FR}\n"
        + "  - {name: backup, rule: FREQ=WEEKLY, first: 2026-01-03 22:00, duration: 1h}\n"
    )
    snapshot = load(include.plan_path("shop-2"), include)

    for opening in upcoming(snapshot, load_infrastructure("production", include), at=NOW, count=40, past=()):
        assert opening.last_safe_start
        assert verdict(snapshot, include, at=opening.opens, past=()).open
        assert verdict(snapshot, include, at=opening.last_safe_start, past=()).open
        assert not verdict(snapshot, include, at=opening.last_safe_start.astimezone(UTC) + SECOND, past=()).open


def test_a_calendar_that_becomes_unreadable_after_the_approval_holds(tmp_path: Path) -> None:
    include = an_include(tmp_path, shop_2="")
    file = include.infrastructure / "changes.ics"
    file.write_text("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//operations//EN\nEND:VCALENDAR\n")
    (include.infrastructure / "production.yaml").write_text(
        INFRASTRUCTURE_TEXT + "freezes: [{name: changes, calendar: changes.ics}]\n"
    )
    snapshot = load(include.plan_path("shop-2"), include)
    before = verdict(snapshot, include, at=NOW, past=())
    file.unlink()
    after = verdict(snapshot, include, at=NOW, past=())

    assert before.open
    assert (after.open, after.missed) == (False, False)
    assert "changes.ics" in after.reason
