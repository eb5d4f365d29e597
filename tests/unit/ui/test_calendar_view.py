"""A week or a month of an environment: whole days on its people's clocks, and the words of `deployplan calendar`."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deployplan.cli.main import build
from deployplan.clock import SystemClock
from deployplan.plan.load.loading import load_all, load_infrastructure
from deployplan.runbook.calendar.calendar import Calendar
from deployplan.ui.calendar_ics import as_ics
from deployplan.ui.calendar_json import calendar_as_json
from deployplan.ui.calendar_view import MOST, CalendarPeriod, CalendarScale, calendar_view_of, look_at
from deployplan.window.error import WindowError
from prepared_store import PreparedStore
from unit.runbook.other_plans import OtherPlans, a_night
from unit.runbook.runs import NOON


def week(plans: OtherPlans, zone: str = "Europe/Paris") -> tuple[Calendar, CalendarPeriod]:
    period = CalendarPeriod.around(NOON.date(), CalendarScale.WEEK, zone)
    today, found = load_infrastructure("production", plans.include), load_all(plans.include).snapshots
    return look_at("production", today, found, period, at=NOON, records=plans.records), period


def test_a_week_begins_on_monday_and_a_month_is_shown_in_whole_weeks() -> None:
    found = CalendarPeriod.around(date(2026, 11, 28), CalendarScale.WEEK, "UTC")
    assert (found.first, found.last, len(found.days)) == (date(2026, 11, 23), date(2026, 11, 29), 7)
    found = CalendarPeriod.around(date(2026, 11, 28), CalendarScale.MONTH, "UTC")
    assert (found.first, found.last) == (date(2026, 11, 1), date(2026, 11, 30))
    assert (found.days[0], found.days[-1], len(found.days)) == (date(2026, 10, 26), date(2026, 12, 6), 42)
    assert (found.before, found.after) == (date(2026, 10, 31), date(2026, 12, 1))


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 10, 25), 25), (date(2026, 3, 29), 23), (date(2026, 7, 1), 24)])
def test_a_day_is_as_long_as_it_is_on_the_clock(day: date, hours: int) -> None:
    found = CalendarPeriod.around(day, CalendarScale.WEEK, "Europe/Paris")
    assert found.begin_of(day + timedelta(days=1)) - found.begin_of(day) == timedelta(hours=hours)
    assert found.span.end - found.span.start == timedelta(days=7, hours=hours - 24)


def test_a_day_whose_midnight_is_skipped_begins_when_the_clock_goes_on() -> None:
    found = CalendarPeriod.around(date(2026, 9, 6), CalendarScale.WEEK, "America/Santiago")
    assert found.begin_of(date(2026, 9, 6)) == datetime(2026, 9, 6, 4, tzinfo=UTC)


def test_a_zone_that_there_is_not_is_refused_with_the_nearest() -> None:
    with pytest.raises(WindowError, match="nearest: Europe/Paris"):
        CalendarPeriod.around(NOON.date(), CalendarScale.WEEK, "Paris")


def test_every_text_is_on_the_clock_that_is_shown(tmp_path: Path) -> None:
    plans = OtherPlans(tmp_path)
    plans.plan("own", a_night("tonight"))
    calendar, period = week(plans, zone="Asia/Tokyo")
    content = calendar_as_json(calendar_view_of(calendar, period), ["production"], "Europe/Paris", NOON, None)
    (entry,) = content["entries"]  # type: ignore[misc]
    assert (entry["begins"], entry["ends"]) == ("2026-11-29 07:00 JST", "2026-11-29 08:30 JST")
    assert entry["start"] == "2026-11-29T07:00:00+09:00"
    assert (content["timezone"], content["zone"], content["today"]) == ("Europe/Paris", "Asia/Tokyo", "2026-11-28")


def test_a_plan_that_somebody_may_not_read_is_not_named_and_takes_its_slot_all_the_same(tmp_path: Path) -> None:
    plans = OtherPlans(tmp_path)
    plans.plan("own", a_night("tonight"))
    plans.plan("secret", a_night("late"))
    calendar, period = week(plans)
    content = calendar_as_json(calendar_view_of(calendar, period, {"own"}), ["production"], "UTC", NOON, {"own"})
    (entry,) = content["entries"]  # type: ignore[misc]
    assert entry["plan"]["conflict"] == "conflict with a plan that you may not read (web-1)"
    assert "secret" not in str(content)
    assert b"secret" not in as_ics([calendar], NOON, {"own"})
    assert b"secret" in as_ics([calendar], NOON)


def test_of_each_kind_a_page_shows_so_many_and_counts_the_others(tmp_path: Path) -> None:
    plans = OtherPlans(tmp_path)
    path = plans.include.infrastructure / "production.yaml"
    freezes = "".join(
        f"  - {{name: f{number}, from: 2026-11-24 00:00, to: 2026-11-25 00:00}}\n" for number in range(MOST + 7)
    )
    path.write_text(f"{path.read_text()}freezes:\n{freezes}")
    plans.plan("own", a_night("tonight"))
    calendar, period = week(plans)
    found = calendar_view_of(calendar, period)
    assert found.left_out == {"freeze": 7}
    assert [entry.kind for entry in found.entries].count("freeze") == MOST
    assert [entry.what for entry in found.entries if entry.kind == "plan"] == ["own on web-1"]


def test_what_the_page_shows_of_sixty_runs_is_what_deployplan_calendar_prints(
    prepared: PreparedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = SystemClock().now()
    about = (now.date() - timedelta(days=3), now.date() + timedelta(days=3))
    period = CalendarPeriod(CalendarScale.WEEK, *about, "UTC")
    today, plans = load_infrastructure("production", prepared.include), load_all(prepared.include).snapshots
    calendar = look_at("production", today, plans, period, at=now, records=prepared.records)
    content = calendar_as_json(calendar_view_of(calendar, period), ["production"], "UTC", now, None)
    first, last = (f"{day}" for day in (period.days[0], period.days[-1] + timedelta(days=1)))
    monkeypatch.setenv("DEPLOYPLAN_SIGNING_KEY_FILE", str(prepared.folder / "signing.key"))
    folders = ("--include", str(prepared.folder / "include"), "--records", str(prepared.folder / "records"))
    command = [
        "calendar",
        "--environment",
        "production",
        "--from",
        first,
        "--to",
        last,
        "--at",
        now.isoformat(),
        *folders,
    ]
    printed = CliRunner().invoke(build(), command)
    told = [" ".join(line.split()) for line in printed.stdout.splitlines()]
    entries = content["entries"]
    assert isinstance(entries, list)
    for entry in entries:
        line = " ".join(f"{entry['begins']} {entry['ends']} {entry['kind']} {entry['what']}".split())
        assert line in told
    states = {entry["plan"]["state"] for entry in entries if entry["plan"]}
    assert states >= {"scheduled", "in review", "approved", "deploying", "released", "missed"}
    conflicts = {entry["plan"]["name"]: entry["plan"]["conflict"] for entry in entries if entry["plan"]}
    assert conflicts["shop-approved"].startswith("conflict with shop-planned (shop-planned-db, ")
