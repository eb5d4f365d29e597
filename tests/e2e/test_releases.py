"""A release, end to end, on real Airflow processes and real OpenSSH nodes: how it goes well, and how it goes wrong."""

import itertools
import os
import signal
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deployplan.evidence import verify
from deployplan.local.rest_session import AirflowRefused
from e2e.release import ALL_PLANS, Release, a_component, passed_by, task_processes, until
from e2e.scenario import scenario

pytestmark = pytest.mark.e2e

MakeRelease = Callable[..., Release]


UNTIL_GO = (
    "echo begun >> steps; touch begun; while [ ! -e go ]; do sleep 0.2; done; echo 2.0 > version; echo ended >> steps"
)
"""A script that runs until the test lets it end."""


def processes(release: Release) -> Counter[str]:
    """Worker processes by task, the most in any one try: a busy Airflow starts some again.

    Airflow's own audit log has an entry for each that takes a task up.
    """
    events = release.api("admin").events(release.name, release.run_id, "running")
    by_try = Counter((str(event["task_id"]), event["try_number"]) for event in events)
    found: Counter[str] = Counter()
    for (task, _), count in by_try.items():
        found[task] = max(found[task], count)
    return found


@scenario
def test_a_release_that_goes_well_does_each_step_once_with_six_processes_one_a_wave_and_two_a_card(
    a_release: MakeRelease,
) -> None:
    """Worker processes are no function of the nodes: waves of one, two and four nodes take one each."""
    release = a_release(6)
    data, *web = release.nodes
    release.write(
        components={
            "data": a_component([data], deploy="echo data >> steps", undo="echo undo data >> steps"),
            "web": a_component([data, *web], after=["data"], waves=[2, "100%"], bake="1s"),
        },
        approval={"authorities": {"amir": "product owner", "mia": "deployment manager"}, "quorum": 2},
        success={
            "version": {"command": "cat version", "expect": {"stdout": "2.0"}, "on": [data, *web], "for": "2s"},
            "port": {"tcp": f"localhost:{release.nodes[data].port}", "on": data},
            "order": {"manual": "Place an order", "by": "mia"},
        },
    )
    release.trigger().approve("amir").approve("mia", task="review.approve_2")
    release.approve("mia", option="Pass", task="verify.manual_order")

    assert release.end() == "success"
    assert release.state() == "success"
    assert release.lines(data, "steps") == ["data", "deploy 1"]
    assert [release.lines(node, "steps") for node in web] == [["deploy 1"]] * 5
    assert [release.version(node) for node in release.nodes] == ["2.0"] * 6
    assert not any(release.job_processes(node) for node in release.nodes)
    readings = {
        (entry.facts["criterion"], entry.facts["node"], entry.facts["answer"]) for entry in release.evidence("reading")
    }
    assert ("port", data, "pass") in readings
    record = Path(release.airflow.settings.records) / "runs" / release.name / release.run_id
    verified = verify(record, release.airflow.settings.signing_key.read_bytes().strip())
    assert (verified.ok, verified.sealed, verified.signed) == (True, True, True)

    states = release.states()
    assert states["verify.smoke"] == states["outcome"] == "success"
    _costs_few_processes(release)


def _costs_few_processes(release: Release) -> None:
    once = ("review.controls", "review.preflight", "review.baseline", "window", "deploy.arm", "outcome")
    waves = ("deploy.data.wave_1", "deploy.web.wave_1", "deploy.web.wave_2")
    cards = ("review.approve_1", "review.approve_2", "verify.manual_order")  # each parks, and takes the answer
    expected = dict.fromkeys((*once, *waves), 1) | dict.fromkeys(cards, 2)
    found = processes(release)
    assert set(found) == set(expected)
    assert all(found[task] <= count for task, count in expected.items()), found


