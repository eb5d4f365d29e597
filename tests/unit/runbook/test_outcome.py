"""The final word on a run is computed from its evidence; every outcome, and what may not be taken for another one."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from deployplan.remote.errors import Unreachable
from deployplan.remote.node_client import NodeClient
from deployplan.runbook.outcome import Conclusion, Outcome, conclude, judge_run, weigh
from deployplan.runbook.run.fleet import Fleet
from deployplan.runbook.run.run import Run
from unit.runbook.runs import a_run, armed, freeze, node_result, undo_ended, wave_ended

MANUAL = {"health": {"http": "http://{node}/health"}, "order": {"manual": "Place an order", "by": "mia"}}


def outcome_of(run: Run) -> Outcome:
    return judge_run(run.snapshot, run.read_state()).outcome


def test_all_waves_done_and_all_criteria_held_is_success(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    armed(run)
    wave_ended(run)
    run.ledger.record("verified", ok=True)
    assert outcome_of(run) is Outcome.SUCCESS


def test_a_node_left_out_within_the_budget_makes_success_with_issues(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    armed(run)
    wave_ended(run, nodes={"web-1": node_result("failed")}, excluded=["web-1"])
    run.ledger.record("verified", ok=True)
    assert outcome_of(run) is Outcome.SUCCESS_WITH_ISSUES


@pytest.mark.parametrize(
    ("kind", "facts", "outcome"),
    [
        ("rejected", {"seat": 1, "person": "mia"}, Outcome.REJECTED),
        ("expired", {"seat": 1, "people": ["mia"]}, Outcome.EXPIRED),
        ("not_ready", {"problems": ["web-1: no space"]}, Outcome.NOT_READY),
        ("window_missed", {"reason": "closed"}, Outcome.WINDOW_MISSED),
    ],
)
def test_what_ends_the_run_before_the_deploy_names_its_outcome(
    tmp_path: Path, kind: str, facts: dict[str, object], outcome: Outcome
) -> None:
    run = a_run(tmp_path)
    freeze(run)
    run.ledger.record(kind, **facts)
    assert outcome_of(run) is outcome


def test_a_run_ended_by_a_person_before_the_deploy_is_terminated(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    freeze(run)
    assert outcome_of(run) is Outcome.TERMINATED


def test_a_refused_arming_after_an_earlier_one_is_not_ready_and_no_success(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    armed(run)
    wave_ended(run)
    run.ledger.record("not_ready", problems=["the window has closed"])
    assert outcome_of(run) is Outcome.NOT_READY


def backed_out(run: Run) -> None:
    wave_ended(run, ok=False, why="exit code 3")
    run.ledger.record("decision", decision="back_out", by="policy", why=[])
    undo_ended(run)
    run.ledger.record("backout_verified", ok=True, problems=[])


def test_a_verified_backout_is_backed_out(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    armed(run)
    backed_out(run)
    assert outcome_of(run) is Outcome.BACKED_OUT


def test_a_deploy_that_touched_nothing_is_never_called_backed_out(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    armed(run)
    undo_ended(run, state="not_started")
    run.ledger.record("backout_verified", ok=True, problems=[])
    assert outcome_of(run) is Outcome.TERMINATED


@pytest.mark.parametrize(
    "break_it",
    [
        lambda run: undo_ended(run, ok=False, state="failed"),
        lambda run: undo_ended(run, ok=False, state="unknown"),
        lambda run: run.ledger.record("backout_verified", ok=False, problems=["health: fail"]),
    ],
    ids=["the undo failed", "a node is unknown", "the previous release is not proven back"],
)
def test_a_backout_that_is_not_proven_is_backout_failed(tmp_path: Path, break_it: Callable[[Run], object]) -> None:
    run = a_run(tmp_path)
    armed(run)
    backed_out(run)
    break_it(run)
    assert outcome_of(run) is Outcome.BACKOUT_FAILED


def test_an_undo_without_its_verification_is_backout_failed(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    armed(run)
    undo_ended(run)
    assert outcome_of(run) is Outcome.BACKOUT_FAILED


def test_an_undo_that_never_told_its_end_is_backout_failed_even_if_the_readings_pass(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    armed(run)
    run.ledger.record("wave_started", component="web", wave=1, nodes=["web-1"], generation="run-1#1")
    wave_ended(run, ok=False, why="exit code 3")
    run.ledger.record("decision", decision="back_out", by="policy", why=[])
    run.ledger.record("backout_verified", ok=True, problems=[])
    assert outcome_of(run) is Outcome.BACKOUT_FAILED


def test_a_backout_that_was_decided_and_never_tried_is_no_success(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    armed(run)
    wave_ended(run)
    run.ledger.record("verified", ok=True)
    run.ledger.record("decision", decision="back_out", by="mia", why=[])
    assert outcome_of(run) is Outcome.BACKOUT_FAILED


def test_a_wave_marked_green_by_hand_is_unknown_and_never_success(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    armed(run)
    run.ledger.record("verified", ok=True)
    assert outcome_of(run) is Outcome.UNKNOWN


def test_a_verification_marked_green_by_hand_is_unknown_and_never_success(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    armed(run)
    wave_ended(run)
    assert outcome_of(run) is Outcome.UNKNOWN


def test_a_verification_of_before_the_last_wave_proves_nothing(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    armed(run)
    run.ledger.record("verified", ok=True)
    wave_ended(run)
    assert outcome_of(run) is Outcome.UNKNOWN


def test_a_manual_test_without_an_answer_is_unknown_and_never_success(tmp_path: Path) -> None:
    run = a_run(tmp_path, success=MANUAL)
    armed(run)
    wave_ended(run)
    run.ledger.record("verified", ok=True)
    assert outcome_of(run) is Outcome.UNKNOWN
    run.ledger.record("manual_answer", criterion="order", passed=True, person="mia")
    assert outcome_of(run) is Outcome.SUCCESS


def test_a_job_that_is_not_proven_dead_makes_the_outcome_unknown(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    armed(run)
    wave_ended(run)
    run.ledger.record("verified", ok=True)
    run.ledger.record("unproven", nodes={"web-1": "unreachable"})
    assert outcome_of(run) is Outcome.UNKNOWN


def test_a_release_accepted_by_a_person_is_success_with_issues(tmp_path: Path) -> None:
    run = a_run(tmp_path, success=MANUAL)
    armed(run)
    wave_ended(run)
    run.ledger.record("verified", ok=True)
    run.ledger.record("manual_answer", criterion="order", passed=False, person="mia")
    run.ledger.record("decision", decision="accept", by="mia", why=["accepted by mia"])
    assert outcome_of(run) is Outcome.SUCCESS_WITH_ISSUES


def test_accepting_a_release_whose_waves_never_ran_is_not_believed(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    armed(run)
    wave_ended(run, ok=False, why="terminated")
    run.ledger.record("decision", decision="accept", by="mia", why=[])
    assert outcome_of(run) is Outcome.UNKNOWN


def test_waves_undone_since_do_not_count_as_done(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    armed(run)
    wave_ended(run)
    backed_out(run)
    run.ledger.record("armed", generation=2, nodes=["web-1"], digest=run.snapshot.digest)
    run.ledger.record("verified", ok=True)
    assert outcome_of(run) is Outcome.UNKNOWN


def test_a_repaired_rerun_after_a_backout_is_success(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    armed(run)
    backed_out(run)
    run.ledger.record("armed", generation=2, nodes=["web-1"], digest=run.snapshot.digest)
    wave_ended(run)
    run.ledger.record("verified", ok=True)
    assert outcome_of(run) is Outcome.SUCCESS


async def test_the_nodes_are_seen_to_also_when_a_second_copy_numbered_the_arming_before_the_review_began(
    tmp_path: Path,
) -> None:
    asked = []

    async def gone(name: str) -> NodeClient:
        asked.append(name)
        raise Unreachable(f"{name} does not answer")

    run = replace(a_run(tmp_path), fleet=Fleet(gone))
    run.ledger.record("arming", generation=1, clear=0)
    armed(run)
    wave_ended(run)
    run.ledger.record("verified", ok=True)
    assert (await conclude(run)).outcome is Outcome.UNKNOWN
    assert set(asked) == {"web-1"}


GOOD = Conclusion(Outcome.SUCCESS, "every wave is done and every criterion held")


def decisions(run: Run) -> list[tuple[object, object]]:
    return [(entry.facts["decision"], entry.facts["by"]) for entry in run.ledger.entries() if entry.kind == "decision"]


def test_where_the_backout_was_skipped_the_outcome_records_that_nothing_was_wrong(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    armed(run)
    assert weigh(run, GOOD, None) == weigh(run, GOOD, None) == GOOD
    assert decisions(run) == [("nothing", None)]


def test_a_decision_that_was_taken_stays_the_only_one(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    armed(run)
    run.ledger.record("decision", decision="accept", by="mia", why=[])
    assert weigh(run, GOOD, None) == GOOD
    assert decisions(run) == [("accept", "mia")]


def test_a_good_release_about_which_there_is_a_doubt_is_unknown_and_says_which(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    armed(run)
    doubt = "verify.smoke is failed, and the backout was skipped"
    assert weigh(run, GOOD, doubt) == Conclusion(Outcome.UNKNOWN, doubt)
    assert decisions(run) == []


def because_of(run: Run) -> str:
    return judge_run(run.snapshot, run.read_state()).because


def test_the_outcome_of_a_backout_names_its_cause_and_what_was_found(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    armed(run)
    wave_ended(run, ok=False, why="web-1: significant error: FATAL: no space")
    run.ledger.record(
        "decision", decision="back_out", by="policy", why=["web wave 1: significant error: FATAL: no space"]
    )
    undo_ended(run)
    run.ledger.record("backout_verified", ok=True, problems=[], readings=2, found=["web is '1' on web-1"], not_asked=[])
    assert because_of(run) == (
        "web wave 1: significant error: FATAL: no space; the previous release is back: web is '1' on web-1"
    )


def test_a_backout_that_was_seen_on_some_components_only_says_which_it_did_not_see(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    armed(run)
    undo_ended(run)
    found = {"found": ["web is '1' on web-1"], "not_asked": ["db on db-1"]}
    run.ledger.record("backout_verified", ok=True, problems=[], readings=2, **found)
    assert because_of(run) == (
        "undone on web-1, 2 readings pass as before; found: web is '1' on web-1; "
        "which release is there was not asked of db on db-1"
    )


def test_an_accepted_release_names_what_was_accepted(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    armed(run)
    wave_ended(run)
    run.ledger.record("decision", decision="accept", by="mia", why=["verification: health on web-1: fail"])
    assert because_of(run) == "accepted by mia: verification: health on web-1: fail"


def test_a_run_that_a_person_ended_before_the_deploy_names_the_person(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    freeze(run)
    run.ledger.record(
        "intervened", who="erin", did="marked the run failed", action="mark", state="failed", accepted=True
    )
    assert because_of(run) == "the run was ended before anything was deployed: erin marked the run failed"


def test_a_task_that_a_person_marked_green_is_unknown_and_names_the_person(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    armed(run)
    did = "marked deploy.web.wave_1 success"
    run.ledger.record("intervened", who="erin", did=did, action="mark", state="success", accepted=True)
    assert because_of(run) == "no evidence that web wave 1 ended well: erin marked deploy.web.wave_1 success"


def test_a_review_that_is_refused_leaves_unknown_what_an_earlier_try_left_half_done(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    armed(run)
    run.ledger.record("wave_started", component="web", wave=1, nodes=["web-1"], generation="run-1#1")
    freeze(run)
    run.ledger.record("rejected", seat=1, person="mia")
    assert outcome_of(run) is Outcome.UNKNOWN
    assert because_of(run).startswith("rejected: by mia; web was begun and neither released nor undone by an earlier")
