"""What may be chosen about a stopped wave, by whom, and that an answer is carried out once, whoever dies in between."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from builders import a_component
from deployplan.evidence.kinds.deploy import WaveNotStarted, WaveStopped
from deployplan.evidence.kinds.verify import CardPut
from deployplan.runbook.decide import Decision, find_trouble, recorded_decision
from deployplan.runbook.failure.failure_answer import Word, end_wave, record_answer
from deployplan.runbook.failure.failure_card import failure_card, failure_subject
from deployplan.runbook.failure.question import FailureQuestion, Option, question_of, who_may
from deployplan.runbook.run.answers import NotAsked, require_asked
from deployplan.runbook.run.run import Run, StepFailed
from deployplan.runbook.tasks import must_succeed
from deployplan.testing import FrozenClock
from unit.runbook.runs import NOON, a_run, armed, node_result, wave_ended

TEAM = {
    "chen": {"role": "lead developer", "on_call": True},
    "dana": {"role": "Deployment Engineer"},
    "olga": {"role": "developer"},
}
NODES = ["web-1", "web-2"]


def a_stopped_run(folder: Path, *, ends: dict[str, Any] | None = None, **plan: Any) -> Run:
    known = {
        "components": {"web": a_component(nodes=NODES, on_failure="ask", max_failures=0)},
        "backout": {"authority": ["mia"], "decide_within": "15m"},
        "delivery": {"team": TEAM},
    }
    run = a_run(folder, **{**known, **plan})
    armed(run)
    stop(run, ends)
    return run


def stop(run: Run, ends: dict[str, Any] | None = None, why: str = "1 nodes failed, 0 may", **more: Any) -> None:
    ends = ends or {"web-1": node_result(), "web-2": node_result("failed")}
    run.ledger.record("wave_started", component="web", wave=1, nodes=NODES, generation="run-1#1")
    run.ledger.record("wave_stopped", component="web", wave=1, why=why, nodes=ends, generation="run-1#1", **more)


def asked(run: Run) -> FailureQuestion:
    found = question_of(run, run.read_state())
    assert found is not None
    return found


def test_engineers_may_try_again_and_wait_and_the_backout_authority_may_do_all(tmp_path: Path) -> None:
    run = a_stopped_run(tmp_path)
    everybody = ("mia", "chen", "dana")
    assert who_may(run.snapshot.plan, asked(run).options) == {
        "Try again": everybody,
        "Leave them out and go on": ("mia",),
        "Back out": ("mia",),
        "Wait": everybody,
    }


@pytest.mark.parametrize(
    ("ends", "more", "controls", "may"),
    [
        ({"web-1": "done", "web-2": "failed"}, {}, {}, True),
        ({"web-1": "done", "web-2": "unknown"}, {}, {"components": {"max_failures": 1}}, True),
        ({"web-1": "done", "web-2": "failed"}, {}, {"components": {"max_failures": 0}}, False),
        ({"web-1": "failed", "web-2": "failed"}, {}, {}, False),  # then it would come to no node at all
        ({"web-1": "done", "web-2": "done"}, {"criteria": ["health"]}, {}, False),  # they have the new release
    ],
)
def test_nodes_may_be_left_out_as_far_as_the_controls_allow_and_the_release_comes_to_some(
    tmp_path: Path, ends: dict[str, str], more: dict[str, Any], controls: dict[str, Any], may: bool
) -> None:
    run = a_run(
        tmp_path,
        components={"web": a_component(nodes=NODES, on_failure="ask")},
        controls=controls,
    )
    armed(run)
    stop(run, {node: node_result(state) for node, state in ends.items()}, **more)
    assert (Option.LEAVE_OUT in asked(run).options) is may


def test_a_node_that_was_stopped_with_the_others_has_not_failed_and_is_not_left_out(tmp_path: Path) -> None:
    ends = {"web-1": {**node_result("failed"), "why": "terminated with its component"}, "web-2": node_result("failed")}
    question = asked(a_stopped_run(tmp_path, ends=ends))
    assert (question.failed, question.leave) == (("web-2",), ("web-2",))


def test_a_second_card_of_a_wave_promises_no_script_on_a_node_that_people_left_out(tmp_path: Path) -> None:
    run = a_stopped_run(tmp_path)
    record_answer(run, asked(run), Word(Option.LEAVE_OUT, "mia"))
    stop(run, {"web-1": node_result("failed"), "web-2": node_result("failed")})
    question = asked(run)
    assert (question.failed, question.again, question.leave) == (("web-1",), ("web-1",), ())


@pytest.mark.parametrize("died_after", [1, 2, 3])
def test_a_backout_that_was_chosen_is_one_decision_whoever_dies_in_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, died_after: int
) -> None:
    run = a_stopped_run(tmp_path)
    record, left = Run.record, died_after

    def dying(self: Run, event: Any) -> Any:
        nonlocal left
        if left == 0:
            raise KeyboardInterrupt
        left -= 1
        return record(self, event)

    monkeypatch.setattr(Run, "record", dying)
    with pytest.raises((KeyboardInterrupt, StepFailed)):
        record_answer(run, asked(run), Word(Option.BACK_OUT, "mia", "not tonight"))
    monkeypatch.undo()
    state = run.read_state()
    assert question_of(run, state) is None  # nobody is asked again
    if state.since_armed.question is not None:
        with pytest.raises(StepFailed, match="1 nodes failed"):
            end_wave(run, state.since_armed.question)

    decisions = [entry.facts for entry in run.ledger.entries() if entry.kind == "decision"]
    assert [(each["decision"], each["by"]) for each in decisions] == [("back_out", "mia")]
    assert decisions[0]["why"][-1] == "mia decided to back out: not tonight"
    assert recorded_decision(run) is Decision.BACK_OUT
    assert len([entry for entry in run.ledger.entries() if entry.kind == "wave_ended"]) == 1
    assert run.read_state().since_armed.backs_out is not None


def test_a_failure_that_was_tried_again_and_went_well_is_no_trouble(tmp_path: Path) -> None:
    run = a_stopped_run(tmp_path)
    record_answer(run, asked(run), Word(Option.TRY_AGAIN, "chen"))
    wave_ended(run, nodes={node: node_result() for node in NODES})
    run.ledger.record("verified", ok=True)
    assert find_trouble(run, dict.fromkeys(must_succeed(run.snapshot), "success")) is None


def test_a_run_that_was_stopped_while_a_wave_asked_is_backed_out_and_says_what_had_failed(tmp_path: Path) -> None:
    run = a_stopped_run(tmp_path)
    stopped = {"who": "erin", "did": "marked the run failed", "action": "mark", "state": "failed", "accepted": True}
    run.ledger.record("intervened", **stopped)
    states = dict.fromkeys(must_succeed(run.snapshot), "skipped") | {"deploy.arm": "success"}
    trouble = find_trouble(run, states)
    assert trouble is not None
    assert not trouble.ask
    assert trouble.by == "erin"
    assert "web wave 1: 1 nodes failed, 0 may; nobody has answered what to do" in trouble.why


def test_a_new_arming_asks_nothing_of_before(tmp_path: Path) -> None:
    run = a_stopped_run(tmp_path)
    record_answer(run, asked(run), Word(Option.LEAVE_OUT, "mia"))
    run.ledger.record("armed", generation=2, nodes=[], digest=run.snapshot.digest)
    after = run.read_state().since_armed
    assert (after.question, after.left_out, after.tries) == (None, {}, {})


@pytest.mark.parametrize(
    ("person", "option", "why"),
    [
        ("olga", "Try again", "asked were mia, chen"),
        ("chen", "Back out", "'Back out' is for mia"),
        ("mia", "Accept with issues", "is not offered"),
        (None, "Back out", "asked were"),
    ],
)
def test_an_answer_of_who_may_not_give_it_counts_for_nothing(
    tmp_path: Path, person: str | None, option: str, why: str
) -> None:
    run = a_stopped_run(tmp_path)
    options = {"Try again": ("mia", "chen"), "Back out": ("mia",)}
    run.record(CardPut(task="deploy.web.wave_1", people=("mia", "chen"), options=options))
    with pytest.raises(NotAsked, match=why):
        require_asked(run, "deploy.web.wave_1", person, option)
    require_asked(run, "deploy.web.wave_1", "chen", "Try again")
    require_asked(run, "deploy.web.wave_1", "mia", "Back out")


def test_the_card_says_what_failed_where_what_it_wrote_where_it_stands_and_what_each_button_does(
    tmp_path: Path,
) -> None:
    run = a_stopped_run(tmp_path)
    question = asked(run)
    card = failure_card(run, run.read_state(), question, {"web-2": ["no space | left", "`bye`"]})
    assert failure_subject(run, question).endswith("web wave 1 stopped: 1 nodes failed, 0 may")
    assert "- `no space \\| left`" in card
    assert "- `` `bye` ``" in card
    assert "**Try again** (mia, chen, dana): its script once more on web-2; what is done stays" in card
    assert "web-2 will not have this release" in card
    assert "**Back out** (mia): undoes web" in card
    assert "never tested" in card
    assert "it is backed out" in card


def test_the_card_of_a_criterion_has_its_readings_and_what_was_wanted(tmp_path: Path) -> None:
    run = a_run(
        tmp_path,
        components={"web": a_component(nodes=["web-1"], on_failure="ask")},
        success={"queue": {"command": "cat queue", "expect": {"stdout_max": 5}, "on": "web-1"}},
    )
    armed(run)
    run.ledger.record("reading", criterion="queue", node="web-1", answer="fail", observed="17", why="read 3 times")
    stop(run, {"web-1": node_result()}, why="queue on web-1: fail", criteria=["queue"])
    card = failure_card(run, run.read_state(), asked(run), {})
    assert "queue on web-1: fail, `17` (wanted: " in card
    assert "stdout_max 5" in card
    assert "read queue once more; no script runs again" in card


def test_evidence_of_a_stop_is_told_in_one_line() -> None:
    told = WaveStopped(component="web", wave=1, why="exit code 3", nodes={})
    assert told.facts()["why"] == "exit code 3"


def test_what_failed_keeps_its_clock_when_the_window_refuses_the_try_that_people_wanted(tmp_path: Path) -> None:
    run = a_stopped_run(tmp_path)
    record_answer(run, asked(run), Word(Option.TRY_AGAIN, "chen"))
    run.record(WaveNotStarted(component="web", wave=1, reason="too late"))
    states = dict.fromkeys(must_succeed(run.snapshot), "skipped") | {"deploy.arm": "success"}
    trouble = find_trouble(run, states)
    assert trouble is not None
    assert not trouble.held
    assert "web wave 1: 1 nodes failed, 0 may; it was to be tried again, and was not" in trouble.why


def test_a_wave_that_stopped_and_is_marked_green_by_hand_does_not_count_by_its_end_in_an_earlier_turn(
    tmp_path: Path,
) -> None:
    run = a_run(tmp_path, components={"web": a_component(nodes=NODES, on_failure="ask")})
    armed(run)
    wave_ended(run, nodes={node: node_result() for node in NODES})
    stop(run)
    assert not run.read_state().review.done


WINDOW = {"opens": "2026-11-28 11:00", "closes": "2026-11-28 14:00", "timezone": "UTC"}


@pytest.mark.parametrize(("minutes", "refused"), [(0, False), (75, True)])
def test_the_card_promises_no_try_that_the_window_would_refuse(tmp_path: Path, minutes: int, refused: bool) -> None:
    """Also where it would only read: what comes after it has to fit, too."""
    web = a_component(nodes=NODES, on_failure="ask", timeout="20m")
    run = a_stopped_run(
        tmp_path,
        ends={node: node_result() for node in NODES},
        components={"web": web},
        schedule={"window": WINDOW, "backout_reserve": "30m"},
    )
    run = replace(run, clock=FrozenClock(NOON + timedelta(minutes=minutes)))
    (choice,) = [line for line in failure_card(run, run.read_state(), asked(run), {}).splitlines() if AGAIN in line]
    assert "it begins only while what is left fits the window" in choice
    assert ("not now: " in choice) is refused


AGAIN = "**Try again**"
