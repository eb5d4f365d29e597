"""Terminate means dead, and only the dead are called so."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from deployplan.remote.errors import Fenced, NodeFault
from deployplan.remote.job import Failed, JobFacts, JobState, Start, next_step
from deployplan.remote.node_client import NodeClient
from remote_builders import DIGEST, a_holder, a_job, processes, ran, until, watched


async def terminated(node: NodeClient, job_id: str, grace: float = 0) -> JobFacts:
    proof = await node.terminate(job_id, grace=grace, holder=a_holder())
    assert proof.gone
    return proof.job


async def test_a_job_that_ends_on_term_is_not_killed(held: NodeClient, home: Path) -> None:
    job = a_job("trap 'echo bye; exit 0' TERM; touch ready; while :; do sleep 0.05; done")
    await held.start(job)
    await until((home / "ready").exists)
    proof = await held.terminate(job.job_id, grace=10, holder=a_holder())
    assert proof.gone
    assert not [signals for signals in proof.signals if signals.startswith("KILL")]
    assert proof.job.state is JobState.TERMINATED, "that its script then ended with 0 is no success"
    assert b"bye" in await held.read_log(job.job_id)


async def test_a_process_that_left_the_session_is_found_by_its_mark(held: NodeClient, home: Path) -> None:
    job = a_job("setsid sh -c 'setsid sleep 601 & sleep 602' & setsid sleep 603 & wait")
    await held.start(job)
    await until(lambda: len(processes(home, job.job_id)) >= 5)
    assert (await terminated(held, job.job_id)).state is JobState.TERMINATED
    assert processes(home, job.job_id) == []


async def test_a_process_that_threw_its_environment_away_is_found_by_its_group(held: NodeClient, home: Path) -> None:
    await held.start(a_job("echo $$ >pid; exec env -i sleep 604"))
    await until(lambda: (home / "pid").exists() and (home / "pid").read_text() != "")
    pid = int((home / "pid").read_text())
    await until(lambda: b"sleep" in Path(f"/proc/{pid}/cmdline").read_bytes())
    await terminated(held, a_job().job_id)
    left = Path(f"/proc/{pid}/cmdline")
    assert not left.exists() or left.read_bytes() == b"", "dead, or dead and not yet taken off by its parent"


async def test_a_job_that_forks_as_fast_as_it_dies_is_dead_in_the_end(held: NodeClient, home: Path) -> None:
    # One hangs on to the next, 50 a second; bounded, as a test that is cut short must not take the machine with it.
    again = "sh -c 'exec setsid sh ./fork.sh '$(($1 + 1)) & sleep 600"
    fork = f"trap '' TERM\n[ $1 -lt 400 ] || exec sleep 600\nwhile :; do sleep 0.02; {again}; done"
    script = f"cat >fork.sh <<'E'\n{fork}\nE\n"
    await held.start(
        a_job(script + "ulimit -u 2000; trap 'setsid sh ./fork.sh 1 &' TERM; touch ready; sleep 605; sleep 606")
    )
    await until((home / "ready").exists)
    await terminated(held, a_job().job_id, grace=1)
    assert processes(home, a_job().job_id) == []


async def test_a_service_that_a_finished_job_left_behind_lives(held: NodeClient, home: Path) -> None:
    job = a_job("setsid sleep 607 </dev/null >/dev/null 2>&1 & echo $! >service")
    _, ended = await ran(held, job)
    assert ended.state is JobState.DONE
    proof = await held.terminate(job.job_id, grace=0, holder=a_holder())
    assert (proof.gone, proof.signals, proof.job.state) == (True, (), JobState.DONE)
    service = int((home / "service").read_text())
    await until(lambda: processes(home, job.job_id) == [service])  # the runner waits for the disk, then it is gone, too


async def test_terminating_twice_is_harmless(held: NodeClient, home: Path) -> None:
    await held.start(a_job("sleep 608"))
    first = await terminated(held, a_job().job_id)
    second = await terminated(held, a_job().job_id)
    assert first.state is second.state is JobState.TERMINATED
    assert second.launched


async def test_a_job_that_was_never_launched_never_will_be(held: NodeClient, home: Path) -> None:
    proof = await held.terminate(a_job().job_id, grace=0, holder=a_holder())
    assert (proof.gone, proof.job.state, proof.job.launched) == (True, JobState.TERMINATED, False)
    after = await held.start(a_job("touch touched"))
    assert (after.state, after.launched) == (JobState.TERMINATED, False)
    assert not (home / "touched").exists()
    assert (await terminated(held, a_job().job_id)).launched is False


async def test_what_a_start_left_that_was_cut_off_goes_with_a_termination(held: NodeClient, home: Path) -> None:
    draft = home / ".deployplan" / "jobs" / f".new.{a_job().job_id}.4711"
    draft.mkdir(parents=True)
    (draft / "secret").write_text("export PASSWORD=hunter2\n")
    await terminated(held, a_job().job_id)
    assert not draft.exists()
    assert [job.job_id for job in (await held.facts()).jobs] == [a_job().job_id]


async def test_a_lost_job_is_not_success_and_what_it_left_is_ended(held: NodeClient, home: Path) -> None:
    await held.start(a_job("touch begun; sleep 609; exit 0"))
    await until((home / "begun").exists)
    runner = int((home / ".deployplan/jobs" / a_job().job_id / "pid").read_text().split("\n")[0].removeprefix("pid="))
    os.kill(runner, signal.SIGKILL)
    _, job = await watched(held, a_job().job_id)
    assert (job.state, job.exit) == (JobState.LOST, None)
    with pytest.raises(
        NodeFault, match=r"job 0123456789ab-web-deploy-1 is not dead \(processes [0-9 ]+\); terminate it"
    ):
        await held.start(a_job(step="undo"))
    assert (await terminated(held, a_job().job_id)).state is JobState.TERMINATED
    assert processes(home, a_job().job_id) == []
    assert (await ran(held, a_job(step="undo")))[1].state is JobState.DONE


async def test_the_number_of_a_job_that_another_process_has_now_is_not_the_job(held: NodeClient, home: Path) -> None:
    await held.start(a_job("touch begun; sleep 610"))
    files = home / ".deployplan/jobs" / a_job().job_id
    await until((home / "begun").exists)
    for pid in processes(home, a_job().job_id):
        os.kill(pid, signal.SIGKILL)
    stranger = subprocess.Popen(["sleep", "611"], start_new_session=True)
    try:
        text = (files / "pid").read_text().split("\n")
        (files / "pid").write_text("\n".join([f"pid={stranger.pid}", *text[1:]]))
        assert (await held.facts()).jobs[0].state is JobState.LOST
        await terminated(held, a_job().job_id)
        assert stranger.poll() is None, "a process that is not ours was killed"
    finally:
        stranger.kill()
        stranger.wait()


async def test_a_job_from_before_a_reboot_is_lost(held: NodeClient, home: Path) -> None:
    await held.start(a_job("sleep 612"))
    pid = home / ".deployplan/jobs" / a_job().job_id / "pid"
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    pid.write_text(pid.read_text().replace(boot, "0" * 36))
    assert (await held.facts()).jobs[0].state is JobState.LOST


async def test_an_empty_pid_file_after_a_power_cut_counts_as_launched(held: NodeClient, home: Path) -> None:
    await ran(held, a_job("echo once >>count"))
    await until(lambda: processes(home, a_job().job_id) == [])
    files = home / ".deployplan/jobs" / a_job().job_id
    (files / "exit").unlink()
    (files / "pid").write_text("")
    assert (await held.start(a_job("echo twice >>count"))).state is JobState.LOST
    assert (home / "count").read_text() == "once\n"


async def test_an_empty_exit_file_after_a_power_cut_is_no_success(held: NodeClient, home: Path) -> None:
    await ran(held, a_job())
    await until(lambda: processes(home, a_job().job_id) == [])  # its runner still waits for the disk
    (home / ".deployplan/jobs" / a_job().job_id / "exit").write_text("")
    assert (await held.facts()).jobs[0].state is JobState.LOST


async def test_a_termination_cut_short_can_be_taken_up_again(held: NodeClient, home: Path) -> None:
    await held.start(a_job("sleep 613"))
    files = home / ".deployplan/jobs" / a_job().job_id
    (files / "exit").write_text("terminated=1000\ngrace=1\nby=somebody\n")  # ordered, then the order-er died
    assert (await held.facts()).jobs[0].state is JobState.RUNNING
    assert (await terminated(held, a_job().job_id)).state is JobState.TERMINATED
    assert processes(home, a_job().job_id) == []


async def test_what_survives_even_kill_is_named(held: NodeClient, home: Path, tmp_path: Path) -> None:
    await held.start(a_job("touch begun; sleep 614"))
    await until((home / "begun").exists)
    # A process that cannot be killed is played by a kill that does nothing.
    deaf = NodeClient(held.transport)
    original = held.transport.run

    async def run(script: str, **rest: object) -> object:
        return await original("kill() { :; }\n" + script, **rest)  # type: ignore[arg-type]

    deaf.transport.run = run  # type: ignore[method-assign,assignment]
    try:
        proof = await deaf.terminate(a_job().job_id, grace=0, holder=a_holder())
    finally:
        del deaf.transport.run
    assert not proof.gone
    assert any("sleep 614" in survivor for survivor in proof.survivors)
    with pytest.raises(NodeFault, match="is not dead"):
        await held.start(a_job(step="undo"))
    assert (await terminated(held, a_job().job_id)).state is JobState.TERMINATED


async def test_an_older_controller_cannot_terminate(held: NodeClient, home: Path) -> None:
    await held.start(a_job("sleep 615"))
    with pytest.raises(
        Fenced, match=r"web-1: terminate:.* refused, the node is held by run run-1 of plan storefront-4.3"
    ):
        await held.terminate(a_job().job_id, grace=0, holder=a_holder(run="run-0"))
    assert (await held.facts()).jobs[0].state is JobState.RUNNING


async def test_a_terminated_job_is_reported_before_it_is_tried_again(held: NodeClient) -> None:
    asked = {"digest": DIGEST, "component": "web", "step": "deploy"}
    await held.start(a_job("sleep 616"))
    await terminated(held, a_job().job_id)
    jobs = (await held.facts()).jobs
    assert isinstance(next_step(jobs, generation="g1", **asked), Failed)
    await held.mark_seen(a_job().job_id, "g1")
    await held.mark_seen(a_job().job_id, "g1")
    jobs = (await held.facts()).jobs
    assert jobs[0].seen == ("g1",)
    assert next_step(jobs, generation="g2", **asked) == Start(2)
