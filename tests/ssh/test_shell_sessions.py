"""The one shell of a node over real SSH: how many sessions there are, through which log-in, and what is not done."""

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from deployplan.remote.errors import NodeFault, Unreachable
from deployplan.remote.job import Chunk, JobState
from deployplan.remote.node_client import NodeClient
from deployplan.remote.staging import MOST_IN_SHELL
from openssh import OpenSshNode, Wire
from remote_builders import a_holder, a_job, ran, sha256_of, until

COUNTED = 'echo session >>"$HOME/sessions"; exec sh -c "$SSH_ORIGINAL_COMMAND"'


def sessions(node: OpenSshNode) -> int:
    return len((node.home / "sessions").read_text().splitlines())


async def test_look_place_start_follow_note_and_check_share_one_session(
    a_node: Callable[..., OpenSshNode], tmp_path: Path
) -> None:
    node = a_node(options={"ForceCommand": COUNTED})
    package = tmp_path / "app.bin"
    package.write_bytes(os.urandom(MOST_IN_SHELL))
    async with await node.connect() as transport:
        client = NodeClient(transport)
        await client.lock(a_holder())
        await client.facts()
        staged = await client.stage(sha256_of(package), "app.bin", package)
        assert (Path(staged.package_dir) / "app.bin").read_bytes() == package.read_bytes()
        async with client.carry(a_job("echo said")) as (job, events):
            pieces = [event async for event in events]
            assert pieces[0] == Chunk(0, b"said\n")
            await client.mark_seen(job.job_id, "g1")  # before the watch is left
        await client.append_ledger({"run": "run-1", "job": job.job_id}, once_for_job=job.job_id)
        assert (await client.run("echo well")).text == "well\n"
    assert sessions(node) == 1


async def test_a_package_beyond_that_has_a_session_of_its_own_and_the_shell_stays_free(
    a_node: Callable[..., OpenSshNode], tmp_path: Path
) -> None:
    node = a_node(options={"ForceCommand": COUNTED})
    package = tmp_path / "app.bin"
    with package.open("wb") as file:
        file.truncate(MOST_IN_SHELL + 1)
    sha256 = sha256_of(package)
    part = node.base / "packages" / sha256[:16] / "part"
    async with await node.connect() as transport:
        client = NodeClient(transport)
        first = (await transport.run("echo $$")).text
        staging = asyncio.ensure_future(client.stage(sha256, "app.bin", package))
        await until(lambda: part.exists() or staging.done(), seconds=60)
        assert (await transport.run("echo $$")).text == first
        assert (await staging).sent == MOST_IN_SHELL + 1
    assert sessions(node) == 2


@pytest.mark.parametrize("sent", [3_000, 500_000, 1_048_000])
async def test_a_package_whose_line_is_cut_while_the_shell_takes_it_arrives_with_the_next_connection(
    node: OpenSshNode, tmp_path: Path, sent: int
) -> None:
    package = tmp_path / "app.bin"
    package.write_bytes(os.urandom(1024 * 1024))
    sha256 = sha256_of(package)
    async with Wire(node.port) as wire, await node.connect(port=wire.port) as transport:
        client = NodeClient(transport)
        await client.run("true")
        wire.cut_after(sent)
        with pytest.raises(Unreachable, match="the connection was lost during stage"):
            await client.stage(sha256, "app.bin", package, found="need 0")
        assert not (node.base / "packages" / sha256[:16] / "content").exists()
    async with await node.connect() as transport:
        staged = await NodeClient(transport).stage(sha256, "app.bin", package)
    assert (Path(staged.package_dir) / "app.bin").read_bytes() == package.read_bytes()
    assert staged.sent > 0


async def test_a_release_goes_through_an_sshd_that_allows_one_session(
    a_node: Callable[..., OpenSshNode], tmp_path: Path
) -> None:
    node = a_node(options={"MaxSessions": "1"})
    package = tmp_path / "app.bin"
    package.write_bytes(b"x" * 100_000)
    async with await node.connect() as transport:
        client = NodeClient(transport)
        await client.lock(a_holder())
        staged = await client.stage(sha256_of(package), "app.bin", package)
        output, job = await ran(client, a_job("wc -c <app.bin", cwd=staged.package_dir))
        assert (int(output), job.state) == (100_000, JobState.DONE)
        long = a_job("touch begun; sleep 600", component="db")
        async with client.carry(long) as (begun, events):
            await until((node.home / "begun").exists, seconds=30)
            reading = asyncio.ensure_future(anext(aiter(events)))
            await asyncio.sleep(0)
            reading.cancel()  # as who follows a job does before it is terminated
            await asyncio.gather(reading, return_exceptions=True)
            proof = await client.terminate(begun.job_id, grace=0, holder=a_holder())
        assert proof.gone
        assert node.processes(begun.job_id) == []


LOGINS = {
    "dash": "dash -c",
    "bash": "bash -c",
    "busybox": "busybox sh -c",
    "zsh": "zsh -c",
    "fish": "fish -c",
    "tcsh": "tcsh -c",
    "a shell that reads rc files": "bash --login -c",
    "a wrapper": "env WRAPPED=1 nice -n 1 sh -c",
}


@pytest.mark.parametrize("login", LOGINS)
async def test_any_login_shell_will_do(a_node: Callable[..., OpenSshNode], login: str) -> None:
    if not shutil.which(LOGINS[login].split()[0]):
        pytest.skip(f"no {login} on this machine")
    node = a_node(options={"ForceCommand": f'exec {LOGINS[login]} "$SSH_ORIGINAL_COMMAND"'})
    async with await node.connect() as transport:
        client = NodeClient(transport)
        await client.lock(a_holder())
        output, job = await ran(client, a_job("echo \"it's\" '$HOME' \\\\"))
        assert (output, job.state) == (b"it's $HOME \\\n", JobState.DONE)
        await transport.put(b"it's", "~/file")
        assert (node.home / "file").read_bytes() == b"it's"


@pytest.mark.parametrize(
    "swallow", ["IFS= read -r x", "IFS= read -r x; IFS= read -r x", "dd bs=1 count=5 of=/dev/null 2>/dev/null"]
)
async def test_through_a_login_that_swallows_what_was_sent_nothing_is_done(
    a_node: Callable[..., OpenSshNode], swallow: str
) -> None:
    node = a_node(options={"ForceCommand": f'{swallow}; exec sh -c "$SSH_ORIGINAL_COMMAND"'})
    before = sorted(node.home.iterdir())
    async with await node.connect() as transport:
        client = NodeClient(transport)
        for asked in (client.facts(), client.lock(a_holder()), client.start(a_job("touch touched"))):
            with pytest.raises(NodeFault, match=r"web-1.* did not arrive whole, so nothing of it was done"):
                await asked
        with pytest.raises(NodeFault, match="did not arrive whole"):
            await transport.put(b"it", "~/file")
    assert sorted(node.home.iterdir()) == before
