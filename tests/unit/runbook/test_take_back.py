"""A release that ended well is taken back within `backout.until`, and only while nothing stands on top of it."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from deployplan.evidence.kinds.backout import BackoutDeclined
from deployplan.evidence.record import Records
from deployplan.runbook.arm import next_number
from deployplan.runbook.node.installed_release import later_release
from deployplan.runbook.outcome import judge_run
from deployplan.runbook.run.fold import fold_all
from deployplan.runbook.run.generation import latest
from deployplan.runbook.run.outcome_kinds import Outcome
from deployplan.runbook.run.run import Run
from deployplan.runbook.take_back import (
    ask_to_take_back,
    back_out_until,
    conclude_kept,
    days_to_keep,
    is_kept,
    latest_release,
    may_order,
    refuse_to_take_back,
    wanted_until,
    what_bars_it,
)
from deployplan.runbook.timing.past_runs import remember
from unit.runbook.other_plans import OtherPlans
from unit.runbook.runs import NOON, undo_ended, wave_ended

PLAN = "backout: {until: 12h}\n"


@pytest.fixture
def plans(tmp_path: Path) -> OtherPlans:
    return OtherPlans(tmp_path)


def released(plans: OtherPlans, name: str, text: str = PLAN, *, at: datetime = NOON) -> Run:
    """A run whose release is in production since `at`."""
    run = plans.run(name, text, at=at)
    run.ledger.record("arming", generation=1, clear=0)
    run.ledger.record("armed", generation=1, nodes=["web-1"], digest=run.snapshot.digest)
    run.ledger.record("wave_started", component="web", wave=1, generation="run-1#1")
    wave_ended(run)
    run.ledger.record("verified", ok=True)
    run.ledger.record("decision", decision="nothing")
    ended(run, "success")
    return run


def ended(run: Run, outcome: str) -> None:
    run.ledger.record("outcome", outcome=outcome, because="every wave is done and every criterion held")
    run.ledger.seal()
    assert run.records is not None
    remember(run.records, run.snapshot, run.run_id, run.ledger)
    run.records.close_run(run.snapshot.plan.name, run.run_id)


def asked(run: Run, by: str = "erin") -> None:
    run.ledger.keep(ask_to_take_back(run.snapshot.plan, run.read_state(), by=by, reason="orders are lost"))


def refusal(run: Run, *, after: timedelta = timedelta(hours=1)) -> str | None:
    assert run.records is not None
    state = fold_all(run.ledger.entries())
    return refuse_to_take_back(run.records, run.snapshot, run.run_id, state, now=NOON + after)


def test_within_the_time_that_the_plan_allows_a_release_may_be_taken_back(plans: OtherPlans) -> None:
    run = released(plans, "shop-2")
    assert back_out_until(run.snapshot.plan.backout, run.read_state()) == NOON + timedelta(hours=12)
    assert refusal(run, after=timedelta(hours=12)) is None
    assert latest_release(plans.records, "shop-2") == "run-1"


def test_after_it_the_refusal_names_the_date(plans: OtherPlans) -> None:
    told = refusal(released(plans, "shop-2"), after=timedelta(hours=12, seconds=1))
    assert told is not None
    assert "may be backed out until 2026-11-29 00:00 UTC, 12h after its success" in told


def test_what_left_no_release_is_refused_with_what_it_ended_in(plans: OtherPlans) -> None:
    run = released(plans, "shop-2")
    asked(run)
    run.ledger.record("decision", decision="back_out", by="mia", why=["orders are lost"])
    undo_ended(run)
    run.ledger.record("backout_verified", ok=True)
    ended(run, "backed_out")
    assert refusal(run) == "run run-1 of shop-2 has ended in backed_out: it left no release that could be backed out"
    assert latest_release(plans.records, "shop-2") == "run-1"  # so that who asks twice is told so
    assert latest_release(plans.records, "never") is None


def test_a_run_that_is_not_over_is_stopped_instead(plans: OtherPlans) -> None:
    told = refusal(plans.armed("shop-2", PLAN))
    assert told == "run run-1 of shop-2 is not over: `deployplan stop shop-2` ends it and backs it out"


def test_another_run_of_the_plan_under_way_is_in_the_way(plans: OtherPlans) -> None:
    run = released(plans, "shop-2")
    plans.records.open_run("shop-2", "run-2", run.snapshot.digest)
    assert "run run-2 of shop-2 is under way" in str(refusal(run))


def test_a_later_release_on_the_same_nodes_refuses_it_and_is_named(plans: OtherPlans) -> None:
    run = released(plans, "shop-2")
    released(plans, "shop-3", at=NOON + timedelta(minutes=30))
    told = refusal(run)
    assert told is not None
    assert told.startswith("shop-3 (run run-1) was released on web-1 at 2026-11-28 12:30 UTC, after this one")


def test_a_later_release_is_not_named_to_who_may_not_read_its_plan(plans: OtherPlans) -> None:
    run = released(plans, "shop-2")
    released(plans, "shop-3", at=NOON + timedelta(minutes=30))
    assert run.records is not None
    now = NOON + timedelta(hours=1)
    told = what_bars_it(
        run.records, run.snapshot, run.run_id, run.read_state(), now=now, may_read=lambda plan: plan == "shop-2"
    )
    assert str(told).startswith("a plan that you may not read was released on web-1 at 2026-11-28 12:30 UTC")
    assert "shop-3" not in str(told)


def test_a_later_release_that_was_backed_out_or_came_before_is_not_in_the_way(plans: OtherPlans) -> None:
    released(plans, "shop-1", at=NOON - timedelta(minutes=30))
    run = released(plans, "shop-2")
    later = released(plans, "shop-3", at=NOON + timedelta(minutes=30))
    ended(later, "backed_out")
    assert refusal(run) is None


def test_a_later_release_whose_plan_cannot_be_read_counts_as_one_on_the_same_nodes(plans: OtherPlans) -> None:
    run = released(plans, "shop-2")
    later = released(plans, "shop-3", at=NOON + timedelta(minutes=30))
    (plans.folder / "records" / "snapshots" / "shop-3" / f"{later.snapshot.digest}.json").unlink()
    assert "shop-3 (run run-1) was released on" in str(refusal(run))


def test_who_may_say_back_out_on_a_card_may_order_it_alone(plans: OtherPlans) -> None:
    plan = plans.plan("shop-2", "backout: {authority: [mia]}\n").plan
    assert (plan.backout_authority(), may_order(plan, "mia"), may_order(plan, "erin")) == (("mia",), True, False)
    assert plans.plan("shop-3", PLAN).plan.backout_authority() == ("mia",)  # else those who approve


def test_it_begins_a_turn_of_its_own_and_a_rerun_after_it_another_one(plans: OtherPlans) -> None:
    run = released(plans, "shop-2")
    asked(run)
    assert latest(run).backout == "shop-2/run-1#2/backout"
    assert not run.read_state().is_over
    assert next_number(run, clear=1) == 3
    assert next_number(run, clear=1) == 3
    assert run.read_state().taking_back is None


def test_without_a_decision_for_it_the_release_stays(plans: OtherPlans) -> None:
    run = released(plans, "shop-2")
    assert not is_kept(run.read_state())
    asked(run)
    assert is_kept(run.read_state())
    run.ledger.record("decision", decision="back_out", by="mia", why=["orders are lost"])
    assert not is_kept(run.read_state())
    assert run.read_state().half_done == {"web": None}  # so that whatever comes between leaves the nodes locked


def test_a_backout_that_is_declined_leaves_the_outcome_and_puts_off_no_time_limit(plans: OtherPlans) -> None:
    run = released(plans, "shop-2")
    asked(run)
    run.ledger.keep(BackoutDeclined(why="amir decided to keep it", by="amir"))
    assert run.records is not None
    kept = conclude_kept(run.records, run.snapshot, run.run_id, run.ledger, run.read_state())
    assert kept.outcome == "success"
    assert str(kept.because).endswith("erin asked for a backout, which was declined: amir decided to keep it")
    state = run.read_state()
    assert (state.is_over, state.taking_back, state.released and state.released.at) == (True, None, NOON)
    assert run.ledger.entries()[-1].kind == "sealed"
    assert run.records.active("shop-2") is None
    assert refusal(run) is None  # it may be asked for again


def test_a_release_that_was_taken_back_ends_as_backed_out_with_who_and_why(plans: OtherPlans) -> None:
    run = released(plans, "shop-2")
    asked(run)
    why = ["erin asks for it: orders are lost", "mia decided"]
    run.ledger.record("decision", decision="back_out", by="mia", why=why)
    undo_ended(run)
    run.ledger.record("backout_verified", ok=True, found=["web is '1' on web-1"])
    conclusion = judge_run(run.snapshot, run.read_state())
    assert conclusion.outcome is Outcome.BACKED_OUT
    assert conclusion.because.startswith("erin asks for it: orders are lost; mia decided; the previous release is back")


def test_a_release_whose_undo_died_is_not_called_backed_out(plans: OtherPlans) -> None:
    run = released(plans, "shop-2")
    asked(run)
    run.ledger.record("decision", decision="back_out", by="mia", why=["orders are lost"])
    assert judge_run(run.snapshot, run.read_state()).outcome is Outcome.BACKOUT_FAILED


def installed(version: str, digest: str, event: str = "installed", component: str = "web") -> dict[str, object]:
    known = {"event": event, "product": "shop", "component": component, "version": version, "digest": digest}
    return {**known, "plan": f"shop-{version}", "run": "run-1"}


def test_a_nodes_ledger_names_what_came_after_the_release_and_was_not_undone() -> None:
    mine, theirs = installed("2", "mine"), installed("3", "theirs")
    undone = installed("2", "theirs", "restored")
    assert later_release([installed("1", "old"), mine], "mine", "shop") is None
    assert later_release([mine, theirs], "mine", "shop") == "web 3 (plan shop-3, run run-1)"
    assert later_release([mine, theirs, undone], "mine", "shop") is None
    assert later_release([mine, theirs, undone, theirs], "mine", "shop") is not None
    assert later_release([mine, installed("3", "theirs", component="db")], "mine", "shop") is not None
    assert later_release([mine, theirs, mine], "mine", "shop") is None  # a redeploy has replaced it
    db = installed("3", "theirs", component="db")
    assert later_release([mine, theirs, db, mine], "mine", "shop") == "db 3 (plan shop-3, run run-1)"
    assert later_release([mine, theirs], "mine", "desk") is None
    assert later_release([theirs], "mine", "shop") is None  # nothing of ours was brought there: the records tell


def test_what_may_still_be_taken_back_is_kept_on_nodes_and_in_the_store(plans: OtherPlans) -> None:
    released(plans, "shop-2", "backout: {until: 3d}\n")
    store, later = plans.records, NOON + timedelta(days=2, hours=12)
    assert wanted_until(store, "shop-2", "run-1", now=later) == NOON + timedelta(days=3)
    assert (days_to_keep(store, 1, now=later), days_to_keep(store, 30, now=later)) == (3, 30)
    over = NOON + timedelta(days=4)
    assert (wanted_until(store, "shop-2", "run-1", now=over), days_to_keep(store, 1, now=over)) == (None, 1)
    assert wanted_until(store, "shop-2", "never", now=later) is None


def test_the_records_of_runs_before_there_was_any_of_this_are_read_as_they_were(plans: OtherPlans) -> None:
    run = released(plans, "shop-2")
    store = Records(plans.folder / "records")
    state = fold_all(store.run("shop-2", "run-1").ledger().entries())
    assert state.released is not None
    assert state.released.event.outcome == "success"
    assert run.read_state() == state
