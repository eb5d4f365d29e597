"""Jobs on real SSH servers, through lost lines, restarts, power cuts and full disks."""

import asyncio
import hashlib
import os
import resource
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deployplan.remote import watching
from deployplan.remote.command import Secret
from deployplan.remote.errors import Fenced, NodeFault, Unreachable
from deployplan.remote.job import Chunk, JobState
from deployplan.remote.node_client import NodeClient
from deployplan.remote.ssh.transport import SshTransport
from openssh import OpenSshNode, Wire
from remote_builders import a_holder, a_job, ran, until, watched


async def test_a_job_from_facts_to_ledger(client: NodeClient, node: OpenSshNode) -> None:
    before = await client.facts()
    assert before.home == str(node.home)
    assert before.holder == a_holder()
    assert before.free_bytes > 0
    assert abs(before.now.timestamp() - time.time()) < 5
    output, job = await ran(client, a_job("echo installed; echo careful >&2", env={"X": "1"}))
    assert (output, job.state) == (b"installed\ncareful\n", JobState.DONE)
    await client.mark_seen(job.job_id, "g1")
    await client.append_ledger({"run": "run-1", "release": "4.3.0"})
    await client.unlock(a_holder())
    after = await client.facts()
    assert after.jobs[0].seen == ("g1",)
    assert after.ledger == ({"format": 2, "run": "run-1", "release": "4.3.0"},)
    assert after.holder is None


async def test_many_controllers_start_the_same_job_at_once_and_it_runs_once(node: OpenSshNode) -> None:
    transports = await asyncio.gather(*(node.connect() for _ in range(4)))
    clients = [NodeClient(transport) for transport in transports for _ in range(3)]
    await clients[0].lock(a_holder())
    jobs = await asyncio.gather(*(client.start(a_job("echo run >>runs; sleep 0.5")) for client in clients))
    assert len({(job.job_id, job.seq, job.started) for job in jobs}) == 1
    await watched(clients[0], jobs[0].job_id)
    assert (node.home / "runs").read_text() == "run\n"
    assert len({job.seq for job in (await clients[0].facts()).jobs}) == 1
    await asyncio.gather(*(transport.close() for transport in transports))


async def test_nothing_secret_is_ever_an_argument(client: NodeClient) -> None:
    show = "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '"
    output, _ = await ran(client, a_job(f"test $T = hunter2 && {show}", env={"T": Secret("hunter2")}))
    assert b"deployplan" in output
    result = await client.run(f"test $T = hunter2 && {show}", env={"T": Secret("hunter2")})
    assert result.exit == 0
    for seen in (output, result.stdout):
        assert b"hunter2" not in seen.replace(b"= hunter2 &&", b"")


async def test_a_watch_goes_on_after_the_line_was_cut_and_no_byte_is_lost_or_repeated(node: OpenSshNode) -> None:
    output, cuts = b"", 0
    lines = "".join(f"line {number}\n" for number in range(4000))
    script = "i=0; while [ $i -lt 4000 ]; do echo line $i; i=$((i+1)); [ $((i % 400)) -eq 0 ] && sleep 0.1; done"
    async with Wire(node.port) as wire:
        async with await node.connect() as direct:
            await NodeClient(direct).lock(a_holder())
            await NodeClient(direct).start(a_job(script))
        while True:
            transport = await node.connect(port=wire.port)
            try:
                async for piece in NodeClient(transport).watch(a_job().job_id, offset=len(output)):
                    if not isinstance(piece, Chunk):
                        assert piece.state is JobState.DONE
                        assert output.decode() == lines
                        assert cuts >= 3
                        return
                    assert piece.offset == len(output)
                    output += piece.data
                    if cuts < 3:
                        wire.cut()
            except Unreachable:
                cuts += 1
            finally:
                await transport.close()


