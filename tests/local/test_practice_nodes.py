"""The practice nodes are real SSH servers, and behave as machines do."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import asyncssh
import pytest

from deployplan.local.folder_lock import FolderTaken
from deployplan.local.free_ports import PortTaken
from deployplan.local.node_processes import node_processes
from deployplan.local.practice_layout import HOST, NAMES, USER, PracticeLayout, practice_layout
from deployplan.local.practice_nodes import PracticeNodes, practising
from deployplan.local.settings import LocalSettings
from own_home import settings_below

pytestmark = pytest.mark.ssh


@pytest.fixture
def nodes(settings: LocalSettings) -> Iterator[PracticeNodes]:
    with practising(practice_layout(settings)) as nodes:
        yield nodes


@asynccontextmanager
async def login(layout: PracticeLayout, name: str = "web-1") -> AsyncIterator[asyncssh.SSHClientConnection]:
    async with asyncssh.connect(
        HOST,
        layout.node(name).ssh_port,
        username=USER,
        client_keys=[str(layout.client_key)],
        known_hosts=str(layout.known_hosts),
        config=[],
    ) as connection:
        yield connection


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to be"
        await asyncio.sleep(0.02)


async def test_each_node_has_its_own_home_and_host_key(nodes: PracticeNodes) -> None:
    homes, keys = set(), set()
    for name in NAMES:
        async with login(nodes.layout, name) as connection:
            said = (await connection.run("cd; pwd", check=True)).stdout
            homes.add(said)
            keys.add(connection.get_server_host_key().export_public_key())
            assert said == f"{nodes.layout.node(name).home}\n"
    assert len(homes) == len(keys) == 5


async def test_exit_codes_and_signals_are_reported(nodes: PracticeNodes) -> None:
    async with login(nodes.layout) as connection:
        assert (await connection.run("exit 3")).exit_status == 3
        assert (await connection.run("kill -9 $$")).exit_signal == ("KILL", False, "", "en-US")
        failed = await connection.run("echo out; echo err >&2; false")
        assert (failed.stdout, failed.stderr, failed.exit_status) == ("out\n", "err\n", 1)


async def test_bytes_go_both_ways_unchanged(nodes: PracticeNodes) -> None:
    everything = bytes(range(256)) * 8192
    async with login(nodes.layout) as connection:
        echoed = await connection.run("cat", input=everything, encoding=None)
        assert echoed.stdout == everything
        assert (await connection.run("head -c 100 | wc -c", input=everything, encoding=None)).exit_status == 0


async def test_a_command_that_reads_nothing_ends_although_more_is_sent(nodes: PracticeNodes) -> None:
    async with login(nodes.layout) as connection:
        done = await asyncio.wait_for(connection.run("exit 0", input=b"x" * 5_000_000, encoding=None), 20)
        assert done.exit_status == 0


async def test_nothing_of_our_own_environment_reaches_a_command(
    settings: LocalSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_PROD", "secret")
    with practising(practice_layout(settings)) as nodes:
        async with login(nodes.layout) as connection:
            said = str((await connection.run("env", check=True)).stdout)
    names = {line.split("=")[0] for line in said.splitlines()} - {"PWD", "OLDPWD", "SHLVL", "_"}
    assert names == {"HOME", "USER", "LOGNAME", "SHELL", "LANG", "PATH", "DEPLOYPLAN_PRACTICE_NODE"}


async def test_a_signal_reaches_every_process_of_the_command(nodes: PracticeNodes) -> None:
    async with login(nodes.layout) as connection:
        process = await connection.create_process("sleep 600 & echo there; wait")
        assert await process.stdout.readline() == "there\n"
        process.send_signal("TERM")
        assert (await process.wait()).exit_signal[0] == "TERM"
    await until(lambda: not node_processes(nodes.layout.folder))


async def test_what_has_detached_itself_survives_a_lost_connection(nodes: PracticeNodes) -> None:
    async with login(nodes.layout) as connection:
        await connection.run("(sleep 600 </dev/null >/dev/null 2>&1 &)", check=True)
    assert [process.name() for process in node_processes(nodes.layout.folder)] == ["sleep"]


async def test_a_lost_connection_kills_nothing_even_while_a_command_runs(nodes: PracticeNodes) -> None:
    home = nodes.layout.node("web-1").home
    async with login(nodes.layout) as connection:
        process = await connection.create_process("echo there; while [ ! -e go ]; do sleep 0.05; done; touch done")
        assert await process.stdout.readline() == "there\n"
        connection.abort()
    (home / "go").touch()
    await until((home / "done").exists)


async def test_a_node_off_the_network_refuses_and_breaks_connections_but_works_on(nodes: PracticeNodes) -> None:
    async with login(nodes.layout) as connection:
        await connection.run("(sleep 600 </dev/null >/dev/null 2>&1 &)", check=True)
        nodes.unplug("web-1")
        with pytest.raises((asyncssh.Error, OSError)):
            await connection.run("true", check=True)
    with pytest.raises(ConnectionRefusedError):
        async with login(nodes.layout):
            pass
    nodes.switch_on("web-1")
    async with login(nodes.layout) as connection:
        assert (await connection.run("echo back")).stdout == "back\n"
    assert len(node_processes(nodes.layout.folder)) == 1


async def test_a_node_without_power_loses_its_processes_and_keeps_its_files(nodes: PracticeNodes) -> None:
    async with login(nodes.layout, "web-1") as connection:
        await connection.run("touch kept; (sleep 600 </dev/null >/dev/null 2>&1 &)", check=True)
    async with login(nodes.layout, "web-2") as connection:
        await connection.run("(sleep 600 </dev/null >/dev/null 2>&1 &)", check=True)
    nodes.power_off("web-1")
    assert [process.cwd() for process in node_processes(nodes.layout.folder)] == [str(nodes.layout.node("web-2").home)]
    nodes.switch_on("web-1")
    async with login(nodes.layout) as connection:
        assert (await connection.run("ls")).stdout == "kept\n"


async def test_only_the_right_key_opens_a_node(nodes: PracticeNodes) -> None:
    with pytest.raises(asyncssh.PermissionDenied):
        await asyncssh.connect(
            HOST,
            nodes.layout.node("web-1").ssh_port,
            username=USER,
            client_keys=[asyncssh.generate_private_key("ssh-ed25519")],
            known_hosts=str(nodes.layout.known_hosts),
            agent_path=None,
            config=[],
        )


def test_stopping_ends_every_process_on_every_node(settings: LocalSettings) -> None:
    layout = practice_layout(settings)
    with practising(layout):

        async def leave_something() -> None:
            for name in NAMES:
                async with login(layout, name) as connection:
                    await connection.run("(sleep 600 </dev/null >/dev/null 2>&1 &)", check=True)

        asyncio.run(leave_something())
        assert len(node_processes(layout.folder)) == 5
    assert node_processes(layout.folder) == ()


def test_a_port_of_a_node_that_is_taken_is_told_before_anything_runs(settings: LocalSettings, tmp_path: Path) -> None:
    layout = practice_layout(settings)
    elsewhere = replace(layout, folder=tmp_path / "elsewhere")
    with practising(layout), pytest.raises(PortTaken, match=str(layout.nodes[0].ssh_port)), practising(elsewhere):
        pytest.fail("their ports are taken")


def test_keys_are_made_once_and_private(settings: LocalSettings) -> None:
    layout = practice_layout(settings)
    with practising(layout):
        first = layout.client_key.read_text()
    with practising(layout):
        assert layout.client_key.read_text() == first
    assert {path.stat().st_mode & 0o777 for path in layout.keys.iterdir()} == {0o600}


async def test_nodes_that_run_lose_nothing_to_somebody_who_starts_them_once_more(
    nodes: PracticeNodes, tmp_path: Path
) -> None:
    with_other_ports = replace(practice_layout(settings_below(tmp_path / "other")), folder=nodes.layout.folder)
    with pytest.raises(FolderTaken, match="DEPLOYPLAN_PRACTICE"), practising(with_other_ports):
        pytest.fail("they run already")
    async with login(nodes.layout) as connection:
        assert (await connection.run("echo here", check=True)).stdout == "here\n"
