"""What people may do to a task in Airflow, in every state it can be in: the job is dead, or the outcome says so."""

import itertools
import os
import signal
from collections.abc import Callable

import pytest

from e2e.release import Release, a_component, passed_by, task_processes
from e2e.scenario import scenario

pytestmark = pytest.mark.e2e

MakeRelease = Callable[..., Release]

UNTIL_GO = "echo begun >> steps; touch begun; while [ ! -e go ]; do sleep 0.2; done; echo 2.0 > version"
"""A script that runs until the test lets it end, which these never do."""


def a_long_release(a_release: MakeRelease, **changes: object) -> tuple[Release, str]:
    release = a_release()
    (node,) = release.nodes
    release.write(components={"app": a_component([node], deploy=UNTIL_GO, terminate_grace="2s")}, **changes)
    release.trigger().approve()
    return release, node


def assert_dead_and_undone(release: Release, node: str) -> None:
    assert release.end() == "backed_out"
    assert release.state() == "failed"
    assert release.job_processes(node) == []
    assert release.lines(node, "steps") == ["begun", "undo to 1.0"]
    assert release.version(node) == "1.0"
    assert all(entry.facts["gone"] for entry in release.evidence("terminated"))


@scenario
def test_a_wave_marked_success_while_its_script_runs_is_terminated_and_backed_out(a_release: MakeRelease) -> None:
    release, node = a_long_release(a_release)
    release.wait_for_file(node, "begun")
    release.engineer.set_task_state(release.name, release.run_id, "deploy.app.wave_1", "success")

    assert_dead_and_undone(release, node)


@scenario
def test_a_wave_marked_success_while_the_triggerer_watches_is_terminated_and_backed_out(a_release: MakeRelease) -> None:
    release, node = a_long_release(a_release)
    release.wait_for_state("deploy.app.wave_1", "deferred")
    release.engineer.set_task_state(release.name, release.run_id, "deploy.app.wave_1", "success")

    assert_dead_and_undone(release, node)


@scenario
def test_a_wave_marked_failed_between_two_tries_is_terminated_and_backed_out(a_release: MakeRelease) -> None:
    release, node = a_long_release(a_release)
    release.wait_for_file(node, "begun")
    ti = release.engineer.tasks(release.name, release.run_id)["deploy.app.wave_1"]["id"]
    for pid in set(itertools.chain(*task_processes(ti))):
        os.kill(pid, signal.SIGKILL)
    release.wait_for_state("deploy.app.wave_1", "up_for_retry")
    assert release.job_processes(node)
    release.engineer.set_task_state(release.name, release.run_id, "deploy.app.wave_1", "failed")

    assert_dead_and_undone(release, node)


@scenario
def test_a_wave_marked_failed_as_soon_as_it_is_queued_leaves_no_process(a_release: MakeRelease) -> None:
    release, node = a_long_release(a_release)
    release.wait_for_state("deploy.app.wave_1", "scheduled", "queued", "running", every=0.02)

    release.engineer.set_task_state(release.name, release.run_id, "deploy.app.wave_1", "failed")
    assert release.end() in {"terminated", "backed_out"}
    assert release.state() == "failed"
    assert release.job_processes(node) == []
    assert release.version(node) == "1.0"


@scenario
def test_a_run_marked_failed_while_a_seat_asks_is_terminated_and_has_touched_nothing(a_release: MakeRelease) -> None:
    release = a_release().write().trigger()
    (node,) = release.nodes
    release.wait_for_card("review.approve_1")
    release.engineer.set_run_state(release.name, release.run_id, "failed")

    assert release.end() == "terminated"
    assert release.state() == "failed"
    assert release.jobs(node) == []


@scenario
def test_a_decision_marked_by_hand_while_it_asks_backs_out(a_release: MakeRelease) -> None:
    releases = [a_release(), a_release()]
    releases[1].name += "_green"
    for release in releases:
        (node,) = release.nodes
        release.write(
            success={"well": {"command": "false", "on": node}},
            backout={"when": {"well": "ask"}, "authority": ["mia"]},
            components={"app": a_component([node], bake="0s")},
        )
        release.trigger().approve()
    for release, state in zip(releases, ("failed", "success"), strict=True):
        release.wait_for_card("backout.decide")
        release.engineer.set_task_state(release.name, release.run_id, "backout.decide", state)
    for release in releases:
        (node,) = release.nodes
        assert release.end() == "backed_out"
        assert release.lines(node, "steps") == ["deploy 1", "undo to 1.0"]


@scenario
def test_a_good_release_cleared_at_its_first_wave_and_then_as_a_whole_goes_through_it_again_and_runs_no_script_again(
    a_release: MakeRelease,
) -> None:
    release = a_release()
    (node,) = release.nodes
    release.write().trigger().approve()
    assert release.end() == "success"

    release.engineer.clear(release.name, release.run_id, ["deploy.app.wave_1"], downstream=True)
    release.wait_for_state("outcome", "success", attempt=2)
    assert release.end() == "success"
    assert release.lines(node, "steps") == ["deploy 1"]
    assert passed_by(release)
    assert [entry.facts["decision"] for entry in release.evidence("decision")] == ["nothing", "nothing"]

    release.engineer.clear(release.name, release.run_id)
    release.wait_for_state("review.controls", "running", "success", attempt=2)
    assert release.approve("mia").end() == "success"
    assert release.lines(node, "steps") == ["deploy 1"]
