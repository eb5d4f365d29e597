"""Airflow's own processes are killed, frozen and taken away under runs in every phase: each script runs once.

One Airflow for all: the tests strike one after another at the same runs, and the last one sees how they end.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from e2e.release import Release, until
from faults.struck_airflow import TOLD, StruckAirflow, messages_to, stays, struck_airflow
from made_tables import GiveTables

pytestmark = pytest.mark.e2e

BACKED_OUT = ["backed out", "is being backed out", "planned", "the release has started"]
WELL = ["live", "planned", "the release has started"]
LEFT_ALONE = "its jobs are left alone"


@pytest.fixture(scope="module")
def struck(tmp_path_factory: pytest.TempPathFactory, give_tables: GiveTables) -> Iterator[StruckAirflow]:
    """Runs that wait for approval, for their window, for a job in the triggerer; one backs out."""
    with struck_airflow(tmp_path_factory.mktemp("struck"), give_tables) as airflow:
        airflow.begin("triggerer", "backout", "window", "approval")
        yield airflow


def try_number(release: Release, task: str) -> int:
    return int(release.engineer.tasks(release.name, release.run_id)[task].get("try_number") or 0)


def untouched(struck: StruckAirflow) -> bool:
    """Every job that was at work is the one and only, and no release has begun that may not."""
    return (
        struck.releases["triggerer"].lines(*_steps(struck, "triggerer")) == ["app begun 1"]
        and struck.releases["backout"].lines(*_steps(struck, "backout")) == ["app begun 1", "undo begun"]
        and struck.releases["approval"].lines(*_steps(struck, "approval")) == []
    )


def _steps(struck: StruckAirflow, phase: str) -> tuple[str, str]:
    return next(iter(struck.releases[phase].nodes)), "steps"


def test_a_task_whose_process_is_killed_is_tried_again_and_its_script_runs_once(struck: StruckAirflow) -> None:
    struck.begin("worker")
    working = struck.releases["worker"]
    working.wait_for_file(_steps(struck, "worker")[0], "begun")
    working.wait_for_state("deploy.app.wave_1", "running")
    struck.kill_task(working, "deploy.app.wave_1", supervisor=False)
    until("the next try attaches to the deploy", lambda: struck.attached(working) > 0)
    assert try_number(working, "deploy.app.wave_1") == 2
    assert working.lines(*_steps(struck, "worker")) == ["app begun 1"]


def test_a_killed_scheduler_starts_second_copies_and_they_attach(struck: StruckAirflow) -> None:
    """Of an undo: that stays with its worker, where a deploy is handed to the triggerer, on a busy machine too soon."""
    undoing = struck.releases["backout"]
    undoing.wait_for_file(_steps(struck, "backout")[0], "undoing")
    undoing.wait_for_state("backout.app", "running")
    before = struck.attached(undoing)
    struck.kill("scheduler")
    time.sleep(3)
    struck.start_again("scheduler")
    until("a second copy attaches to the undo", lambda: struck.attached(undoing) > before)
    assert untouched(struck)


def test_a_killed_triggerer_is_followed_by_one_that_attaches(struck: StruckAirflow) -> None:
    waiting = struck.releases["triggerer"]
    waiting.wait_for_state("deploy.app.wave_1", "deferred")
    struck.begin("soak")
    struck.releases["soak"].wait_for_state("verify.smoke", "deferred")
    before = struck.attached(waiting)
    struck.kill_all_of("triggerer")
    assert struck.releases["soak"].states()["verify.smoke"] == "deferred"  # it was struck, too
    struck.start_again("triggerer")
    until("the trigger attaches again", lambda: struck.attached(waiting) > before)
    assert untouched(struck)


def test_a_triggerer_that_was_frozen_and_wakes_up_kills_no_healthy_job(struck: StruckAirflow) -> None:
    _freeze(struck, 0.0)


@pytest.mark.chaos
def test_a_task_whose_supervisor_is_killed_is_tried_again_and_attaches_to_its_job(struck: StruckAirflow) -> None:
    undoing = struck.releases["backout"]
    undoing.wait_for_file(_steps(struck, "backout")[0], "undoing")
    before = struck.attached(undoing)
    struck.kill_task(undoing, "backout.app", supervisor=True)
    until("another try attaches to the undo", lambda: struck.attached(undoing) > before)
    assert untouched(struck)


@pytest.mark.chaos
def test_a_triggerer_that_was_frozen_for_a_minute_and_wakes_up_kills_no_healthy_job(struck: StruckAirflow) -> None:
    _freeze(struck, 60.0)


def _freeze(struck: StruckAirflow, at_least: float) -> None:
    waiting = struck.releases["triggerer"]
    waiting.wait_for_state("deploy.app.wave_1", "deferred")
    before, told = struck.attached(waiting), struck.logged(LEFT_ALONE)
    began = time.monotonic()
    with struck.working_triggerer_frozen():
        until("the other triggerer's copy attaches", lambda: struck.attached(waiting) > before)
        time.sleep(max(0.0, at_least - (time.monotonic() - began)))
    until("the frozen one has lost the trigger", lambda: struck.logged(LEFT_ALONE) > told)
    stays("the job lives on", lambda: len(waiting.job_processes(_steps(struck, "triggerer")[0])) > 0, 3)
    assert untouched(struck)


@pytest.mark.chaos
def test_five_clears_and_an_api_server_killed_before_the_receipt_leave_one_mail_and_a_person_has_it_sent_again(
    struck: StruckAirflow,
) -> None:
    release, started = struck.releases[TOLD], "the release has started"
    release.write(communications=messages_to(TOLD))
    release.trigger().wait_for_card("review.approve_1")
    with struck.post.receipts_kept_back(started):
        release.approve()
        until("the mail is there, and nobody has said so", lambda: started in struck.mails(TOLD))
        struck.kill_all_of("api-server")
    struck.start_again("api-server")
    struck.healthy()
    assert release.end() == "success"
    for clears in range(1, 6):
        release.engineer.clear(release.name, release.run_id, ["deploy.arm"], downstream=True)
        release.wait_for_state("outcome", "success", attempt=clears + 1)
        assert release.end() == "success"
    until("what was not acknowledged is uncertain", lambda: "uncertain" in became(release).values())
    assert struck.mails(TOLD) == ["live", "planned", started]
    (key,) = [key for key, word in became(release).items() if word == "uncertain"]
    sent_again = deployplan(release, "--resend", key, "--url", struck.airflow.settings.api_url, "--user", "erin")
    assert (sent_again.returncode, sent_again.stdout) == (0, "1 is sent again within seconds, as erin wants\n")
    until("it is sent once more", lambda: struck.mails(TOLD).count(started) == 2)
    until("all is sent", lambda: set(became(release).values()) == {"sent"})
    assert [entry.facts["by"] for entry in release.evidence_apart("send_again")] == ["erin"]


def deployplan(release: Release, *words: str) -> subprocess.CompletedProcess[str]:
    """`deployplan messages` of the release's run."""
    settings = release.airflow.settings
    store = ("--records", str(settings.records), "--key-file", str(settings.signing_key))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "DEPLOYPLAN_PASSWORD": "erin"}
    command = [sys.executable, "-m", "deployplan", "messages", release.name, "--run", release.run_id, *store, *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


def became(release: Release) -> dict[str, str]:
    """What `deployplan messages` says became of each message, by its key."""
    return {each["key"]: each["became"] for each in json.loads(deployplan(release, "--json").stdout)}


@pytest.mark.chaos
def test_an_api_server_that_is_away_for_a_minute_ends_nothing(struck: StruckAirflow) -> None:
    undoing = struck.releases["backout"]
    undoing.wait_for_state("backout.app", "running")
    struck.kill_all_of("api-server")
    stays("the undo lives on", lambda: len(undoing.job_processes(_steps(struck, "backout")[0])) > 0, 60)
    struck.start_again("api-server")
    struck.healthy()
    assert untouched(struck)


def test_in_the_end_every_run_ends_as_it_should_and_each_script_ran_once(struck: StruckAirflow) -> None:
    _all_end_well(struck)


@pytest.mark.chaos
def test_after_those_minutes_too_every_run_ends_as_it_should_and_each_script_ran_once(struck: StruckAirflow) -> None:
    _all_end_well(struck)


def _all_end_well(struck: StruckAirflow) -> None:
    struck.reached()
    struck.releases["approval"].approve()
    struck.let_go()
    ends = dict.fromkeys((phase for phase in struck.begun if phase != "backout"), "success")

    assert {phase: struck.releases[phase].end() for phase in ends} == ends
    assert struck.releases["backout"].end() == "backed_out"
    for phase in ends:
        assert struck.releases[phase].lines(*_steps(struck, phase)) == ["app begun 1", "ended"], phase
    assert struck.releases["backout"].lines(*_steps(struck, "backout")) == ["app begun 1", "undo begun", "undo ended"]
    told = {phase: WELL if phase in ends else BACKED_OUT for phase in [*ends, "backout"]}
    until("each has heard of each moment once", lambda: {phase: struck.mails(phase) for phase in told} == told)
    for phase in [*ends, "backout"]:
        (node,) = struck.releases[phase].nodes
        assert struck.releases[phase].job_processes(node) == []
        assert "state=free" in struck.releases[phase].lock(node)