@scenario
def test_a_canary_killed_midway_is_not_taken_for_done_but_backed_out_and_the_other_nodes_are_never_touched(
    a_release: MakeRelease,
) -> None:
    release = a_release(2)
    canary, other = release.nodes
    script = "echo begun >> steps; touch begun; sleep 300"
    release.write(components={"app": a_component([canary, other], waves=[1, "100%"], deploy=script)})
    release.trigger().approve().wait_for_file(canary, "begun")
    for pid in release.job_processes(canary):
        os.kill(pid, signal.SIGKILL)

    assert release.end() == "backed_out"
    assert release.state() == "failed"
    assert release.lines(canary, "steps") == ["begun", "undo to 1.0"]
    assert release.version(canary) == "1.0"
    assert release.job_processes(canary) == []
    assert release.jobs(other) == []


@scenario
def test_a_release_whose_verification_fails_is_backed_out_when_nobody_decides_in_time(a_release: MakeRelease) -> None:
    release = a_release()
    (node,) = release.nodes
    release.write(
        success={"version": {"command": "cat version", "expect": {"stdout": "3.0"}, "on": node}},
        backout={"when": {"version": "ask"}, "authority": ["mia"], "decide_within": "5s"},
    )

    assert release.trigger().approve().end() == "backed_out"
    assert cards_of(release, "backout.decide") == 1
    assert release.evidence("decision")[-1].facts["by"] == "silence"
    assert release.lines(node, "steps") == ["deploy 1", "undo to 1.0"]
    assert release.version(node) == "1.0"


@scenario
def test_an_approval_that_nobody_gives_expires_and_deploys_nothing(a_release: MakeRelease) -> None:
    release = a_release()
    (node,) = release.nodes
    release.write(approval={"authorities": {"amir": "product owner"}, "within": "5s"})

    assert release.trigger().end() == "expired"
    assert release.state() == "failed"
    assert release.jobs(node) == []


@scenario
def test_author_and_triggering_person_may_not_approve_and_the_card_stays_for_the_right_one(
    a_release: MakeRelease,
) -> None:
    release = a_release().write(author="mia").trigger("amir")
    assert release.end() == "not_ready"  # amir triggered, mia is the author: nobody is left

    release.run_id = "run-2"
    release.trigger("erin").wait_for_card("review.approve_1")
    for wrong in ("mia", "erin", "admin"):
        with pytest.raises(AirflowRefused, match="403"):
            release.api(wrong).answer(release.name, release.run_id, "review.approve_1", "Approve")
    assert release.approve("amir").end() == "success"

    (node,) = release.nodes
    release.run_id = "run-3"
    assert release.trigger("erin").end() == "nothing_to_do"
    assert release.state() == "success"
    assert {state for task, state in release.states().items() if task not in BEFORE_AND_AFTER} == {"skipped"}
    assert not release.evidence("seat_asked")
    release.run_id = "run-4"
    assert release.trigger("erin", redeploy=True).approve("amir").end() == "success"
    assert release.lines(node, "steps") == ["deploy 1", "deploy 2"]


BEFORE_AND_AFTER = {"review.controls", "review.preflight", "outcome"}
"""The tasks of a run that found nothing to do."""


@scenario
def test_a_window_that_has_passed_is_missed_and_nothing_is_started_late(a_release: MakeRelease) -> None:
    release = a_release()
    (node,) = release.nodes
    window = {"opens": "2026-11-01 00:00", "closes": "2026-11-01 04:00", "timezone": "UTC"}
    release.write(schedule={"window": window})

    assert release.trigger().end() == "window_missed"
    assert release.state() == "failed"
    assert release.jobs(node) == []


