"""A check on a node: its own words and its own end, with and without a program that can end it in time."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deployplan.remote.errors import NodeFault
from deployplan.remote.node_client import NodeClient
from deployplan.testing import LocalTransport
from remote_builders import end_all, tools

SHELLS = {
    "dash": "/bin/dash",
    "bash": "/bin/bash",
    "busybox": "/usr/bin/busybox",
    "mksh": "/usr/bin/mksh",
    "zsh": "/usr/bin/zsh",
}
OLD_TIMEOUT = """#!/bin/sh
echo "timeout: invalid option -- 'k'" >&2
echo called >>"$HOME/called"
exit 1
"""


def check_node(folder: Path, shell: str) -> NodeClient:
    if not Path(SHELLS[shell]).exists():
        pytest.skip(f"no {shell} on this machine")
    path = tools(folder / "bin", shell=SHELLS[shell], busybox=shell == "busybox")
    return NodeClient(LocalTransport("web-1", folder / "home", {"PATH": path}))


@pytest.fixture(params=list(SHELLS))
async def node(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[NodeClient]:
    yield check_node(tmp_path, request.param)
    end_all(tmp_path / "home")


async def test_a_check_says_what_it_says_and_nothing_else(node: NodeClient) -> None:
    result = await node.run("echo out; echo err >&2; exit 124 | :; cat; exit 7")
    assert (result.exit, result.stdout, result.stderr) == (7, b"out\n", b"err\n")
    several = await node.run("cat <<X\none\nX\necho two")
    assert (several.exit, several.stdout, several.stderr) == (0, b"one\ntwo\n", b"")


async def test_a_check_has_no_descriptor_of_ours(node: NodeClient) -> None:
    for number in (3, 4, 5, 6):
        assert (await node.run(f"(: >&{number}) 2>/dev/null && echo open || echo closed")).text == "closed\n"


async def test_a_check_that_is_no_shell_text_is_not_run_by_half_and_complains(node: NodeClient, tmp_path: Path) -> None:
    result = await node.run('echo x >>"$HOME/ran"; if')
    assert result.exit not in (0, 126)
    assert result.stderr
    assert not (tmp_path / "home" / "ran").exists()


async def test_a_check_is_ended_in_time_and_once(node: NodeClient, tmp_path: Path) -> None:
    with pytest.raises(NodeFault, match=r"web-1: the command did not end within 1 s: echo"):
        await node.run('echo x >>"$HOME/ran"; exec sleep 600', timeout=1)
    assert (tmp_path / "home" / "ran").read_text() == "x\n"


@pytest.mark.parametrize("shell", ["dash", "bash"])
@pytest.mark.parametrize("kind", ["old", "none"])
async def test_a_check_runs_once_where_no_timeout_can_end_it(tmp_path: Path, shell: str, kind: str) -> None:
    node = check_node(tmp_path, shell)
    (tmp_path / "bin" / "timeout").unlink()
    if kind == "old":
        (tmp_path / "bin" / "timeout").write_text(OLD_TIMEOUT)
        (tmp_path / "bin" / "timeout").chmod(0o755)
    result = await node.run('echo x >>"$HOME/ran"; echo out; echo err >&2; exit 3')
    assert (result.exit, result.stdout, result.stderr) == (3, b"out\n", b"err\n")
    assert (tmp_path / "home" / "ran").read_text() == "x\n"
    assert (tmp_path / "home" / "called").exists() == (kind == "old")
    await node.transport.close()