async def test_a_job_does_not_notice_that_sshd_restarts(client: NodeClient, node: OpenSshNode) -> None:
    await client.start(a_job("echo before; until [ -f go ]; do sleep 0.1; done; echo after"))
    watch = client.watch(a_job().job_id)
    assert await anext(watch) == Chunk(0, b"before\n")
    node.stop()
    with pytest.raises(Unreachable):
        await anext(watch)
    node.start()
    async with await node.connect() as transport:
        again = NodeClient(transport)
        assert (await again.facts()).jobs[0].state is JobState.RUNNING
        (node.home / "go").touch()
        output, job = await watched(again, a_job().job_id, offset=7)
        assert (output, job.state) == (b"after\n", JobState.DONE)


async def test_a_node_that_loses_power_mid_script_has_lost_the_job(client: NodeClient, node: OpenSshNode) -> None:
    await client.start(a_job("echo half; sleep 600; echo whole"))
    node.power_off()
    node.start()
    async with await node.connect() as transport:
        output, job = await watched(NodeClient(transport), a_job().job_id)
        assert (output, job.state, job.exit) == (b"half\n", JobState.LOST, None)


async def test_a_half_open_line_is_noticed_and_nothing_hangs(node: OpenSshNode) -> None:
    async with Wire(node.port) as wire, await node.connect(port=wire.port) as transport:
        client = NodeClient(transport)
        await client.lock(a_holder())
        await client.start(a_job("sleep 100"))
        watch = asyncio.ensure_future(watched(client, a_job().job_id))
        await asyncio.sleep(0.5)
        wire.freeze()
        began = time.monotonic()
        answers = await asyncio.gather(watch, client.facts(), return_exceptions=True)
        assert time.monotonic() - began < 30
        assert [type(answer) for answer in answers] == [Unreachable, Unreachable]
        assert all(str(answer).startswith("web-1") for answer in answers)
    async with await node.connect() as transport:
        assert (await NodeClient(transport).facts()).jobs[0].state is JobState.RUNNING


async def test_a_job_that_is_silent_for_long_is_not_taken_for_dead(
    client: NodeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "SILENCE", 7.0)
    await client.start(a_job("sleep 9; echo at last"))
    output, job = await watched(client, a_job().job_id)
    assert (output, job.state) == (b"at last\n", JobState.DONE)


async def test_a_silent_line_is_given_up(client: NodeClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "SILENCE", 1.0)
    await client.start(a_job("sleep 100"))
    with pytest.raises(Unreachable, match="web-1: no sign of life for 1 s while watching a job"):
        await watched(client, a_job().job_id)


async def test_a_log_of_100_megabytes_of_anything_is_followed_in_little_memory(client: NodeClient) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    script = "head -c 20000000 /dev/urandom >r; for i in 1 2 3 4 5; do cat r; done; cat r r r r r | sha256sum >sum"
    await client.start(a_job(script))
    digest, length = hashlib.sha256(), 0
    async for piece in client.watch(a_job().job_id):
        if isinstance(piece, Chunk):
            assert len(piece.data) <= 65_536
            digest.update(piece.data)
            length += len(piece.data)
        else:
            assert (piece.state, piece.log_bytes) == (JobState.DONE, 100_000_000)
    assert length == 100_000_000
    assert (await client.run("cat sum")).text.split()[0] == digest.hexdigest()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 40_000, f"{grown} KiB more memory"
    assert await client.read_log(a_job().job_id, 99_999_990, 100) == (await client.run("tail -c 10 r")).stdout


async def test_one_line_carries_many_sessions_at_once(client: NodeClient) -> None:
    await client.start(a_job("until [ -f go ]; do sleep 0.1; done; echo done"))
    watches = [asyncio.ensure_future(watched(client, a_job().job_id)) for _ in range(4)]
    facts = await asyncio.gather(*(client.facts() for _ in range(20)))
    assert len({fact.jobs[0].job_id for fact in facts}) == 1
    await client.run("touch go")
    assert {output for output, _ in await asyncio.gather(*watches)} == {b"done\n"}