@scenario
def test_the_rest_of_a_release_goes_on_in_the_next_window_with_a_new_approval_where_it_is_not_done(
    a_release: MakeRelease,
) -> None:
    release = a_release(2)
    first, second = release.nodes
    now = datetime.now(UTC).replace(microsecond=0)
    moments = [now - timedelta(hours=1), now + timedelta(seconds=200), now + timedelta(seconds=230)]
    opens, closes, opens_again = (f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in moments)
    windows = [
        {"name": "tonight", "opens": opens, "closes": closes},
        {"name": "tomorrow", "opens": opens_again, "closes": f"{now + timedelta(hours=5):%Y-%m-%dT%H:%M:%SZ}"},
    ]
    app = a_component([first, second], deploy=UNTIL_GO, waves=[1, "100%"], timeout="40s")
    release.write(components={"app": app}, schedule={"windows": windows, "backout_reserve": "5s"})
    environment = release.include / "infrastructure" / f"{release.name}.yaml"
    release.trigger().approve().wait_for_file(first, "begun")
    with environment.open("a") as file:  # so that the first window is over for this release, whatever the time is
        file.write(f"freezes: [{{name: incident, from: {opens}, to: {closes}}}]\n")
    (release.nodes[first].home / "go").touch()
    card = release.wait_for_card("backout.decide")
    assert "the rest is for the next window" in card["subject"]
    assert "Done: app wave 1 of 2. Left: app wave 2 of 2." in card["body"]

    (release.nodes[second].home / "go").touch()
    release.engineer.clear(release.name, release.run_id, ["review.approve_1"], downstream=True)
    release.wait_for_state("review.approve_1", "awaiting_input", attempt=2)
    assert release.approve("mia").end() == "success"
    assert [release.lines(node, "steps") for node in release.nodes] == [["begun", "ended"], ["begun", "ended"]]
    assert [entry.facts["person"] for entry in release.evidence("approved")] == ["amir", "mia"]
    assert release.evidence("wave_started")[-1].at >= moments[2]


@scenario
def test_a_run_marked_failed_in_mid_deploy_is_terminated_and_backed_out_and_its_evidence_names_who_stopped_it(
    a_release: MakeRelease,
) -> None:
    release = a_release()
    (node,) = release.nodes
    script = "trap '' TERM; echo begun >> steps; touch begun; (trap '' TERM; sleep 300) & sleep 300"
    release.write(components={"app": a_component([node], deploy=script, terminate_grace="2s")})
    release.trigger().approve().wait_for_file(node, "begun")
    release.engineer.set_run_state(release.name, release.run_id, "failed")

    assert release.end() == "backed_out"
    assert release.state() == "failed"
    assert release.job_processes(node) == []
    assert release.lines(node, "steps") == ["begun", "undo to 1.0"]
    assert release.version(node) == "1.0"
    assert any(entry.facts["gone"] for entry in release.evidence("terminated"))
    (stopped,) = release.evidence("intervened")
    told = ("erin", "marked the run failed", True)
    assert tuple(stopped.facts[fact] for fact in ("who", "did", "accepted")) == told
    assert [entry.facts["by"] for entry in release.evidence("decision")] == ["erin"]
    assert str(release.evidence("outcome")[-1].facts["because"]).startswith("erin marked the run failed; ")


@scenario
def test_a_worker_killed_in_mid_deploy_and_its_wave_cleared_then_run_the_script_once_all_the_same(
    a_release: MakeRelease,
) -> None:
    release = a_release()
    (node,) = release.nodes
    release.write(components={"app": a_component([node], deploy=UNTIL_GO)})
    release.trigger().approve().wait_for_file(node, "begun")
    ti = release.engineer.tasks(release.name, release.run_id)["deploy.app.wave_1"]["id"]
    for pid in set(itertools.chain(*task_processes(ti))):
        os.kill(pid, signal.SIGKILL)
    release.wait_for_state("deploy.app.wave_1", "running", attempt=2)
    until("the second try attaches", lambda: release.evidence("job_attached"))
    release.engineer.clear(release.name, release.run_id, ["deploy.app.wave_1"], downstream=True)
    until("the next generation is armed while the job runs", lambda: len(release.evidence("armed")) == 2)
    until("its wave attaches", lambda: len(release.evidence("job_attached")) > 1)
    (release.nodes[node].home / "go").touch()

    assert release.end() == "success"
    assert release.lines(node, "steps") == ["begun", "ended"]
    assert release.jobs(node) == ["app-deploy-1"]


