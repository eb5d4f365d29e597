"""ProxyCommand: a program that is the line to a node."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from deployplan.remote.errors import HostKeyRefused, RemoteError, Unreachable
from deployplan.remote.ssh.proxy_command import command_line
from deployplan.remote.ssh.transport import connect
from deployplan.remote.transport import Address
from openssh import OpenSshNode
from remote_builders import until

RELAY = """
import os, socket, sys, threading
print("a banner on stderr, as ssh -W may have one", file=sys.stderr, flush=True)
with open(sys.argv[3], "a") as file:
    print(os.getpid(), file=file)
line = socket.create_connection((sys.argv[1], int(sys.argv[2])))
def out():
    while data := line.recv(65536):
        os.write(1, data)
threading.Thread(target=out, daemon=True).start()
while data := os.read(0, 65536):
    line.sendall(data)
"""


@pytest.fixture
def relay(tmp_path: Path) -> str:
    """A command that passes on what it reads and writes its process number into `pids`."""
    (tmp_path / "relay.py").write_text(RELAY)
    return f"{sys.executable} {tmp_path}/relay.py %h %p {tmp_path}/pids"


def relays(folder: Path) -> list[int]:
    """The relays that still run."""
    found = (folder / "pids").read_text().split() if (folder / "pids").exists() else []
    return [int(pid) for pid in found if Path(f"/proc/{pid}").exists()]


async def test_a_node_is_reached_through_a_proxy_command_that_ends_with_the_connection(
    node: OpenSshNode, relay: str, tmp_path: Path
) -> None:
    async with await connect(node.address(proxy_command=relay)) as transport:
        assert (await transport.run("cat", data=b"x" * 300_000)).stdout == b"x" * 300_000
        assert len(relays(tmp_path)) == 1
    await until(lambda: not relays(tmp_path), seconds=30)


async def test_a_line_that_its_proxy_command_loses_is_a_lost_connection(
    node: OpenSshNode, relay: str, tmp_path: Path
) -> None:
    async with await connect(node.address(proxy_command=relay)) as transport:
        for pid in relays(tmp_path):
            os.kill(pid, 9)
        with pytest.raises(Unreachable, match="web-1"):
            await transport.run("sleep 60", timeout=50)


async def test_the_host_key_is_checked_behind_a_proxy_command_too(
    node: OpenSshNode, relay: str, tmp_path: Path
) -> None:
    with pytest.raises(HostKeyRefused, match="its host key is not known here"):
        await connect(node.address(proxy_command=relay, host_key=None))
    line = f"[web-1.internal]:{node.port} {node.host_key}"
    here = relay.replace("%h", "127.0.0.1")
    async with await connect(
        node.address(host="web-1.internal", proxy_command=here, host_key=None, known_hosts=line)
    ) as transport:
        assert (await transport.run("echo in")).text == "in\n"
    await until(lambda: not relays(tmp_path), seconds=30)


async def test_what_a_proxy_command_says_of_its_failure_is_told(node: OpenSshNode) -> None:
    async with asyncio.timeout(60):
        with pytest.raises(Unreachable, match=r"^web-1 \(.*ProxyCommand: it ended with exit code 7: no way to web-1"):
            await connect(node.address(proxy_command="sh -c 'echo no way to web-1 >&2; exit 7'"))


async def test_a_proxy_command_with_an_unknown_sign_is_told(node: OpenSshNode) -> None:
    with pytest.raises(RemoteError, match=r"^web-1 \(.*%T is not known; %h, %n, %p, %r and %% are") as why:
        await connect(node.address(proxy_command="nc %T %p"))
    assert not isinstance(why.value, Unreachable)


def test_the_signs_of_a_proxy_command_become_single_words() -> None:
    address = Address("web-1", "a b;rm -rf x", 2222, username="me", proxy_command="nc -x 10%% %r@%h:%p %n")
    assert command_line(address) == "nc -x 10% me@'a b;rm -rf x':2222 web-1"