async def test_a_server_that_allows_one_session_is_named(a_node: Callable[..., OpenSshNode]) -> None:
    node = a_node(options={"MaxSessions": "1"})
    async with await node.connect() as transport:
        client = NodeClient(transport)
        await client.lock(a_holder())
        await client.start(a_job("sleep 100"))
        async with transport.stream("sleep 100"):
            with pytest.raises(Unreachable, match=r"web-1 .*MaxSessions should be at least"):
                await client.facts()


async def test_a_login_that_chatters_is_heard_out(a_node: Callable[..., OpenSshNode]) -> None:
    chatter = 'echo "Welcome to web-1"; echo "%%"; echo motd >&2; exec sh -c "$SSH_ORIGINAL_COMMAND"'
    node = a_node(options={"ForceCommand": chatter})
    async with await node.connect() as transport:
        client = NodeClient(transport)
        await client.lock(a_holder())
        output, job = await ran(client, a_job("echo out"))
        assert (output, job.state) == (b"out\n", JobState.DONE)
        assert (await client.run("echo out")).stdout == b"out\n"


async def test_an_account_without_a_shell_is_named(a_node: Callable[..., OpenSshNode]) -> None:
    node = a_node(options={"ForceCommand": "echo This account is currently not available.; exit 1"})
    async with await node.connect() as transport:
        with pytest.raises(NodeFault, match=r"no POSIX shell answered on login; it said: This account is currently"):
            await NodeClient(transport).facts()


async def test_an_answer_without_end_is_cut_off(transport: SshTransport) -> None:
    with pytest.raises(NodeFault, match="answered with more than 100000 bytes"):
        await transport.run("yes", limit=100_000)
    assert (await transport.run("echo well")).text == "well\n"


async def test_an_answer_that_does_not_come_is_given_up(transport: SshTransport) -> None:
    with pytest.raises(Unreachable, match=r"web-1 .*was not answered within 0.5 s"):
        await transport.run("sleep 100", timeout=0.5)
    assert (await transport.run("echo well")).text == "well\n"