@scenario
def test_a_run_marked_failed_while_the_triggerer_watches_is_terminated_and_backed_out(a_release: MakeRelease) -> None:
    release = a_release()
    (node,) = release.nodes
    release.write(components={"app": a_component([node], deploy=UNTIL_GO)})
    release.trigger().approve().wait_for_state("deploy.app.wave_1", "deferred")
    release.engineer.set_run_state(release.name, release.run_id, "failed")

    assert release.end() == "backed_out"
    assert release.state() == "failed"
    assert release.job_processes(node) == []
    assert release.lines(node, "steps") == ["begun", "undo to 1.0"]


@scenario
def test_after_the_repair_a_cleared_wave_works_on_what_is_not_done_and_nothing_else(a_release: MakeRelease) -> None:
    release = a_release(2)
    good, bad = release.nodes
    (release.nodes[bad].home / "broken").touch()
    script = 'test ! -e broken || exit 1; echo "deploy $DEPLOYPLAN_ATTEMPT" >> steps; echo 2.0 > version'
    app = a_component([good, bad], waves=[1, "100%"], deploy=script)
    release.write(components={"app": app}, backout={"when": {"deploy": "ask"}, "authority": ["mia"]})
    release.trigger().approve().wait_for_card("deploy.app.wave_2")
    (release.nodes[bad].home / "broken").unlink()
    release.engineer.clear(release.name, release.run_id, ["deploy.app.wave_2"], downstream=True)

    assert release.end() == "success"
    assert release.lines(good, "steps") == ["deploy 1"]
    assert release.lines(bad, "steps") == ["deploy 2"]


