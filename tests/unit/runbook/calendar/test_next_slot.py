"""The next opening in which a plan fits beside all others, or why there is none in 90 days: as `--fits` prints it."""

from datetime import timedelta
from pathlib import Path

import pytest

from deployplan.plan.load.loading import load_all
from deployplan.runbook.calendar.next_slot import NextSlot, find_next_slot
from unit.runbook.other_plans import OtherPlans, a_night
from unit.runbook.runs import NOON

WEEKLY = "schedule: {window: {rule: FREQ=WEEKLY;BYDAY=SA, first: 2026-11-28 22:00, duration: 4h, timezone: UTC}}\n"


@pytest.fixture
def plans(tmp_path: Path) -> OtherPlans:
    return OtherPlans(tmp_path)


def next_slot(plans: OtherPlans, after: timedelta = timedelta()) -> NextSlot:
    found = load_all(plans.include).snapshots
    return find_next_slot(found["own"], found, plans.include, plans.records, at=NOON + after)


def test_the_first_opening_that_nobody_else_wants_is_the_next_slot(plans: OtherPlans) -> None:
    plans.plan("own", WEEKLY)
    plans.plan("other", a_night("tonight"))
    found = next_slot(plans)
    assert found.first == found.slots[1]
    assert found.told() == (
        "own fits from 2026-12-05 22:00 UTC to 2026-12-06 02:00 UTC, last safe start 2026-12-06 01:20 UTC; "
        "an earlier opening is taken, by other"
    )


def test_of_a_plan_that_somebody_may_not_read_they_are_told_that_it_is_there(plans: OtherPlans) -> None:
    plans.plan("own", WEEKLY)
    plans.plan("other", a_night("tonight"))
    assert next_slot(plans).told({"own"}).endswith("taken, by a plan that you may not read")


def test_where_every_opening_is_taken_it_is_said_by_whom(plans: OtherPlans) -> None:
    plans.plan("own", a_night("tonight"))
    plans.plan("other", a_night("late"))
    assert next_slot(plans).told() == "no slot for own in 90 days: its one opening is taken, by other"


def test_where_no_opening_fits_the_verdict_says_why(plans: OtherPlans) -> None:
    plans.plan("own", a_night("tonight"))
    found = next_slot(plans, timedelta(days=2))
    assert found.slots == ()
    assert found.told() == (
        "no slot for own in 90 days: closed: window 'release window' closed 2026-11-28 23:30 UTC "
        "and does not open again"
    )


def test_a_plan_that_is_over_takes_no_opening(plans: OtherPlans) -> None:
    plans.plan("own", a_night("tonight"))
    plans.ended("other", a_night("tonight"), "success")
    assert next_slot(plans).told().startswith("own fits from 2026-11-28 22:00 UTC to 2026-11-28 23:30 UTC")


def test_openings_later_than_in_90_days_are_none(plans: OtherPlans) -> None:
    far = "schedule: {window: {opens: 2027-04-01 22:00, closes: 2027-04-02 02:00, timezone: UTC}}\n"
    plans.plan("own", far)
    assert next_slot(plans).told() == (
        "no slot for own in 90 days: closed: window 'release window' opens 2027-04-01 22:00 UTC"
    )
