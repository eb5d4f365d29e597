"""Which processes are a job's, on real SSH servers: all that its script started, however they hid; no others."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from deployplan.remote.job import JobState, Proof
from deployplan.remote.node_client import NodeClient
from openssh import OpenSshNode
from remote_builders import a_holder, a_job, ran, tools, until

PATIENCE = 60.0

# Starts a service with the environment that it finds in a file, and starts it again whenever it ends: as PM2 does.
SUPERVISOR = """
import os, subprocess, sys, time
folder, seconds = sys.argv[1:]
while not os.path.exists(f"{folder}/environ"):
    time.sleep(0.05)
environ = dict(item.split("=", 1) for item in open(f"{folder}/environ").read().split("\\0") if "=" in item)
while True:
    subprocess.run(["sleep", seconds], env=environ)
"""


class Sleeper:
    """A program that a script starts: `sleep` for a number of seconds that nobody else on this machine sleeps for."""

    def __init__(self, node: OpenSshNode) -> None:
        self.seconds = f"9{node.port}"

    @property
    def command(self) -> str:
        return f"sleep {self.seconds}"

    def pids(self) -> list[int]:
        found = []
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdecimal() and (entry / "cmdline").read_bytes().split(b"\0")[:2] == [
                    b"sleep",
                    self.seconds.encode(),
                ]:
                    found.append(int(entry.name))
            except OSError:
                continue
        return found

    def end(self) -> None:
        for pid in self.pids():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue


@pytest.fixture
def sleeper(node: OpenSshNode) -> Iterator[Sleeper]:
    made = Sleeper(node)
    yield made
    made.end()


@pytest.fixture
async def bare(a_node: Callable[..., OpenSshNode], tmp_path: Path) -> AsyncIterator[tuple[OpenSshNode, NodeClient]]:
    """A node without perl and python3, held by run-1."""
    node = a_node("web-2", path=tools(tmp_path / "bin", without=("perl", "python3")))
    async with await node.connect() as transport:
        client = NodeClient(transport)
        await client.lock(a_holder())
        yield node, client


async def terminated(client: NodeClient, *, grace: float = 0) -> Proof:
    return await client.terminate(a_job().job_id, grace=grace, holder=a_holder())


HIDING = {
    "a session and an environment of its own": "setsid env -i {sleep} &",
    "forked twice, with a blanked environment": "(setsid env -i sh -c '{sleep} & exit' &)",
    "its parent dead, its environment blanked": "sh -c 'env -i setsid {sleep} & exit 0'",
    "deaf to TERM": "(setsid env -i sh -c 'trap \"\" TERM HUP; {sleep}; {sleep}' &)",
}


@pytest.mark.parametrize("how", HIDING)
async def test_a_daemon_that_hides_is_found_below_its_runner_and_ended(
    client: NodeClient, sleeper: Sleeper, how: str
) -> None:
    start = HIDING[how].replace("{sleep}", f"{sleeper.command} </dev/null >/dev/null 2>&1")
    await client.start(a_job(f"{start}\nsleep 600"))
    await until(lambda: sleeper.pids() != [], PATIENCE)
    proof = await terminated(client, grace=1)
    assert (proof.gone, proof.ground, proof.strangers) == (True, "reaper", ())
    assert sleeper.pids() == []
    assert proof.job.state is JobState.TERMINATED


@pytest.mark.parametrize("tool", ["perl", "python3"])
async def test_one_of_perl_and_python_is_enough_to_keep_every_descendant(
    a_node: Callable[..., OpenSshNode], tmp_path: Path, tool: str
) -> None:
    without = tuple({"perl", "python3"} - {tool})
    node = a_node("web-2", path=tools(tmp_path / "bin", without=without))
    sleeper = Sleeper(node)
    async with await node.connect() as transport:
        client = NodeClient(transport)
        await client.lock(a_holder())
        await client.start(a_job(f"setsid env -i {sleeper.command} &\nsleep 600"))
        await until(lambda: sleeper.pids() != [], PATIENCE)
        proof = await terminated(client)
        assert (proof.gone, proof.ground) == (True, "reaper")
        assert sleeper.pids() == []


async def test_without_perl_and_python_the_mark_is_the_ground_and_the_proof_says_so(
    bare: tuple[OpenSshNode, NodeClient],
) -> None:
    node, client = bare
    sleeper = Sleeper(node)
    await client.start(a_job(f"(setsid {sleeper.command} &)\nenv -i {sleeper.command} &\nsleep 600"))
    await until(lambda: len(sleeper.pids()) == 2, PATIENCE)
    proof = await terminated(client)
    assert (proof.gone, proof.ground) == (True, "mark")
    assert sleeper.pids() == []


async def supervised(node: OpenSshNode, client: NodeClient, sleeper: Sleeper) -> subprocess.Popen[bytes]:
    """A job, and a service with its environment that a supervisor of somebody else's has started."""
    supervisor = subprocess.Popen([sys.executable, "-c", SUPERVISOR, str(node.home), sleeper.seconds])
    await client.start(a_job("cp /proc/$$/environ environ.new; mv environ.new environ; sleep 600"))
    await until(lambda: sleeper.pids() != [], PATIENCE)
    return supervisor


