"""Old jobs go, and no decision changes by it."""

import os
import time
from datetime import timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from deployplan.remote.job import JobFacts, JobState, next_step
from deployplan.remote.node_client import NodeClient
from deployplan.remote.pruning import prunable
from remote_builders import DIGEST, NIGHT, a_holder, a_job, job_facts, ran, sha256_of

OLD = NIGHT - timedelta(days=40)
CUT = NIGHT - timedelta(days=30)


def test_old_jobs_of_plans_that_others_followed_go_oldest_first() -> None:
    jobs = [job_facts(digest12=f"{number:012x}", seq=number, ended=OLD) for number in range(1, 30)]
    assert prunable(jobs, keep=20, older_than=CUT) == tuple(job.job_id for job in jobs[:9])
    assert prunable(jobs, keep=0, older_than=CUT) == tuple(job.job_id for job in jobs[:-1])
    assert prunable([*jobs, job_facts(seq=30, ended=NIGHT)], keep=0, older_than=OLD) == ()


def test_what_runs_or_ended_lately_or_at_an_unknown_time_stays() -> None:
    last = job_facts(digest12="f" * 12, seq=99, ended=NIGHT)
    kept = [
        job_facts(JobState.RUNNING, digest12="a" * 12, seq=1),
        job_facts(JobState.CLAIMED, digest12="b" * 12, seq=2, started=None),
        job_facts(JobState.DONE, digest12="c" * 12, seq=3, ended=NIGHT),
        job_facts(JobState.TERMINATED, digest12="d" * 12, seq=4, ended=None, started=None),
    ]
    assert prunable([*kept, last], keep=0, older_than=CUT) == ()


def test_a_deploy_never_outlives_the_undo_that_undid_it() -> None:
    deploy = job_facts(seq=1, ended=OLD)
    undo = job_facts(step="undo", seq=2, ended=OLD)
    other = job_facts(digest12="f" * 12, seq=3, ended=OLD)
    assert prunable([other, undo, deploy], keep=0, older_than=CUT) == (deploy.job_id, undo.job_id)
    assert prunable([deploy, undo], keep=0, older_than=CUT) == ()


@given(
    st.lists(
        st.tuples(
            st.sampled_from([JobState.DONE, JobState.FAILED, JobState.LOST, JobState.TERMINATED, JobState.RUNNING]),
            st.sampled_from(["deploy", "undo"]),
            st.sampled_from(["a" * 12, DIGEST[:12]]),
            st.booleans(),
        ),
        max_size=12,
    ),
    st.integers(0, 12),
)
def test_the_next_step_of_what_was_worked_on_last_is_the_same_after_any_part_of_a_pruning(
    history: list[tuple[JobState, str, str, bool]], keep: int
) -> None:
    jobs: list[JobFacts] = []
    counts: dict[tuple[str, str], int] = {}
    for seq, (state, step, digest, old) in enumerate(history, start=1):
        attempt = counts[digest, step] = counts.get((digest, step), 0) + 1
        ended = (OLD if old else NIGHT) if state is not JobState.RUNNING else None
        jobs.append(job_facts(state, digest12=digest, step=step, attempt=attempt, seq=seq, ended=ended, seen=("g0",)))
    if not jobs:
        return
    gone = prunable(jobs, keep=keep, older_than=CUT)
    for length in range(len(gone) + 1):
        left = [job for job in jobs if job.job_id not in gone[:length]]
        for step in ("deploy", "undo"):
            asked = {"digest": jobs[-1].digest12, "component": "web", "step": step, "generation": "g1"}
            assert next_step(left, **asked) == next_step(jobs, **asked)
    kept = [job for job in jobs if job.job_id not in gone]
    assert all(job in kept for job in jobs if job.state is JobState.RUNNING)
    assert jobs[-1] in kept


async def test_a_node_is_pruned_of_old_jobs_and_of_what_only_they_used(
    held: NodeClient, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "p").write_bytes(b"old package")
    (tmp_path / "q").write_bytes(b"new package")
    old = await held.stage(sha256_of(tmp_path / "p"), "p", tmp_path / "p")
    new = await held.stage(sha256_of(tmp_path / "q"), "q", tmp_path / "q")
    scripts = await held.stage_scripts("a" * 64, {"x.sh": b""})
    await ran(held, a_job(digest="a" * 64, cwd=old.package_dir))
    await ran(held, a_job(cwd=scripts, env={"DEPLOYPLAN_PACKAGE_DIR": new.package_dir}))
    long_ago = time.time() - 40 * 86_400
    (tmp_path / "r").write_bytes(b"package that a start has just asked for")
    asked = await held.stage(sha256_of(tmp_path / "r"), "r", tmp_path / "r")
    for folder in (home / ".deployplan/packages").iterdir():
        if folder != Path(asked.package_dir).parent:
            os.utime(folder / "used", (long_ago, long_ago))
        os.utime(folder, (long_ago, long_ago))
    for folder in (home / ".deployplan/scripts").iterdir():
        os.utime(folder, (long_ago, long_ago))
    assert await held.prune() == ()
    claim = home / ".deployplan/jobs/aaaaaaaaaaaa-web-deploy-1/exit"
    claim.write_text(f"exit=0\nended={int(long_ago)}\n")
    assert await held.prune(keep=0) == ("aaaaaaaaaaaa-web-deploy-1",)
    assert [job.job_id for job in (await held.facts()).jobs] == [a_job().job_id]
    assert not Path(old.package_dir).exists()
    assert Path(new.package_dir).exists()
    assert Path(asked.package_dir).exists()
    assert Path(scripts).exists()
    assert (await held.lock(a_holder())).run == "run-1"
    assert (await ran(held, a_job(attempt=2)))[1].seq == 3
