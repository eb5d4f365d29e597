"""The real shell text, killed at each of its steps: the script runs once all the same."""

import asyncio
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from deployplan.remote.errors import RemoteError
from deployplan.remote.job import JobFacts, JobState
from deployplan.remote.node_client import NodeClient
from deployplan.testing import LocalTransport
from remote_builders import a_holder, a_job, end_all, processes, tools, until, watched
from saboteur import sabotage

# Every program the start and its runner call.
SABOTAGED = ("ln", "rm", "mv", "cat", "mkdir", "date", "sync", "setsid", "uname", "awk", "sed", "wc")


async def crash_and_start_again(root: Path, at: int, when: str, without: tuple[str, ...]) -> tuple[int, JobFacts, int]:
    """Start a job and be killed at step `at`, then start it as it should be; (steps, the job, runs of the script)."""
    home = root / "home"
    sound = NodeClient(LocalTransport("web-1", home, {"PATH": tools(root / "sound", without=without)}))
    cut = NodeClient(LocalTransport("web-1", home, {"PATH": tools(root / "cut", without=without)}))
    await sound.lock(a_holder())
    count = sabotage(root / "cut", SABOTAGED, at, when)
    script = "PATH=/usr/bin:/bin; echo run >>runs; sleep 0.05; echo end >>runs"
    with suppress(RemoteError):
        await cut.start(a_job(script))
    for node in (sound, cut):
        await node.transport.close()  # its shell would wait for the next command
    await until(lambda: not processes(home))
    job = await sound.start(a_job(script))
    if not job.state.final:
        _, job = await watched(sound, job.job_id)
    runs = Counter((home / "runs").read_text().split()) if (home / "runs").exists() else Counter()
    if job.state is JobState.DONE:  # the runner clears up after it has said how the script ended
        await until(lambda: not [*(home / ".deployplan" / "jobs").glob(".new.*")])
    end_all(home)
    return int(count.read_text().strip() or 0), job, runs["run"]


@pytest.mark.parametrize("without", [(), ("perl",)], ids=["perl", "no perl"])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_start_killed_at_any_step_and_repeated_runs_the_script_once(
    tmp_path: Path, when: str, without: tuple[str, ...]
) -> None:
    steps, job, runs = await crash_and_start_again(tmp_path / "uncut", 10**9, when, without)
    assert (job.state, runs) == (JobState.DONE, 1)
    assert steps > (9 if without else 16), "a perl counts its calls, too"
    found = Counter[JobState]()
    for first in range(1, steps + 3, 4):
        rounds = range(first, first + 4)
        for at, (_, job, runs) in zip(
            rounds,
            await asyncio.gather(*(crash_and_start_again(tmp_path / str(at), at, when, without) for at in rounds)),
            strict=True,
        ):
            found[job.state] += 1
            # Lost: the runner itself was killed after it had taken the job. Never two runs.
            assert job.state in (JobState.DONE, JobState.LOST), f"killed {when} step {at}: {job.state}"
            assert runs == 1 or (job.state is JobState.LOST and runs == 0), f"killed {when} step {at}: {runs} runs"
    assert found[JobState.DONE] > 10
    assert found[JobState.LOST] >= 2


async def test_many_starts_at_once_make_one_job_and_run_its_script_once(tmp_path: Path) -> None:
    home = tmp_path / "home"
    nodes = [NodeClient(LocalTransport("web-1", home)) for _ in range(8)]
    await nodes[0].lock(a_holder())
    started = await asyncio.gather(*(node.start(a_job("echo run >>runs")) for node in nodes))
    assert {(job.job_id, job.launched) for job in started} == {(a_job().job_id, True)}
    await watched(nodes[0], a_job().job_id)
    assert (home / "runs").read_text() == "run\n"
    folder = home / ".deployplan" / "jobs"
    for node in nodes:
        await node.transport.close()
    await until(lambda: not processes(home))
    assert [path.name for path in folder.iterdir()] == [a_job().job_id]
    assert not [*folder.glob("*/.new.*")]
