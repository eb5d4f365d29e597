"""Who decides when something is wrong: the plan's policy, people, or nobody because nothing is wrong."""

from pathlib import Path

import pytest

from builders import a_component
from deployplan.runbook.decide import Decision, find_trouble, record_decision, recorded_decision
from deployplan.runbook.run.run import Run
from unit.runbook.runs import a_run, armed, node_result, wave_ended

GREEN: dict[str, str | None] = {"deploy.arm": "success", "deploy.web.wave_1": "success", "verify.smoke": "success"}
ASK = {"when": {"health": "ask", "deploy": "automatic"}, "authority": ["mia"]}


def a_released_run(tmp_path: Path, **plan: object) -> Run:
    run = a_run(tmp_path, **plan)
    armed(run)
    return run


def test_nothing_is_wrong_when_all_is_green_and_proven(tmp_path: Path) -> None:
    run = a_released_run(tmp_path)
    wave_ended(run)
    run.ledger.record("verified", ok=True)
    assert find_trouble(run, GREEN) is None


def test_a_green_task_without_evidence_is_put_to_people(tmp_path: Path) -> None:
    run = a_released_run(tmp_path)
    run.ledger.record("verified", ok=True)
    trouble = find_trouble(run, GREEN)
    assert trouble is not None
    assert (trouble.ask, trouble.may_accept) == (True, False)
    assert "marked by hand" in trouble.why[0]


def test_a_failed_script_is_backed_out_without_asking(tmp_path: Path) -> None:
    run = a_released_run(tmp_path, backout=ASK)
    wave_ended(run, ok=False, why="web-1: exit code 3")
    trouble = find_trouble(run, GREEN | {"deploy.web.wave_1": "failed", "verify.smoke": "upstream_failed"})
    assert trouble is not None
    assert not trouble.ask
    assert trouble.why == ("web wave 1: web-1: exit code 3",)


def test_a_failed_criterion_asks_when_the_plan_says_so(tmp_path: Path) -> None:
    run = a_released_run(tmp_path, backout=ASK)
    wave_ended(run)
    run.ledger.record("verified", ok=False, why="health: fail", criteria=["health"])
    trouble = find_trouble(run, GREEN | {"verify.smoke": "failed"})
    assert trouble is not None
    assert (trouble.ask, trouble.may_accept) == (True, True)


def test_one_automatic_cause_is_enough_to_back_out_without_asking(tmp_path: Path) -> None:
    run = a_released_run(tmp_path, backout=ASK)
    wave_ended(run, ok=False, why="exit code 3")
    run.ledger.record("verified", ok=False, why="health: fail", criteria=["health"])
    trouble = find_trouble(run, GREEN | {"verify.smoke": "failed"})
    assert trouble is not None
    assert not trouble.ask


@pytest.mark.parametrize(
    ("criteria", "no_answer", "ask", "waits"),
    [
        (["load"], ["load"], True, True),
        (["load", "calm"], ["load", "calm"], True, True),
        (["load"], [], False, False),  # it has failed, and its plan says automatic
        (["load", "page"], ["load"], False, False),  # what failed decides
        (["load", "health"], ["load"], True, False),  # what failed asks, and has a clock
    ],
)
def test_what_gave_no_answer_never_backs_out_by_itself_nor_by_silence(
    tmp_path: Path, criteria: list[str], no_answer: list[str], ask: bool, waits: bool
) -> None:
    run = a_released_run(tmp_path, backout=ASK)
    wave_ended(run)
    run.ledger.record("verified", ok=False, why="load: unknown", criteria=criteria, no_answer=no_answer)
    trouble = find_trouble(run, GREEN | {"verify.smoke": "failed"})
    assert trouble is not None
    assert (trouble.ask, trouble.waits, trouble.may_accept) == (ask, waits, True)


def test_a_wave_that_was_lost_while_it_asked_about_an_unknown_metric_still_asks_and_waits(tmp_path: Path) -> None:
    run = a_released_run(tmp_path)
    nodes = {"web-1": node_result()}
    run.ledger.record("wave_started", component="web", wave=1, nodes=["web-1"], generation="run-1#1")
    stop = {"component": "web", "wave": 1, "why": "load: unknown", "nodes": nodes, "generation": "run-1#1"}
    run.ledger.record("wave_stopped", criteria=["load"], no_answer=["load"], **stop)
    trouble = find_trouble(run, GREEN | {"deploy.web.wave_1": "failed", "verify.smoke": "upstream_failed"})
    assert trouble is not None
    assert (trouble.ask, trouble.waits) == (True, True)


