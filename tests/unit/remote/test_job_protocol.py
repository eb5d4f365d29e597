"""Job ids, specifications and the decision what is next: no node needed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployplan.remote.command import Secret
from deployplan.remote.job import Attach, Done, Failed, JobFacts, JobId, JobState, NextStep, Start, Wait, next_step
from remote_builders import DIGEST, a_job, job_facts


def next_of(jobs: list[JobFacts], **changes: Any) -> NextStep:
    asked = {"digest": DIGEST, "component": "web", "step": "deploy", "generation": "g1", **changes}
    return next_step(jobs, **asked)


def test_a_job_id_says_whose_job_it_is() -> None:
    job = a_job(component="orders-db_2", step="undo", attempt=12)
    assert job.job_id == "0123456789ab-orders-db_2-undo-12"
    assert JobId.parse(job.job_id) == JobId("0123456789ab", "orders-db_2", "undo", 12)


def test_a_component_named_like_a_step_is_still_read_rightly() -> None:
    assert JobId.parse("0123456789ab-deploy-1-undo-3") == JobId("0123456789ab", "deploy-1", "undo", 3)


NO_JOB_IDS = """.. ../../etc 0123456789ab-web-deploy-0 xxxxxxxxxxxx-web-deploy-1 0123456789ab-we/b-deploy-1
0123456789ab-web-stage-1 0123456789ab--deploy-1/.."""


@pytest.mark.parametrize("text", ["", "0123456789ab-web-deploy-1\n", *NO_JOB_IDS.split()])
def test_what_is_no_job_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected <12 hex digits>-<component>-<deploy, undo, drain…>-<attempt>"):
        JobId.parse(text)


@pytest.mark.parametrize("component", ["", "a/b", "a b", "a;b", "ä", "a.b", "a\n", "x" * 101, "$(id)"])
def test_a_component_that_could_leave_its_folder_is_refused(component: str) -> None:
    with pytest.raises(ValueError, match="expected letters, digits, _ and - only"):
        a_job(component=component)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"digest": "xyz"}, "expected 12 to 64 hex digits"),
        ({"step": "stage"}, "expected deploy, undo, drain or put_back"),
        ({"attempt": 0}, "expected 1 to 999999"),
        ({"env": {"DEPLOYPLAN_JOB": "x"}}, "the mark by which a job's processes are found"),
        ({"env": {"A B": "x"}}, "letters, digits and _ only"),
        ({"env": {"A": "\0"}}, "NUL"),
        ({"script": "a\0b"}, "NUL"),
    ],
)
def test_a_job_that_cannot_be_is_refused_before_a_node_is_touched(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        a_job(**change)


def test_a_job_does_not_show_its_secrets() -> None:
    assert "hunter2" not in repr(a_job(env={"TOKEN": Secret("hunter2")}))


def test_nothing_done_yet_starts_the_first_attempt() -> None:
    assert next_of([]) == Start(1)
    assert next_of([job_facts(component="db"), job_facts(digest12="f" * 12)]) == Start(1)


def test_a_running_job_is_attached_to_by_whoever_asks() -> None:
    running = job_facts(JobState.RUNNING)
    assert next_of([running]) == Attach(running)
    assert next_of([running], generation="g9") == Attach(running)


def test_a_claimed_job_goes_on_with_the_same_attempt() -> None:
    assert next_of([job_facts(JobState.CLAIMED, started=None, attempt=3)]) == Start(3)


def test_what_is_done_is_not_done_again() -> None:
    done = job_facts(JobState.DONE)
    assert next_of([done]) == Done(done)
    assert next_of([done], generation="g2") == Done(done)


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.TERMINATED, JobState.LOST])
def test_a_failure_that_nobody_has_seen_is_reported(state: JobState) -> None:
    failed = job_facts(state, exit=7 if state is JobState.FAILED else None)
    found = next_of([failed], generation="g2")
    assert isinstance(found, Failed)
    assert found.job == failed
    assert found.reason


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.TERMINATED, JobState.LOST])
def test_a_failure_is_reported_again_to_the_generation_that_has_seen_it(state: JobState) -> None:
    failed = job_facts(state, seen=("g1",))
    assert isinstance(next_of([failed], generation="g1"), Failed)
    assert isinstance(next_of([job_facts(state, seen=("g1", "g2"))], generation="g2"), Failed)


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.TERMINATED, JobState.LOST])
def test_a_failure_that_only_others_have_seen_allows_a_new_attempt(state: JobState) -> None:
    assert next_of([job_facts(state, seen=("g1",))], generation="g2") == Start(2)
    assert next_of([job_facts(state, seen=("g1",)), job_facts(attempt=2, seq=2)], generation="g2") == Done(
        job_facts(attempt=2, seq=2)
    )


def test_what_was_undone_since_is_deployed_again_by_a_later_generation() -> None:
    undo = job_facts(JobState.DONE, step="undo", seq=2)
    assert next_of([job_facts(), undo], generation="g2") == Start(2)


def test_an_undo_that_runs_is_let_end_before_the_deploy_is_tried_again() -> None:
    undo = job_facts(JobState.RUNNING, step="undo", seq=2)
    assert next_of([job_facts(), undo], generation="g2") == Wait(undo)
    assert next_of([job_facts(), undo], step="undo", generation="g2") == Attach(undo)
    over = job_facts(JobState.FAILED, step="undo", seq=2)
    assert next_of([job_facts(), over], generation="g2") == Start(2)


def test_a_job_that_its_runner_left_alone_as_the_node_was_taken_is_nobodys_failure() -> None:
    left = job_facts(JobState.TERMINATED, started=None, fenced=True)
    assert next_of([left], generation="g1") == Start(2)
    assert isinstance(next_of([job_facts(JobState.TERMINATED, started=None)], generation="g1"), Failed)


def test_an_undo_that_was_never_launched_undid_nothing() -> None:
    undo = job_facts(JobState.TERMINATED, step="undo", seq=2, started=None)
    assert next_of([job_facts(), undo], generation="g2") == Done(job_facts())


def test_an_undo_that_failed_leaves_nothing_to_rely_on() -> None:
    assert next_of([job_facts(), job_facts(JobState.FAILED, step="undo", seq=2)], generation="g2") == Start(2)


def test_an_undo_is_needed_again_after_another_deploy() -> None:
    jobs = [job_facts(), job_facts(step="undo", seq=2), job_facts(attempt=2, seq=3, generation="g2")]
    assert next_of(jobs, step="undo", generation="g2") == Start(2)
    assert next_of(jobs[:2], step="undo") == Done(jobs[1])


def test_what_another_plan_deployed_over_is_not_done_any_more() -> None:
    other = job_facts(digest12="f" * 12, seq=2)
    assert next_of([job_facts(), other], generation="g2") == Start(2)
    assert next_of([job_facts(), job_facts(component="db", digest12="f" * 12, seq=2)]) == Done(job_facts())


STATES = st.sampled_from(list(JobState))


@given(
    st.lists(
        st.tuples(STATES, st.sampled_from(["deploy", "undo"]), st.sets(st.sampled_from(["g1", "g2"]))), max_size=8
    ),
    st.sampled_from(["g1", "g2", "g3"]),
    st.sampled_from(["deploy", "undo"]),
)
def test_whatever_lies_on_the_node_no_attempt_is_used_twice_and_nothing_starts_beside_a_running_job(
    history: list[tuple[JobState, str, set[str]]], generation: str, step: str
) -> None:
    counts = {"deploy": 0, "undo": 0}
    jobs = []
    for seq, (state, its_step, seen) in enumerate(history, start=1):
        counts[its_step] += 1
        started = {"started": None} if state is JobState.CLAIMED else {}
        jobs.append(job_facts(state, step=its_step, attempt=counts[its_step], seq=seq, seen=tuple(seen), **started))
    found = next_of(jobs, generation=generation, step=step)
    own = [job for job in jobs if job.step == step]
    if isinstance(found, Start):
        again = [job for job in own if job.attempt == found.attempt]
        assert all(job.state is JobState.CLAIMED for job in again)
        assert all(job.state is not JobState.RUNNING for job in (own[-1:] + [job for job in jobs if job.step != step]))
    elif isinstance(found, Wait):
        assert found.job.step != step
        assert found.job.state is JobState.RUNNING
    else:
        assert found.job == own[-1]
    assert found == next_of(list(reversed(jobs)), generation=generation, step=step)
