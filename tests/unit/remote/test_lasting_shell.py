"""One sh that carries out one command after another: nothing is lost, mixed up, left behind or done by half."""

import asyncio
import itertools
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deployplan.remote.errors import NodeFault, RemoteError, Unreachable
from deployplan.remote.lasting_shell import LastingShell
from deployplan.remote.transport import Counted
from deployplan.testing import LocalTransport
from remote_builders import processes, tools, until

SHELLS = {"dash": "/bin/dash", "bash": "/bin/bash", "busybox": "/usr/bin/busybox"}


@pytest.fixture(params=[*SHELLS, "dd of another kind"])
async def node(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[LocalTransport]:
    """A node with this sh; or with a dd that does not know iflag, as on old systems."""
    shell = SHELLS.get(request.param, "/bin/dash")
    if not Path(shell).exists():
        pytest.skip(f"no {request.param} on this machine")
    path = tools(tmp_path / "bin", shell=shell, busybox=request.param == "busybox")
    if request.param not in SHELLS:
        (tmp_path / "bin" / "dd").unlink()
        (tmp_path / "bin" / "dd").write_text('#!/bin/sh\necho "dd: unknown operand $3" >&2\nexit 1\n')
        (tmp_path / "bin" / "dd").chmod(0o755)
    async with LocalTransport("web-1", tmp_path / "home", {"PATH": path, "LANG": "C.UTF-8"}) as transport:
        yield transport


async def test_one_shell_carries_out_all_commands_that_come_after_each_other(node: LocalTransport) -> None:
    assert len({(await node.run("echo $$")).text for _ in range(4)}) == 1


async def test_a_command_leaves_nothing_to_the_next(node: LocalTransport) -> None:
    await node.run("cd /; X=1; export X; umask 0; f() { :; }; trap 'echo over' EXIT; LC_ALL=C; exit 5")
    left = await node.run('echo "$PWD|$X|$LC_ALL|$(umask)"; command -v f')
    here = str(Path(node._env["HOME"]))
    assert left.text.splitlines()[0].startswith(f"{here}|||")
    assert left.text.split("|")[-1].strip() not in ("0", "0000")
    assert left.exit != 0


async def test_how_it_ended_and_what_it_said_are_told_of_each_command_by_itself(node: LocalTransport) -> None:
    for code in (0, 3, 96, 255):
        result = await node.run(f"printf 'é %s' {code}; echo bad{code} >&2; exit {code}")
        assert (result.exit, result.text, result.stderr) == (code, f"é {code}", b"bad%d\n" % code)


async def test_a_command_has_no_stdin_and_cannot_eat_the_next_one(node: LocalTransport) -> None:
    assert (await node.run("cat; read -r x; echo $?")).text.strip() == "1"
    assert (await node.run("echo next")).text == "next\n"


async def test_bytes_of_any_kind_arrive_as_they_are(node: LocalTransport, tmp_path: Path) -> None:
    content = os.urandom(300_000) + bytes(range(256)) + b"\x1e\x1e0123\n\x1e"
    (tmp_path / "home" / "file").write_bytes(content)
    assert (await node.run("cat file")).stdout == content
    assert (await node.run("printf '\\036'")).stdout == b"\x1e"


async def test_commands_at_once_have_shells_of_their_own(node: LocalTransport) -> None:
    async with node.stream("echo $$; until [ -e go ]; do sleep 0.05; done; echo end") as output:
        first = await output.read(100)
        other = await node.run("echo $$; touch go")
        assert first != other.stdout
        assert await output.read(100) == b"end\n"
        assert await output.read(100) == b""
    assert (await output.wait()).exit == 0


async def test_the_shell_of_a_command_that_is_over_serves_the_next_before_its_stream_is_left(
    node: LocalTransport,
) -> None:
    async with node.stream("echo $$") as output:
        first = await output.read(100)
        assert (await output.wait()).exit == 0
        assert (await node.run("echo $$")).stdout == first


async def test_a_shell_that_is_killed_in_mid_command_is_a_lost_connection_and_the_next_command_has_another(
    node: LocalTransport,
) -> None:
    with pytest.raises(Unreachable, match="web-1: the connection was lost during strike"):
        await node.run("echo half; kill -9 $$", label="strike")
    assert (await node.run("echo well")).text == "well\n"


async def test_a_shell_that_is_killed_between_two_commands_is_not_noticed(node: LocalTransport) -> None:
    pid = int((await node.run("echo $$")).text)
    os.kill(pid, 9)
    async with asyncio.timeout(30):
        while Path(f"/proc/{pid}").exists():
            await asyncio.sleep(0.01)
        await asyncio.sleep(0)
    for _ in range(100):  # until this side has heard so, too
        await asyncio.sleep(0.01)
        if node._shells._spare is None or not node._shells._spare.idle:
            break
    assert (await node.run("echo well")).text == "well\n"


async def test_a_command_that_is_given_up_takes_its_shell_along(node: LocalTransport) -> None:
    with pytest.raises(Unreachable, match=r"was not answered within 0.5 s"):
        await node.run("sleep 60", timeout=0.5)
    assert (await node.run("echo well", timeout=30)).text == "well\n"


TAKE = "dd bs={} count=1 iflag=fullblock 2>/dev/null"


async def pieces(*given: bytes) -> AsyncIterator[bytes]:
    for piece in given:
        yield piece


@pytest.fixture(params=SHELLS)
async def taker(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[LocalTransport]:
    """A node with this sh, and with a dd that takes exactly what it is told to."""
    if not Path(SHELLS[request.param]).exists():
        pytest.skip(f"no {request.param} on this machine")
    path = tools(tmp_path / "bin", shell=SHELLS[request.param], busybox=request.param == "busybox")
    async with LocalTransport("web-1", tmp_path / "home", {"PATH": path, "LANG": "C.UTF-8"}) as transport:
        yield transport


@pytest.mark.parametrize("data", [b"x", b"\n", b"\0\n\n", "é\x1e".encode() * 99, os.urandom(300_001)], ids=len)
async def test_a_command_takes_its_data_as_they_are_and_its_shell_serves_the_next(
    taker: LocalTransport, data: bytes
) -> None:
    first = await taker.run("echo $$")
    half = len(data) // 2
    for _ in range(2):
        given = Counted(pieces(data[:half], data[half:]), len(data))
        assert (await taker.run(TAKE.format(len(data)), data=given)).stdout == data
    assert (await taker.run("cat; echo $$")).stdout == first.stdout, "and no stdin"


async def test_more_data_than_were_said_are_not_sent(taker: LocalTransport) -> None:
    given = Counted(pieces(b"abc", b"def", b"ghi"), 5)
    assert (await taker.run(TAKE.format(5), data=given)).stdout == b"abcde"
    assert (await taker.run("echo well")).text == "well\n"


async def test_fewer_data_than_were_said_are_an_error_and_end_the_command(taker: LocalTransport) -> None:
    with pytest.raises(RemoteError, match=r"web-1: run had 2 bytes fewer to send than the 5 it began with"):
        await taker.run(f"{TAKE.format(5)} >/dev/null; touch over", data=Counted(pieces(b"abc"), 5))
    assert (await taker.run("echo well")).text == "well\n"


@pytest.mark.parametrize("taken", [1, 3, 22, 40])
async def test_data_that_a_command_leaves_or_takes_too_many_of_are_refused_and_never_run(
    taker: LocalTransport, tmp_path: Path, taken: int
) -> None:
    data = b"abc\ntouch evil\nabcdef"
    with pytest.raises(NodeFault, match="what was sent did not arrive whole"):
        await taker.run(f"{TAKE.format(taken)} >/dev/null", data=Counted(pieces(data), len(data)))
    assert (await taker.run("echo well")).text == "well\n"
    assert not (tmp_path / "home" / "evil").exists()


async def test_a_command_that_fails_over_its_data_says_how_and_takes_its_shell_along(
    taker: LocalTransport, tmp_path: Path
) -> None:
    first = await taker.run("echo $$")
    data = b"touch evil\n" * 100_000
    said = await taker.run("echo it; echo no >&2; exit 7", data=Counted(pieces(data), len(data)))
    assert (said.exit, said.stdout, said.stderr) == (7, b"it\n", b"no\n")
    assert (await taker.run("echo $$")).stdout != first.stdout
    assert not (tmp_path / "home" / "evil").exists()


async def test_data_are_read_here_no_faster_than_the_node_takes_them_and_other_commands_go_on(
    taker: LocalTransport,
) -> None:
    asked = 0

    async def counted() -> AsyncIterator[bytes]:
        nonlocal asked
        for _ in range(64):
            asked += 1
            yield b"x" * 65_536

    slow = f"touch begun; until [ -e go ]; do sleep 0.05; done; {TAKE.format(64 * 65_536)} | wc -c"
    taking = asyncio.ensure_future(taker.run(slow, data=Counted(counted(), 64 * 65_536)))
    await taker.run("until [ -e begun ]; do sleep 0.05; done; sleep 0.2")
    assert asked < 10, "the pipe's, and the event loop's, and no more"
    await taker.run("touch go")
    assert (await taking).text.strip() == str(64 * 65_536)


async def test_a_command_whose_sender_is_cancelled_in_mid_data_has_not_ended_well(
    taker: LocalTransport, tmp_path: Path
) -> None:
    begun = asyncio.Event()

    async def never_whole() -> AsyncIterator[bytes]:
        yield b"x" * 1000
        begun.set()
        await asyncio.Event().wait()

    script = f'{TAKE.format(5000)} >taken && [ "$(wc -c <taken)" -eq 5000 ] && touch whole'
    taking = asyncio.ensure_future(taker.run(script, data=Counted(never_whole(), 5000)))
    await begun.wait()
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    assert (await taker.run("echo well")).text == "well\n"
    await taker.close()
    await until(lambda: not processes(tmp_path / "home"), seconds=30)
    assert not (tmp_path / "home" / "whole").exists()


class Said:
    """A shell that says what it is given, in pieces; `{MARK}` stands for the mark that it was told."""

    def __init__(self, pieces: list[bytes], *, stderr: bytes = b"{MARK}", exit_code: int | None = None) -> None:
        self._pieces, self.stderr, self.exit_code = pieces, stderr, exit_code
        self._mark = b""
        self.over = False

    def write(self, data: bytes) -> None:
        self._mark = self._mark or data.split()[1]
        self.stderr = self.stderr.replace(b"{MARK}", self._mark)
        whole = b"".join(self._pieces).replace(b"{MARK}", self._mark)
        cuts = [0, *itertools.accumulate(len(piece) for piece in self._pieces)]
        self._pieces = [whole[a:b] for a, b in itertools.pairwise([*cuts[:-1], len(whole)]) if a != b]

    async def read(self, limit: int) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""

    async def stderr_until(self, mark: bytes) -> bytes | None:
        said, found, _ = self.stderr.partition(mark)
        return said if found else None

    async def may_write(self) -> None: ...

    def close(self) -> None:
        self.over = True


async def heard(pipe: Said) -> tuple[bytes, int]:
    """All that a command says, read in small bites, and its exit code."""
    shell = LastingShell("web-1", pipe)
    shell.send("true", "it")
    output = b""
    while piece := await shell.read(7):
        output += piece
    return output, (await shell.result()).exit


@settings(deadline=None)
@given(st.binary(max_size=60), st.lists(st.integers(0, 140), max_size=8), st.booleans())
async def test_what_it_says_arrives_whole_however_it_is_cut(text: bytes, cuts: list[int], marked: bool) -> None:
    text += b"\x1e" if marked else b""
    sent = b"Welcome\n%%deployplan%%\n" + text + b"{MARK} 7\n"
    at = sorted({0, *(min(cut, len(sent)) for cut in cuts)})
    pieces = [sent[a:b] for a, b in itertools.pairwise([*at, len(sent)])]
    assert await heard(Said(pieces)) == (text, 7)


@pytest.mark.parametrize("length", range(len(b"%%deployplan%%\nabc{MARK} 7")))
async def test_an_answer_that_breaks_off_anywhere_is_no_answer(length: int) -> None:
    with pytest.raises((Unreachable, NodeFault)):
        await heard(Said([b"%%deployplan%%\nabc{MARK} 7\n"[:length]]))


@pytest.mark.parametrize("end", [b"{MARK} x\n", b"{MARK}\n", b"{MARK} -1\n", b"{MARK} 7777\n", b"{MARK}" + b"7" * 300])
async def test_an_end_that_makes_no_sense_is_a_fault_of_the_node(end: bytes) -> None:
    with pytest.raises(NodeFault, match=r"web-1: the end of it makes no sense"):
        await heard(Said([b"%%deployplan%%\nabc" + end]))


async def test_a_shell_that_did_not_get_it_whole_says_so() -> None:
    pipe = Said([b"%%deployplan%%\n"], stderr=b"what was sent did not arrive whole\n", exit_code=96)
    with pytest.raises(NodeFault, match="web-1: it: what was sent did not arrive whole"):
        await heard(pipe)


def test_there_is_a_shell_to_test_with() -> None:
    assert any(Path(shell).exists() for shell in SHELLS.values())
    assert shutil.which("sh")