def a_held_run_tried_again(tmp_path: Path, **plan: object) -> Run:
    """A wave that only an unknown metric held, of a plan that backs out by itself, and which people had tried again."""
    run = a_released_run(tmp_path, **plan)
    told = {"component": "web", "wave": 1, "generation": "run-1#1"}
    run.ledger.record("wave_started", nodes=["web-1"], **told)
    held = {"criteria": ["load"], "no_answer": ["load"], "nodes": {"web-1": node_result()}}
    run.ledger.record("wave_stopped", why="load: unknown", **told, **held)
    run.ledger.record("failure_answered", answer="try_again", person="chen", nodes=[], **told)
    return run


@pytest.mark.parametrize("on_close", ["back_out", "hold", "finish_wave"])
def test_a_held_wave_whose_second_reading_fits_no_window_asks_without_a_clock_whatever_on_close_says(
    tmp_path: Path, on_close: str
) -> None:
    run = a_held_run_tried_again(tmp_path, schedule={"on_close": on_close})
    run.ledger.record("wave_held", component="web", wave=1, reason="too late")
    trouble = find_trouble(run, LOST)
    assert trouble is not None
    assert (trouble.ask, trouble.waits, trouble.may_accept) == (True, True, False)


def test_a_held_wave_whose_processes_were_lost_before_it_began_again_asks_without_a_clock(tmp_path: Path) -> None:
    trouble = find_trouble(a_held_run_tried_again(tmp_path), LOST)
    assert trouble is not None
    assert (trouble.ask, trouble.waits, trouble.may_accept) == (True, True, False)


def test_a_held_wave_whose_processes_were_lost_as_it_read_again_asks_without_a_clock_and_says_so(
    tmp_path: Path,
) -> None:
    """Nothing has failed, and a person was there a moment ago: on_failure is about failures."""
    run = a_held_run_tried_again(tmp_path)
    run.ledger.record("wave_started", component="web", wave=1, generation="run-1#1", nodes=["web-1"])
    assert run.read_state().since_armed.again == {}
    trouble = find_trouble(run, LOST)
    assert trouble is not None
    assert (trouble.ask, trouble.waits, trouble.by) == (True, True, "nobody known")
    assert "web wave 1: load: unknown; it was tried again, and nobody knows why it ended" in trouble.why
    run.ledger.record("intervened", **STOPPED)
    trouble = find_trouble(run, LOST)
    assert trouble is not None
    assert (trouble.ask, trouble.by) == (False, "erin")


def test_who_marks_a_held_wave_failed_after_it_was_to_be_tried_again_has_decided(tmp_path: Path) -> None:
    run = a_held_run_tried_again(tmp_path)
    run.ledger.record("intervened", **STOPPED)
    trouble = find_trouble(run, LOST)
    assert trouble is not None
    assert (trouble.ask, trouble.waits, trouble.by) == (False, False, "erin")


def test_a_criterion_that_failed_once_is_no_longer_one_that_gave_no_answer(tmp_path: Path) -> None:
    run = a_released_run(tmp_path, backout=ASK)
    wave_ended(run, ok=False, why="load: fail", criteria=["load"], nodes={"web-1": node_result()})
    run.ledger.record("verified", ok=False, why="load: unknown", criteria=["load"], no_answer=["load"])
    trouble = find_trouble(run, GREEN | {"verify.smoke": "failed"})
    assert trouble is not None
    assert (trouble.ask, trouble.waits) == (False, False)


def test_a_gate_that_did_not_hold_is_decided_by_its_criterion(tmp_path: Path) -> None:
    run = a_released_run(tmp_path, backout=ASK)
    wave_ended(run, ok=False, why="health: fail", criteria=["health"], nodes={"web-1": node_result()})
    trouble = find_trouble(run, GREEN | {"deploy.web.wave_1": "failed"})
    assert trouble is not None
    assert trouble.ask


@pytest.mark.parametrize("state", ["skipped", "upstream_failed", None])
def test_a_release_whose_waves_did_not_all_run_cannot_be_accepted(tmp_path: Path, state: str | None) -> None:
    run = a_released_run(tmp_path, backout=ASK)
    run.ledger.record("verified", ok=False, why="health: fail", criteria=["health"])
    trouble = find_trouble(run, GREEN | {"deploy.web.wave_1": state})
    assert trouble is not None
    assert not trouble.may_accept


