"""How plans stand: what their files, their runs and the clock say of them, and what the calendar shows of it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deployplan.plan.load.loading import load_all, load_infrastructure
from deployplan.runbook.calendar.calendar import Calendar, calendar_of
from deployplan.runbook.calendar.missed import find_missed
from deployplan.runbook.calendar.plan_status import Freezes, PlanState, plan_statuses
from deployplan.ui.calendar_rows import state_of
from deployplan.window.interval import Interval
from unit.runbook.other_plans import OtherPlans, a_night
from unit.runbook.runs import NOON

AFTERWARDS = datetime(2026, 11, 30, 12, tzinfo=UTC)
SPAN = Interval(NOON - timedelta(days=2), NOON + timedelta(days=5))
WEEKLY = "schedule: {window: {rule: FREQ=WEEKLY;BYDAY=SA, first: 2026-11-28 22:00, duration: 4h, timezone: UTC}}\n"


@pytest.fixture
def plans(tmp_path: Path) -> OtherPlans:
    return OtherPlans(tmp_path)


def states(plans: OtherPlans, at: datetime = NOON) -> dict[str, PlanState]:
    freezes = Freezes(load_infrastructure("production", plans.include))
    snapshots = load_all(plans.include).snapshots
    found = plan_statuses(snapshots, plans.records, freezes, environment="production", at=at)
    return {each.plan: each.state for each in found}


def calendar(plans: OtherPlans, at: datetime = NOON) -> Calendar:
    today, snapshots = load_infrastructure("production", plans.include), load_all(plans.include).snapshots
    return calendar_of("production", today, snapshots, SPAN, at=at, records=plans.records)


def test_a_plan_without_a_run_is_scheduled_until_its_windows_are_over_and_then_missed(plans: OtherPlans) -> None:
    plans.plan("own", a_night("tonight"))
    assert states(plans) == {"own": PlanState.SCHEDULED}
    assert states(plans, AFTERWARDS) == {"own": PlanState.MISSED}


def test_a_run_is_in_review_then_approved_then_deploying_then_over(plans: OtherPlans) -> None:
    plans.run("reviewed", a_night("tonight"))
    plans.approved("approved", a_night("tonight"))
    plans.armed("armed", a_night("tonight"))
    plans.ended("released", a_night("tonight"), "success")
    assert states(plans) == {
        "reviewed": PlanState.IN_REVIEW,
        "approved": PlanState.APPROVED,
        "armed": PlanState.DEPLOYING,
        "released": PlanState.RELEASED,
    }


def test_an_approval_that_is_asked_anew_does_not_count(plans: OtherPlans) -> None:
    run = plans.approved("own", a_night("tonight"))
    run.ledger.record("seat_asked", seat=1, people=["mia"], digest=run.snapshot.digest)
    assert states(plans) == {"own": PlanState.IN_REVIEW}


@pytest.mark.parametrize("kind", ["wave_held", "wave_ended"])
def test_a_release_that_its_window_left_half_done_is_held(plans: OtherPlans, kind: str) -> None:
    run = plans.armed("own", a_night("tonight"))
    facts = {"ok": False, "nodes": {}, "closed": True} if kind == "wave_ended" else {}
    run.ledger.record(kind, component="web", wave=1, reason="closed", **facts)
    assert states(plans, AFTERWARDS) == {"own": PlanState.HELD}


@pytest.mark.parametrize("lost", ["runs/own/run-1/ledger-000001.jsonl", "snapshots/own"])
def test_a_plan_whose_record_is_damaged_says_so_and_keeps_its_times(plans: OtherPlans, lost: str) -> None:
    digest = plans.armed("own", a_night("tonight")).snapshot.digest
    plans.plan("own", a_night("tonight") + "# the file as it is now\n" if "runs" in lost else a_night("late"))
    plans.plan("other", a_night("late"))
    damaged = plans.folder / "records" / lost / ("" if "runs" in lost else f"{digest}.json")
    damaged.write_text("{\n")
    assert states(plans) == {"own": PlanState.DAMAGED, "other": PlanState.SCHEDULED}
    (shown,) = [each for each in calendar(plans).plans if each.name == "own"]
    assert state_of(calendar(plans), shown) == "record damaged, owner erin"
    assert [calendar(plans).plans[each].name for each in shown.rivals] == ["other"]


def test_a_plan_that_was_released_once_stays_released(plans: OtherPlans) -> None:
    plans.ended("own", a_night("tonight"), "success")
    plans.plan("own", a_night("late"))
    assert states(plans, AFTERWARDS) == {"own": PlanState.RELEASED}


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        ("not_ready", PlanState.MISSED),
        ("window_missed", PlanState.MISSED),
        ("expired", PlanState.MISSED),
    ],
)
def test_a_plan_that_nobody_decided_about_is_scheduled_until_it_is_missed(
    plans: OtherPlans, outcome: str, state: PlanState
) -> None:
    plans.ended("own", a_night("tonight"), outcome)
    assert states(plans) == {"own": PlanState.SCHEDULED}  # its window is still to come
    assert states(plans, AFTERWARDS) == {"own": state}


@pytest.mark.parametrize("outcome", ["backed_out", "backout_failed", "rejected", "terminated"])
def test_a_plan_that_somebody_ended_says_so_and_may_run_again_while_it_has_an_opening(
    plans: OtherPlans, outcome: str
) -> None:
    plans.ended("own", WEEKLY, outcome)
    (shown,) = calendar(plans).plans

    assert states(plans) == {"own": PlanState.MAY_RUN_AGAIN}
    assert state_of(calendar(plans), shown).startswith(f"{outcome} 2026-11-2")
    assert state_of(calendar(plans), shown).endswith(", may run again, owner erin")

    plans.plan("own", a_night("tonight") + "risks: [{id: R1, risk: it was slow}]\n")
    assert states(plans) == {"own": PlanState.SCHEDULED}  # its author has changed it, and will start it
    assert states(plans, AFTERWARDS) == {"own": PlanState.ENDED}


def test_the_calendar_and_the_list_of_missed_plans_agree(plans: OtherPlans) -> None:
    plans.plan("forgotten", a_night("tonight"))
    plans.run("unapproved", a_night("tonight"))
    plans.ended("late", a_night("late"), "window_missed")
    plans.ended("stopped", a_night("tonight"), "terminated")
    plans.ended("done", a_night("tonight"), "success")
    plans.plan("weekly", WEEKLY)
    listed = find_missed(load_all(plans.include).snapshots.values(), plans.include, plans.records, at=AFTERWARDS)
    shown = [each.name for each in calendar(plans, AFTERWARDS).plans if each.standing.state is PlanState.MISSED]
    assert sorted(shown) == [each.plan for each in listed] == ["forgotten", "late", "unapproved"]


def test_a_released_plan_stands_where_its_run_was_and_is_in_nobodys_way(plans: OtherPlans) -> None:
    plans.ended("done", a_night("tonight"), "success")
    plans.plan("own", a_night("tonight"))
    found = {each.name: each for each in calendar(plans).plans}
    assert found["done"].at.start == NOON
    assert [each.rivals for each in found.values()] == [(), ()]


def test_a_missed_plan_stands_in_the_last_of_its_windows_with_its_owner(plans: OtherPlans) -> None:
    plans.plan("own", a_night("tonight"))
    (found,) = calendar(plans, AFTERWARDS).plans
    assert (found.at.start, found.standing.owner) == (datetime(2026, 11, 28, 22, tzinfo=UTC), "erin")


def test_a_run_that_has_its_nodes_stands_there_from_then_until_its_window_closes(plans: OtherPlans) -> None:
    plans.armed("own", a_night("tonight"))
    (found,) = calendar(plans).plans
    assert (found.at.start, found.at.end) == (NOON, datetime(2026, 11, 28, 23, 30, tzinfo=UTC))


def test_a_plan_with_a_weekly_window_is_never_shown_in_the_past(plans: OtherPlans) -> None:
    plans.plan("weekly", WEEKLY)
    assert [f"{each.at.start:%m-%d}" for each in calendar(plans).plans] == ["11-28"]
    assert calendar(plans, AFTERWARDS).plans == ()