async def test_a_check_that_does_not_end_is_ended(client: NodeClient, node: OpenSshNode) -> None:
    with pytest.raises(NodeFault, match=r"web-1: the command did not end within 1 s: sleep 700"):
        await client.run("sleep 700", timeout=1)
    sleeping = [pid for pid in node.processes() if b"700" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    assert sleeping == []


async def test_how_a_command_ended_is_told_whole(transport: SshTransport) -> None:
    result = await transport.run("printf 'no\\nnewline'; printf bad >&2; exit 7")
    assert (result.exit, result.stdout, result.stderr) == (7, b"no\nnewline", b"bad")
    assert (await transport.run("sh -c 'kill -TERM $$'")).exit == 143
    assert (await transport.run("cat", data=bytes(range(256)) * 5000)).stdout == bytes(range(256)) * 5000


async def test_put_writes_a_file_in_one_step(transport: SshTransport, node: OpenSshNode, tmp_path: Path) -> None:
    await transport.put(bytes(range(256)), "~/a dir/file", mode=0o640)
    written = node.home / "a dir" / "file"
    assert written.read_bytes() == bytes(range(256))
    assert written.stat().st_mode & 0o777 == 0o640
    (tmp_path / "local").write_bytes(b"x" * 1_000_000)
    await transport.put(tmp_path / "local", str(written))
    assert written.stat().st_size == 1_000_000
    with pytest.raises(NodeFault, match="cannot write /proc/nothing/x"):
        await transport.put(b"", "/proc/nothing/x")


async def test_a_package_over_a_line_that_is_cut_arrives_in_the_end(node: OpenSshNode, tmp_path: Path) -> None:
    package = tmp_path / "web.bin"
    package.write_bytes(os.urandom(12_000_000))
    sha256 = hashlib.sha256(package.read_bytes()).hexdigest()
    part = node.base / "packages" / sha256[:16] / "part"
    async with Wire(node.port) as wire, await node.connect(port=wire.port) as transport:
        staging = asyncio.ensure_future(NodeClient(transport).stage(sha256, "web.bin", package))
        await until(lambda: part.exists() and part.stat().st_size > 2_000_000)
        wire.cut()
        with pytest.raises(Unreachable):
            await staging
    async with await node.connect() as transport:
        staged = await NodeClient(transport).stage(sha256, "web.bin", package)
    assert staged.sent < 12_000_000
    assert (Path(staged.package_dir) / "web.bin").read_bytes() == package.read_bytes()


async def test_an_older_controller_that_comes_back_is_fenced_off(node: OpenSshNode) -> None:
    async with await node.connect() as old, await node.connect() as new:
        await NodeClient(old).lock(a_holder())
        await NodeClient(new).lock(a_holder(run="run-2"))
        with pytest.raises(Fenced, match=r"held by run run-2 of plan storefront-4.3"):
            await NodeClient(old).start(a_job("touch touched"))
    assert not (node.home / "touched").exists()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("mounting needs root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


async def test_a_full_disk_is_named_before_anything_runs(
    transport: SshTransport, node: OpenSshNode, small_disk: Path, tmp_path: Path
) -> None:
    client = NodeClient(transport, str(small_disk / "base"))
    await client.lock(a_holder())
    package = tmp_path / "web.bin"
    package.write_bytes(os.urandom(3_000_000))
    with pytest.raises(NodeFault, match=r"web-1.*No space left on device"):
        await client.stage(hashlib.sha256(package.read_bytes()).hexdigest(), "web.bin", package)
    with (small_disk / "filler").open("wb") as filler, pytest.raises(OSError, match="No space left"):
        filler.write(b"x" * 2_000_000)
    assert (await client.facts()).free_bytes == 0
    with pytest.raises(NodeFault, match=r"web-1: start.*No space left on device"):
        await client.start(a_job(f"touch {node.home}/touched"))
    assert not (node.home / "touched").exists()
    (small_disk / "filler").unlink()
    assert (await ran(client, a_job(f"touch {node.home}/touched")))[1].state is JobState.DONE


async def test_a_disk_that_fills_while_the_script_runs_gives_no_false_result(
    transport: SshTransport, small_disk: Path
) -> None:
    client = NodeClient(transport, str(small_disk / "base"))
    await client.lock(a_holder())
    await client.start(a_job("head -c 2000000 /dev/zero && echo whole"))
    log = small_disk / "base/jobs" / a_job().job_id / "log"
    await until(lambda: (small_disk / "base").exists() and log.exists() and log.stat().st_size > 500_000)
    assert (await client.facts()).jobs[0].state in (JobState.RUNNING, JobState.FAILED)
    with log.open("r+b") as file:
        file.truncate(1000)  # an operator makes room; the result, which could not be written, is written now
    _, job = await watched(client, a_job().job_id, offset=1000)
    assert job.state is JobState.FAILED


async def test_a_read_only_home_is_named(transport: SshTransport, small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    client = NodeClient(transport, str(small_disk / "base"))
    facts = await client.facts()
    assert not facts.writable
    with pytest.raises(NodeFault, match=r"web-1: lock could not be done .*Read-only file system"):
        await client.lock(a_holder())


async def test_two_nodes_on_one_machine_have_jobs_of_one_name_and_terminating_one_leaves_the_other(
    a_node: Callable[..., OpenSshNode],
) -> None:
    ended, spared = a_node("web-1"), a_node("web-2")
    job = a_job(script="trap '' TERM; sleep 60 & sleep 60")
    async with await ended.connect() as first, await spared.connect() as second:
        for transport in (first, second):
            client = NodeClient(transport)
            await client.lock(a_holder())
            await client.start(job)
        proof = await NodeClient(first).terminate(job.job_id, grace=1, holder=a_holder())
        assert proof.gone
        assert ended.processes(job.job_id) == []
        facts = await NodeClient(second).facts()
        assert [each.state for each in facts.jobs] == [JobState.RUNNING]