async def test_a_service_that_a_foreign_supervisor_started_with_our_mark_is_named_and_left_alone(
    client: NodeClient, node: OpenSshNode, sleeper: Sleeper
) -> None:
    supervisor = await supervised(node, client, sleeper)
    try:
        before = sleeper.pids()
        proof = await terminated(client)
        assert (proof.gone, proof.ground) == (True, "reaper")
        assert [stranger.split(" ", 1)[1] for stranger in proof.strangers] == [sleeper.command]
        assert sleeper.pids() == before
        assert (await ran(client, a_job(step="undo")))[1].state is JobState.DONE, "a stranger bars no undo"
    finally:
        supervisor.kill()
        supervisor.wait()


async def test_a_foreign_supervisors_service_is_left_alone_on_a_node_where_only_the_mark_tells(
    bare: tuple[OpenSshNode, NodeClient],
) -> None:
    node, client = bare
    sleeper = Sleeper(node)
    supervisor = await supervised(node, client, sleeper)
    try:
        before = sleeper.pids()
        proof = await terminated(client)
        assert (proof.gone, proof.ground, len(proof.strangers)) == (True, "mark", 1)
        assert sleeper.pids() == before
        assert (await ran(client, a_job(step="undo")))[1].state is JobState.DONE
    finally:
        supervisor.kill()
        supervisor.wait()
        sleeper.end()


async def test_a_stranger_bars_no_undo_of_a_job_whose_runner_was_killed(
    client: NodeClient, node: OpenSshNode, sleeper: Sleeper
) -> None:
    supervisor = await supervised(node, client, sleeper)
    try:
        text = (node.base / "jobs" / a_job().job_id / "pid").read_text()
        runner = int(text.split("\n")[0].removeprefix("pid="))
        others = set(node.processes(a_job().job_id)) - {runner, *sleeper.pids()}
        for pid in (runner, *others):  # the runner first: it would say how the script ended
            os.kill(pid, signal.SIGKILL)
        assert (await client.facts()).jobs[0].state is JobState.LOST
        assert (await ran(client, a_job(step="undo")))[1].state is JobState.DONE
    finally:
        supervisor.kill()
        supervisor.wait()


async def test_a_service_that_is_started_to_stay_outlives_a_job_that_ended_by_itself(
    client: NodeClient, sleeper: Sleeper
) -> None:
    start = (
        f"setsid env -i {sleeper.command} </dev/null >/dev/null 2>&1 &\n{sleeper.command} </dev/null >/dev/null 2>&1 &"
    )
    _, ended = await ran(client, a_job(f"{start}\nsleep 0.2"))
    assert ended.state is JobState.DONE
    proof = await terminated(client)
    assert (proof.gone, proof.signals, proof.job.state) == (True, (), JobState.DONE)
    assert len(sleeper.pids()) == 2


async def test_a_script_with_500_children_that_come_and_go_is_dead_in_the_end(
    client: NodeClient, node: OpenSshNode
) -> None:
    # Each lives for a moment and has left its parent by then; 500 in all, and then one that would stay.
    child = "(setsid env -i sh -c 'sleep 0.3' &)"
    await client.start(
        a_job(f"i=0; while [ $i -lt 500 ]; do {child}; i=$((i + 1)); [ $i -lt 50 ] || : >many; done; sleep 600")
    )
    await until((node.home / "many").exists, PATIENCE)
    proof = await terminated(client, grace=1)
    assert (proof.gone, proof.ground, proof.survivors) == (True, "reaper", ())
    assert node.processes(a_job().job_id) == []


async def test_a_termination_that_was_cut_off_is_taken_up_again_with_the_runner_stopped(
    client: NodeClient, node: OpenSshNode, sleeper: Sleeper
) -> None:
    await client.start(a_job(f"setsid env -i {sleeper.command} &\nsleep 600"))
    await until(lambda: sleeper.pids() != [], PATIENCE)
    files = node.base / "jobs" / a_job().job_id
    runner = int((files / "pid").read_text().split("\n")[0].removeprefix("pid="))
    (files / "exit").write_text("terminated=1000\ngrace=1\nby=somebody\n")
    os.kill(runner, signal.SIGSTOP)
    proof = await terminated(client)
    assert (proof.gone, proof.ground) == (True, "reaper")
    assert sleeper.pids() == []
    assert node.processes(a_job().job_id) == []
