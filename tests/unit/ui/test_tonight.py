"""The rows of tonight: where each plan and run stands, and the sentence that everything else gives, too."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deployplan.evidence.hold import HoldSwitch
from deployplan.evidence.waiting import WaitingRun
from deployplan.plan.load.loading import load_all, load_infrastructure
from deployplan.runbook.run.run import Run
from deployplan.runbook.timing.verdict import verdict
from deployplan.ui.gauges import gauges_now
from deployplan.ui.progress import BudgetLeft, RunProgress, SeatsTaken
from deployplan.ui.run_reader import RunReader
from deployplan.ui.tonight import Lane, Sources, Tonight, TonightRow, read_tonight
from deployplan.ui.tonight_json import etag_of, seen_by, tonight_as_json
from unit.runbook.other_plans import OtherPlans, a_night
from unit.runbook.runs import NOON, node_result, undo_ended, wave_ended

OPEN = datetime(2026, 11, 28, 22, 5, tzinfo=UTC)
NEXT_WEEK = timedelta(days=7)


@pytest.fixture
def plans(tmp_path: Path) -> OtherPlans:
    return OtherPlans(tmp_path)


def look(plans: OtherPlans, at: datetime = NOON, reader: RunReader | None = None, seconds: bool = True) -> Tonight:
    found = load_all(plans.include)
    sources = Sources(
        plans.include,
        plans.records,
        reader or RunReader(plans.records),
        found.snapshots,
        lambda environment: load_infrastructure(environment, plans.include),
        HoldSwitch(plans.records.root).state(),
        len(found.problems),
    )
    return read_tonight(sources, at, lambda: seconds)


def rows(plans: OtherPlans, at: datetime = NOON) -> dict[str, TonightRow]:
    return {row.plan: row for row in look(plans, at).rows}


def bar(row: TonightRow) -> dict[str, int]:
    return {str(standing): count for standing, count in progress_in(row).nodes.items()}


def progress_in(row: TonightRow) -> RunProgress:
    assert row.progress is not None
    return row.progress


def ask(run: Run, task: str = "review.approve_1", subject: str = "Approve own? Seat 1 of 1") -> None:
    run.ledger.record("seat_asked", seat=1, people=["mia"], digest=run.snapshot.digest)
    run.ledger.record("card_put", task=task, people=["mia"], subject=subject)


def test_a_plan_without_a_run_waits_for_its_window_in_the_words_of_deployplan_window(plans: OtherPlans) -> None:
    plans.plan("own", a_night("tonight"))
    row = rows(plans)["own"]
    snapshot = load_all(plans.include).snapshots["own"]
    said = verdict(snapshot, plans.include, at=NOON, past=())
    assert (row.lane, row.sentence, row.run) == (Lane.NEXT, said.reason, None)
    assert (row.opens, row.closes, row.last_safe_start) == (said.next_open, said.closes, said.last_safe_start)
    assert bar(row) == {"not started": 1}
    assert progress_in(row).seats == SeatsTaken(0, 1, (), ("mia",))


def test_a_plan_that_opens_later_than_in_a_week_is_not_for_tonight(plans: OtherPlans) -> None:
    plans.plan("own", a_night("tonight"))
    assert rows(plans, NOON - NEXT_WEEK - timedelta(days=3)) == {}


def test_a_plan_that_missed_its_window_is_told_for_a_day(plans: OtherPlans) -> None:
    plans.plan("own", a_night("tonight"))
    row = rows(plans, NOON + timedelta(hours=30))["own"]
    assert (row.lane, row.outcome) == (Lane.ENDED, "missed")
    assert rows(plans, NOON + timedelta(days=3)) == {}


def test_an_open_card_says_what_the_card_says_and_whom_it_asks(plans: OtherPlans) -> None:
    ask(plans.run("own", a_night("tonight")))
    row = rows(plans)["own"]
    assert (row.lane, row.sentence) == (Lane.NEEDS_YOU, "Approve own? Seat 1 of 1")
    asked = progress_in(row).question
    assert asked is not None
    assert (asked.people, asked.task, progress_in(row).phase) == (("mia",), "review.approve_1", 1)


def test_needs_you_is_for_those_who_were_asked_and_others_see_it_wait(plans: OtherPlans) -> None:
    ask(plans.run("own", a_night("tonight")))
    found = look(plans)
    assert [row.lane for row in seen_by(found, "mia").rows] == [Lane.NEEDS_YOU]
    assert [row.lane for row in seen_by(found, "vic").rows] == [Lane.WAITING]


def test_a_person_sees_the_plans_that_they_may_read(plans: OtherPlans) -> None:
    plans.plan("own", a_night("tonight"))
    plans.plan("other", a_night("tonight"))
    assert [row.plan for row in seen_by(look(plans), "vic", {"own"}).rows] == ["own"]


def test_a_run_that_waits_says_the_verdict_and_under_a_hold_who_holds(plans: OtherPlans) -> None:
    run = plans.approved("own", a_night("tonight"))
    waits = rows(plans)["own"]
    assert (waits.lane, progress_in(waits).phase) == (Lane.WAITING, 2)
    assert waits.sentence == verdict(run.snapshot, plans.include, at=NOON, past=()).reason
    hold = HoldSwitch(plans.records.root).hold("database restore", by="olga", at=NOON)
    assert rows(plans)["own"].sentence.startswith(str(hold))
    assert look(plans).hold == hold


def test_a_run_that_lets_another_go_first_says_which_and_where(plans: OtherPlans) -> None:
    plans.approved("own", a_night("tonight"))
    plans.armed("other", a_night("tonight"))
    waits = WaitingRun("own", "run-1", "production", ("web-1",), (), 0, NOON, NOON, OPEN, OPEN, OPEN)
    plans.records.waiting.put(waits)
    plans.records.waiting.put(replace(waits, plan="other", priority=5, started=True))
    assert rows(plans, OPEN)["own"].sentence == "waits for other (priority 5, under way) on web-1"


def test_a_run_at_work_names_its_wave_its_nodes_and_what_is_left_of_its_budget(plans: OtherPlans) -> None:
    run = plans.armed("own", a_night("tonight"))
    facts = {"component": "web", "wave": 1, "nodes": ["web-1"], "generation": "run-1#1"}
    run.ledger.record("wave_started", **facts)
    row = rows(plans, OPEN)["own"]
    assert (row.lane, progress_in(row).phase, row.sentence) == (Lane.RUNNING, 3, "web wave 1 of 1 (web-1)")
    assert bar(row) == {"not started": 1}
    run.ledger.record("job_started", node="web-1", job="j", step="deploy", component="web")
    assert bar(rows(plans, OPEN)["own"]) == {"working": 1}
    run.ledger.record("node_lost", node="web-1", component="web", why="no route")
    assert bar(rows(plans, OPEN)["own"]) == {"unknown": 1}
    run.ledger.record("node_back", node="web-1", component="web")
    run.ledger.record("job_ended", node="web-1", job="j", state="done", exit=0)
    row = rows(plans, OPEN)["own"]
    assert bar(row) == {"done": 1}
    assert progress_in(row).budget == BudgetLeft("web", 0, 0)


def test_a_wave_that_failed_says_why_until_the_backout_is_done(plans: OtherPlans) -> None:
    run = plans.armed("own", a_night("tonight"))
    wave_ended(run, ok=False, why="exit 3", nodes={"web-1": node_result("failed", "exit 3")})
    row = rows(plans, OPEN)["own"]
    assert (progress_in(row).phase, row.sentence, progress_in(row).troubled) == (5, "web wave 1: exit 3", ("web-1",))
    assert progress_in(row).budget == BudgetLeft("web", 1, 0)
    run.ledger.record("decision", decision="back_out", by="policy", why=["web wave 1: exit 3"])
    assert rows(plans, OPEN)["own"].sentence == "decision: back_out by policy (web wave 1: exit 3)"
    undo_ended(run)
    assert bar(rows(plans, OPEN)["own"]) == {"undone": 1}


def test_a_run_that_ended_says_why_as_its_outcome_does(plans: OtherPlans) -> None:
    run = plans.ended("own", a_night("tonight"), "success")
    ended = rows(plans, run.clock.now() + timedelta(hours=1))["own"]
    assert (ended.lane, ended.outcome) == (Lane.ENDED, "success")
    assert ended.sentence == (run.read_state().outcome.event.because or "success")  # type: ignore[union-attr]
    assert rows(plans, run.clock.now() + timedelta(hours=25)) == {}


def test_a_plan_that_was_backed_out_stands_where_its_run_ended_and_not_among_what_is_next(plans: OtherPlans) -> None:
    plans.ended("own", a_night("tonight"), "backed_out")
    assert [(row.lane, row.outcome) for row in look(plans, NOON + timedelta(hours=1)).rows] == [
        (Lane.ENDED, "backed_out")
    ]


def test_a_plan_whose_approval_expired_is_next_all_the_same(plans: OtherPlans) -> None:
    plans.ended("own", a_night("tonight"), "expired")
    assert [row.lane for row in look(plans, NOON + timedelta(hours=1)).rows] == [Lane.NEXT, Lane.ENDED]


def test_a_damaged_record_is_told_in_its_row_and_hides_no_other(plans: OtherPlans) -> None:
    run = plans.armed("bad", a_night("tonight"))
    plans.armed("good", a_night("tonight"))
    Path(str(run.ledger.folder), "ledger-000001.jsonl").write_text("{}\n")
    found = rows(plans)
    assert (found["bad"].problem, found["bad"].lane) == (True, Lane.NEEDS_YOU)
    assert "is not intact" in found["bad"].sentence
    assert (found["good"].problem, found["good"].lane) == (False, Lane.RUNNING)


@pytest.mark.parametrize("lie", ["outcome", "head", "entries", "record"])
def test_a_run_whose_record_does_not_bear_out_the_note_of_its_end_has_no_outcome_and_counts_as_damaged(
    plans: OtherPlans, lie: str
) -> None:
    run = plans.ended("own", a_night("tonight"), "backout_failed")
    (note,) = plans.records.ends.all()
    forged: dict[str, Any] = {"outcome": {"facts": {**note.facts, "outcome": "success"}}, "head": {"head": "0" * 64}}
    changes = forged.get(lie, {"entries": note.entries + 1})
    if lie == "record":
        Path(str(run.ledger.folder), "ledger-000001.jsonl").write_text("{}\n")
    else:
        plans.records.ends.put(replace(note, at=note.at + timedelta(minutes=1), mac=None, **changes), lambda _: None)
    seen = look(plans, NOON + timedelta(hours=1))
    (row,) = [each for each in seen.rows if each.run is not None]
    assert (row.lane, row.outcome, row.problem, row.progress) == (Lane.ENDED, None, True, None)
    assert ("note of its end" in row.sentence) == (lie != "record")
    figures = gauges_now(seen, NOON)
    assert sum(each.value for each in figures if each.name == "records_damaged") == 1
    assert sum(each.value for each in figures if each.name == "releases_ended") == 0


def test_what_cannot_be_read_in_time_is_counted_and_read_at_the_next_look(plans: OtherPlans) -> None:
    plans.armed("own", a_night("tonight"))
    reader = RunReader(plans.records)
    assert look(plans, reader=reader, seconds=False).unread == 1
    assert look(plans, reader=reader).unread == 0
    assert [row.lane for row in look(plans, reader=reader, seconds=False).rows] == [Lane.RUNNING]


def test_an_environment_that_cannot_be_read_holds_its_plans_and_the_page_stands(plans: OtherPlans) -> None:
    plans.approved("own", a_night("tonight"))
    (plans.include.infrastructure / "production.yaml").write_text("nodes: [\n")
    assert "cannot be read" in rows(plans)["own"].sentence


def test_the_json_holds_one_line_of_text_and_an_etag_of_what_it_says(plans: OtherPlans) -> None:
    hostile = "<img src=x onerror=alert(1)>\n\x1b[31m\u202eevil" + "x" * 10_000
    ask(plans.run("own", a_night("tonight")), subject=hostile)
    content = tonight_as_json(look(plans), lambda plan: {"answer": plan == "own"})
    (row,) = json.loads(json.dumps(content))["rows"]
    assert row["sentence"].startswith("<img src=x onerror=alert(1)>\\n\\x1b[31m\\u202eevil")
    assert len(row["sentence"]) == 1001
    assert row["may"] == {"answer": True}
    assert etag_of(content) == etag_of(tonight_as_json(look(plans), lambda plan: {"answer": True}))
    assert etag_of(content) != etag_of(tonight_as_json(look(plans)))
