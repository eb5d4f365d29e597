"""The perl that follows a job's log: as the shell does, cheaper; and what happens where it cannot, or is ended."""

import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from deployplan.remote import programs
from deployplan.remote.errors import Unreachable
from deployplan.remote.job import Chunk, JobFacts, JobState
from deployplan.remote.node_client import NodeClient
from deployplan.testing import LocalTransport
from remote_builders import a_holder, a_job, end_all, processes, ran, tools, until, watched

pytestmark = pytest.mark.skipif(not shutil.which("perl"), reason="no perl on this machine")

LINES = "".join(f"line {number} of many\n" for number in range(5000))
SCRIPT = "i=0; while [ $i -lt 5000 ]; do echo line $i of many; i=$((i + 1)); done; printf 'no newline'"


@pytest.fixture(params=["perl", "perl that does not work", "no perl"])
async def node(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[NodeClient]:
    path = tools(tmp_path / "bin", without=("perl",) if request.param == "no perl" else ())
    if request.param == "perl that does not work":
        (tmp_path / "bin" / "perl").unlink()
        (tmp_path / "bin" / "perl").write_text("#!/bin/sh\necho 'perl: cannot load anything' >&2\nexit 2\n")
        (tmp_path / "bin" / "perl").chmod(0o755)
    async with LocalTransport("web-1", tmp_path / "home", {"PATH": path}) as transport:
        client = NodeClient(transport)
        await client.lock(a_holder())
        yield client
    end_all(tmp_path / "home")


async def test_every_byte_and_the_end_are_seen_with_and_without_perl(node: NodeClient) -> None:
    output, job = await ran(node, a_job(SCRIPT))
    assert (output.decode(), job.state, job.log_bytes) == (f"{LINES}no newline", JobState.DONE, len(output))
    assert (await watched(node, job.job_id, offset=1000))[0] == output[1000:]


async def test_a_job_that_is_terminated_while_it_is_watched_ends_the_watch(node: NodeClient, tmp_path: Path) -> None:
    await node.start(a_job("echo begun; sleep 600"))
    events = node.watch(a_job().job_id)
    assert await anext(events) == Chunk(0, b"begun\n")
    await node.terminate(a_job().job_id, grace=0, holder=a_holder())
    last = [event async for event in events][-1]
    assert isinstance(last, JobFacts)
    assert last.state is JobState.TERMINATED


async def test_a_job_whose_runner_is_killed_is_lost_for_who_watches_it(node: NodeClient, tmp_path: Path) -> None:
    await node.start(a_job("echo begun; sleep 600"))
    events = node.watch(a_job().job_id)
    assert await anext(events) == Chunk(0, b"begun\n")
    for pid in processes(tmp_path / "home", a_job().job_id):
        os.kill(pid, signal.SIGKILL)
    last = [event async for event in events][-1]
    assert isinstance(last, JobFacts)
    assert last.state is JobState.LOST


def _perls(home: Path) -> list[int]:
    found = []
    for pid in processes(home):
        with suppress(OSError):  # it ended meanwhile
            if Path(f"/proc/{pid}/cmdline").read_bytes().startswith(b"perl\0-C0"):
                found.append(pid)
    return found


async def test_a_perl_that_is_killed_in_the_middle_is_a_watch_that_broke_off(tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with LocalTransport("web-1", home) as transport:
        client = NodeClient(transport)
        await client.lock(a_holder())
        await client.start(a_job("echo begun; until [ -e go ]; do sleep 0.05; done; echo end"))
        events = client.watch(a_job().job_id)
        assert await anext(events) == Chunk(0, b"begun\n")
        await until(lambda: len(_perls(home)) == 1, seconds=30)
        os.kill(_perls(home)[0], signal.SIGKILL)
        with pytest.raises(Unreachable, match="broke off"):
            await anext(events)
        (home / "go").touch()
        assert (await watched(client, a_job().job_id, offset=6))[0] == b"end\n"
    end_all(home)


def test_it_ends_when_nobody_listens_any_more_however_silent_the_job_is(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("begun\n")
    sleeper = subprocess.Popen(["sleep", "600"])
    words = [str(tmp_path), "0", "", str(sleeper.pid), "-"]
    command = ["sh", "-c", 'exec perl -e "$0" "$@" 3>told', programs.perl("stream"), *words]
    perl = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=tmp_path)
    try:
        assert perl.stdout is not None
        assert perl.stdout.read(12) == b"D 0 6\nbegun\n"
        perl.stdout.close()
        assert perl.wait(timeout=60) == 1
        assert (tmp_path / "told").read_text() == "b"
    finally:
        for process in (sleeper, perl):
            process.kill()
            process.wait()