def test_a_run_marked_failed_between_two_waves_is_trouble_although_no_task_failed(tmp_path: Path) -> None:
    run = a_released_run(tmp_path)
    trouble = find_trouble(run, GREEN | {"deploy.web.wave_1": "skipped", "verify.smoke": "skipped"})
    assert trouble is not None
    assert not trouble.ask


def test_without_a_recorded_decision_the_backout_backs_out(tmp_path: Path) -> None:
    run = a_released_run(tmp_path)
    assert recorded_decision(run) is Decision.BACK_OUT


def test_a_decision_of_an_earlier_arming_does_not_count(tmp_path: Path) -> None:
    run = a_released_run(tmp_path)
    record_decision(run, Decision.NOTHING, by="facts", why=[])
    run.ledger.record("armed", generation=2, nodes=[], digest=run.snapshot.digest)
    assert recorded_decision(run) is Decision.BACK_OUT


STOPPED = {"who": "erin", "did": "marked the run failed", "action": "mark", "state": "failed", "accepted": True}


def test_a_person_who_stopped_the_run_decided_it_and_not_the_policy(tmp_path: Path) -> None:
    run = a_released_run(tmp_path)
    run.ledger.record("intervened", **STOPPED)
    trouble = find_trouble(run, GREEN | {"deploy.web.wave_1": "failed", "verify.smoke": "upstream_failed"})
    assert trouble is not None
    assert trouble.by == "erin"
    assert trouble.why[0] == "erin marked the run failed"


def test_a_stop_that_airflow_refused_decided_nothing(tmp_path: Path) -> None:
    run = a_released_run(tmp_path)
    run.ledger.record("intervened", **STOPPED | {"accepted": False})
    wave_ended(run, ok=False, why="exit code 3")
    trouble = find_trouble(run, GREEN | {"deploy.web.wave_1": "failed"})
    assert trouble is not None
    assert (trouble.by, trouble.why) == ("policy", ("web wave 1: exit code 3",))


def test_tasks_that_failed_without_any_evidence_were_stopped_by_nobody_known(tmp_path: Path) -> None:
    run = a_released_run(tmp_path)
    trouble = find_trouble(run, GREEN | {"deploy.web.wave_1": "failed", "verify.smoke": "upstream_failed"})
    assert trouble is not None
    assert trouble.by == "nobody known"


ASKS = {"components": {"web": a_component(nodes=["web-1"], on_failure="ask")}, "backout": {"authority": ["mia"]}}
LOST = GREEN | {"deploy.web.wave_1": "failed", "verify.smoke": "upstream_failed"}


def a_stopped_run(tmp_path: Path) -> Run:
    run = a_released_run(tmp_path, **ASKS)
    run.ledger.record("wave_started", component="web", wave=1, nodes=["web-1"], generation="run-1#1")
    ends = {"web-1": node_result("failed", "exit code 3")}
    run.ledger.record("wave_stopped", component="web", wave=1, why="exit code 3", nodes=ends, generation="run-1#1")
    return run


@pytest.mark.parametrize("answer", [None, "wait", "try_again"])
def test_where_airflow_tries_no_more_what_was_asked_stays_asked(tmp_path: Path, answer: str | None) -> None:
    run = a_stopped_run(tmp_path)
    if answer is not None:
        run.ledger.record(
            "failure_answered", component="web", wave=1, generation="run-1#1", answer=answer, person="chen", nodes=[]
        )
    trouble = find_trouble(run, LOST)
    assert trouble is not None
    assert (trouble.ask, trouble.may_accept) == (True, False)
    assert "exit code 3" in trouble.why[0]


def test_a_wave_whose_processes_were_lost_for_good_asks_where_the_plan_wants_its_failures_asked(tmp_path: Path) -> None:
    run = a_released_run(tmp_path, **ASKS)
    run.ledger.record("wave_started", component="web", wave=1, nodes=["web-1"], generation="run-1#1")
    trouble = find_trouble(run, LOST)
    assert trouble is not None
    assert trouble.ask
    automatic = a_released_run(tmp_path / "automatic")
    trouble = find_trouble(automatic, LOST)
    assert trouble is not None
    assert not trouble.ask


def test_who_marks_a_wave_failed_while_it_asks_has_decided(tmp_path: Path) -> None:
    run = a_stopped_run(tmp_path)
    run.ledger.record(
        "intervened", who="erin", action="mark", tasks=["deploy.web.wave_1"], state="failed", accepted=True
    )
    trouble = find_trouble(run, LOST)
    assert trouble is not None
    assert (trouble.ask, trouble.by) == (False, "erin")