BROKEN_AT_FIRST = (
    "if [ -e broken ]; then while [ ! -e go ]; do sleep 0.2; done; echo no disk; exit 7; fi; "
    'echo "deploy $DEPLOYPLAN_ATTEMPT" >> steps; echo 2.0 > version'
)
"""A script that fails while the node is broken, and not before it is let."""


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """What these calls return, made at the same time."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return [each.result() for each in [pool.submit(call) for call in calls]]


def answer_of(release: Release, person: str, task: str) -> int | None:
    """Have somebody answer *Try again*; the status with which that was refused, if it was."""
    try:
        release.api(person).answer(release.name, release.run_id, task, "Try again")
    except AirflowRefused as refused:
        return refused.status
    return None


def cards_of(release: Release, task: str) -> int:
    """How many cards the task has put up in this run."""
    return sum(entry.facts["task"] == task for entry in release.evidence("card_put"))


@scenario
def test_a_failed_wave_asks_those_who_may_say_and_goes_on_as_they_say(a_release: MakeRelease) -> None:
    release = a_release(2)
    good, bad = release.nodes
    (release.nodes[bad].home / "broken").touch()
    app = a_component([good, bad], waves=[1, "100%"], deploy=BROKEN_AT_FIRST, on_failure="ask")
    team = {"chen": {"role": "lead developer", "on_call": True}}
    release.write(components={"app": app}, backout={"authority": ["mia"]}, delivery={"team": team})
    wave = "deploy.app.wave_2"
    release.trigger().approve().wait_for_state(wave, "deferred")
    (release.nodes[bad].home / "go").touch()  # it fails in the triggerer, which can put up no card
    card = release.wait_for_card(wave)
    assert "exit code 7" in card["subject"]
    assert "no disk" in card["body"]
    assert card["options"] == ["Try again", "Leave them out and go on", "Back out", "Wait"]
    for person, option in (("amir", "Try again"), ("chen", "Back out"), ("chen", "Leave them out and go on")):
        with pytest.raises(AirflowRefused, match="403"):
            release.api(person).answer(release.name, release.run_id, wave, option)

    release.database.use_up_tries(release.name, release.run_id, wave, left=2)  # fewer than answers that follow
    release.api("chen").answer(release.name, release.run_id, wave, "Wait", {"note": "looking at the disk"})
    until("it waits", lambda: cards_of(release, wave) == 2)
    card = release.wait_for_card(wave)
    assert "looking at the disk" in card["body"]
    release.approve("chen", "Try again", wave)
    until("it fails again, and asks again", lambda: cards_of(release, wave) == 3)
    release.wait_for_card(wave)
    (release.nodes[bad].home / "broken").unlink()
    answered = at_once([lambda: answer_of(release, "mia", wave), lambda: answer_of(release, "chen", wave)])
    assert sorted(map(str, answered)) == ["409", "None"]  # one is taken, and the other told so

    assert release.end() == "success"
    assert release.state() == "success"
    assert [release.lines(node, "steps") for node in (good, bad)] == [["deploy 1"], ["deploy 3"]]
    taken = "mia" if answered[0] is None else "chen"
    answers = [(entry.facts["answer"], entry.facts["person"]) for entry in release.evidence("failure_answered")]
    assert answers == [("wait", "chen"), ("try_again", "chen"), ("try_again", taken)]
    assert release.evidence("failure_answered")[0].facts["note"] == "looking at the disk"
    assert passed_by(release)


@scenario
def test_a_wave_that_asks_is_backed_out_by_silence_and_by_whoever_marks_the_run_failed(a_release: MakeRelease) -> None:
    release = a_release(2)
    good, bad = release.nodes
    (release.nodes[bad].home / "broken").touch()
    (release.nodes[bad].home / "go").touch()
    app = a_component([good, bad], waves=[1, "100%"], deploy=BROKEN_AT_FIRST, on_failure="ask")
    backout = {"authority": ["mia"], "decide_within": "30s"}
    release.write(components={"app": app}, backout=backout)
    release.trigger().approve().wait_for_card("deploy.app.wave_2")
    assert release.end() == "backed_out"
    (stopped,), (answered,) = release.evidence("wave_stopped"), release.evidence("failure_answered")
    assert answered.facts["answer"] == "back_out"
    silent_for = (answered.at - stopped.at).total_seconds()
    assert silent_for >= 30
    assert [entry.facts["by"] for entry in release.evidence("decision")] == ["silence"]
    assert cards_of(release, "backout.decide") == 0  # nobody is asked again
    assert release.lines(good, "steps") == ["deploy 1", "undo to 1.0"]

    release.run_id = "run-2"
    release.trigger().approve().wait_for_card("deploy.app.wave_2")
    release.engineer.set_run_state(release.name, release.run_id, "failed")
    assert release.end() == "backed_out"
    assert [entry.facts["by"] for entry in release.evidence("decision")] == ["erin"]
    assert release.version(good) == "1.0"


@scenario
def test_a_wave_cleared_after_a_backout_brings_back_what_was_undone_first(a_release: MakeRelease) -> None:
    release = a_release(2)
    first, second = release.nodes
    (release.nodes[second].home / "broken").touch()
    script = 'test ! -e broken || exit 1; echo "deploy $DEPLOYPLAN_ATTEMPT" >> steps; echo 2.0 > version'
    release.write(components={"app": a_component([first, second], waves=[1, "100%"], deploy=script)})
    assert release.trigger().approve().end() == "backed_out"
    (release.nodes[second].home / "broken").unlink()

    release.engineer.clear(release.name, release.run_id, ["deploy.app.wave_2"], only_failed=True, downstream=True)
    release.end()
    assert release.jobs(second) == ["app-deploy-1", "app-undo-1"]  # "only failed" was refused: nothing was tried

    release.engineer.clear(release.name, release.run_id, ["deploy.app.wave_2"])
    release.wait_for_state("deploy.arm", "failed", attempt=2)
    release.end()
    assert "clear the task with Downstream" in str(release.evidence_apart("refused")[-1].facts["why"])

    release.engineer.clear(release.name, release.run_id, ["deploy.app.wave_2"], downstream=True)
    release.wait_for_state("outcome", "success", attempt=2)
    assert release.end() == "success"
    assert release.lines(first, "steps") == ["deploy 1", "undo to 1.0", "deploy 2"]
    assert [release.version(node) for node in release.nodes] == ["2.0", "2.0"]


@scenario
def test_a_verification_cleared_after_the_repair_reads_again_and_runs_no_script_again(a_release: MakeRelease) -> None:
    release = a_release()
    (node,) = release.nodes
    release.write(
        success={"repaired": {"command": "test -e repaired", "on": node}},
        backout={"when": {"repaired": "ask"}, "authority": ["mia"]},
        components={"app": a_component([node], bake="0s")},
    )
    release.trigger().approve().wait_for_card("backout.decide")
    (release.nodes[node].home / "repaired").touch()
    failed = [task for task, state in release.states().items() if state == "failed"]
    release.engineer.clear(release.name, release.run_id, failed, downstream=True)

    assert release.end() == "success"
    assert release.lines(node, "steps") == ["deploy 1"]


@scenario
def test_a_broken_plan_file_hurts_no_run_under_way_whose_long_wave_goes_on_in_the_triggerer_nor_another_plan(
    a_release: MakeRelease,
) -> None:
    release = a_release()
    (node,) = release.nodes
    release.write(components={"app": a_component([node], deploy=UNTIL_GO)}).trigger()
    release.wait_for_card("review.approve_1")
    release.rewrite(release.text.replace("author:", "auhtor:"))
    broken = f"plans/{release.name}.yaml:3:1"
    error = release.until_parsed("the import error", lambda: _import_error(release, broken), "rejected_plans.py")
    assert "did you mean" in error or "author" in error
    seen = datetime.now(UTC)
    release.until_parsed("a parse with the broken file", lambda: release.database.parsed_since(seen), ALL_PLANS)

    wave = "deploy.app.wave_1"
    release.approve().wait_for_state(wave, "deferred")
    (release.nodes[node].home / "go").touch()
    assert release.end() == "success"
    assert release.lines(node, "steps") == ["begun", "ended"]
    assert release.engineer.tasks(release.name, release.run_id)[wave]["try_number"] == 1


@scenario
def test_nodes_that_fail_within_the_budget_are_left_out_and_named(a_release: MakeRelease) -> None:
    release = a_release(3)
    bad = list(release.nodes)[1]
    (release.nodes[bad].home / "broken").touch()
    script = "test ! -e broken || exit 1; echo 2.0 > version"
    release.write(components={"app": a_component(list(release.nodes), deploy=script, max_failures=1)})

    assert release.trigger().approve().end() == "success_with_issues"
    assert release.state() == "success"
    assert bad in str(release.evidence("outcome")[-1].facts["because"])


@scenario
def test_an_undo_that_fails_is_backout_failed_and_the_node_stays_locked(a_release: MakeRelease) -> None:
    release = a_release()
    (node,) = release.nodes
    release.write(components={"app": a_component([node], deploy="exit 3", undo="echo undo >> steps; test -e repaired")})

    assert release.trigger().approve().end() == "backout_failed"
    assert release.lines(node, "steps") == ["undo"]
    assert "frozen=" in release.lock(node)
    (release.nodes[node].home / "repaired").touch()
    release.engineer.clear(release.name, release.run_id, ["backout.app"], downstream=True)
    release.wait_for_state("outcome", "failed", attempt=2)
    assert release.end() == "backed_out"
    assert release.lines(node, "steps") == ["undo", "undo"]
    assert "state=free" in release.lock(node)


@scenario
def test_a_failed_manual_test_may_be_accepted_with_issues_by_the_backout_authority(a_release: MakeRelease) -> None:
    release = a_release()
    (node,) = release.nodes
    release.write(
        success={
            "version": {"command": "cat version", "expect": {"stdout": "2.0"}, "on": node},
            "order": {"manual": "Place an order", "by": "amir"},
        },
        backout={"when": {"order": "ask"}, "authority": ["mia"]},
    )
    release.trigger().approve("mia").approve("amir", "Fail", "verify.manual_order")
    release.wait_for_card("backout.decide")
    with pytest.raises(AirflowRefused, match="403"):
        release.api("amir").answer(release.name, release.run_id, "backout.decide", "Accept with issues")

    assert release.approve("mia", "Accept with issues", "backout.decide").end() == "success_with_issues"
    assert release.state() == "success"
    assert release.version(node) == "2.0"


def _import_error(release: Release, where: str) -> str | None:
    texts = [str(error["stack_trace"]) for error in release.engineer.import_errors()]
    return next((text for text in texts if where in text), None)
