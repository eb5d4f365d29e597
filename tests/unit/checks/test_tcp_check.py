"""Whether an address takes connections, asked of real sockets: from here, and by the programs that a node has."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from builders import a_criterion
from deployplan.checks.read import read_once
from deployplan.checks.reading import Answer, Observation, Reading
from deployplan.checks.tcp_check import connect_command, connect_from_here
from deployplan.plan.model.endpoint import Endpoint, NoEndpoint, address_endpoint
from deployplan.plan.model.infrastructure import Node
from deployplan.remote.node_client import NodeClient
from deployplan.remote.transport import Result
from deployplan.testing import LocalTransport
from remote_builders import tools
from unit.checks.http_site import HERE

WITHIN = timedelta(seconds=30)
REFUSED = "nothing listens there (connection refused)"


@pytest.fixture
def listening() -> Iterator[Endpoint]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield Endpoint("127.0.0.1", server.getsockname()[1])


@pytest.fixture
def refusing() -> Iterator[Endpoint]:
    """A port on which nothing listens, and that nobody else can take."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield Endpoint("127.0.0.1", taken.getsockname()[1])


@pytest.fixture
def silent() -> Iterator[Endpoint]:
    """A server that is so busy that the kernel answers no further connection."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        endpoint = Endpoint("127.0.0.1", server.getsockname()[1])
        for _ in range(8):
            waiting = stack.enter_context(socket.socket())
            waiting.settimeout(0.2)
            try:
                waiting.connect((endpoint.host, endpoint.port))
            except TimeoutError:
                break
        else:
            pytest.skip("the kernel queues more connections than it was asked to")
        yield endpoint


async def from_here(endpoint: Endpoint, within: timedelta = WITHIN) -> Observation:
    return await connect_from_here(endpoint, within, HERE)


async def test_an_address_that_takes_connections_passes(listening: Endpoint) -> None:
    assert await from_here(listening) == Observation(Answer.PASS, f"127.0.0.1:{listening.port} takes connections")


async def test_an_address_that_refuses_fails(refusing: Endpoint) -> None:
    assert await from_here(refusing) == Observation(Answer.FAIL, REFUSED)


async def test_a_name_of_which_one_address_takes_connections_passes(listening: Endpoint) -> None:
    """`localhost` may be ::1 first, where nothing listens."""
    assert (await from_here(Endpoint("localhost", listening.port))).answer is Answer.PASS


async def test_no_answer_in_time_is_unknown(silent: Endpoint) -> None:
    found = await from_here(silent, timedelta(milliseconds=300))

    assert found == Observation(Answer.UNKNOWN, "no answer within 0.3 s")


async def test_a_name_that_nobody_knows_is_unknown() -> None:
    found = await from_here(Endpoint("web-9.invalid", 80))

    assert found.answer is Answer.UNKNOWN
    assert found.observed.startswith("the name is not known: ")


async def test_what_is_out_of_reach_is_not_asked() -> None:
    with socket.create_server(("127.0.0.2", 0)) as server:
        port = server.getsockname()[1]
        found = await from_here(Endpoint("127.0.0.2", port))
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()

    assert found.answer is Answer.UNKNOWN
    assert found.observed.startswith(f"127.0.0.2:{port} may not be read")


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
async def test_an_ipv6_address_stands_in_brackets() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:
        port = server.getsockname()[1]
        reading = await read_once(a_criterion(tcp=f"[::1]:{port}"), None, reach=HERE)

    assert (reading.answer, reading.observed) == (Answer.PASS, f"[::1]:{port} takes connections")


async def from_node(folder: Path, endpoint: Endpoint, within: timedelta = WITHIN, **tools_of_it: Any) -> Observation:
    """What a node with these tools tells, asked by the client that asks real nodes, over a real shell."""
    transport = LocalTransport("web-1", folder / "home", {"PATH": tools(folder / "bin", **tools_of_it)})
    client, node = NodeClient(transport), Node(name="web-1", host="10.0.0.1")

    async def on_node(command: str, seconds: float) -> Result:
        return await client.run(command, timeout=seconds)

    criterion = a_criterion(tcp=str(endpoint), on="web-1", timeout=within)
    reading = await read_once(criterion, node, reach=HERE, run_on_node=on_node)
    return Observation(reading.answer, reading.observed)


NODES: dict[str, dict[str, Any]] = {
    "bash": {"without": ("perl",)},
    "perl": {"without": ("bash",)},
    "busybox": {"shell": "/usr/bin/busybox", "busybox": True},
}


@pytest.mark.parametrize("node", NODES)
async def test_a_node_connects_with_the_program_that_it_has(
    tmp_path: Path, node: str, listening: Endpoint, refusing: Endpoint
) -> None:
    assert (await from_node(tmp_path / "1", listening, **NODES[node])).answer is Answer.PASS
    assert await from_node(tmp_path / "2", refusing, **NODES[node]) == Observation(Answer.FAIL, REFUSED)
    nobody = await from_node(tmp_path / "3", Endpoint("web-9.invalid", 80), **NODES[node])
    assert nobody.answer is Answer.UNKNOWN
    assert nobody.observed.startswith("the name is not known: ")


@pytest.mark.parametrize("node", NODES)
async def test_a_node_that_gets_no_answer_in_time_says_so(tmp_path: Path, node: str, silent: Endpoint) -> None:
    found = await from_node(tmp_path, silent, timedelta(seconds=1), **NODES[node])

    assert found == Observation(Answer.UNKNOWN, "no answer within 1 s")


async def test_a_node_that_has_nothing_to_connect_with_is_told_what_to_do(tmp_path: Path, listening: Endpoint) -> None:
    found = await from_node(tmp_path, listening, without=("bash", "perl"))

    assert found.answer is Answer.UNKNOWN
    assert found.observed == "the node has neither bash nor perl to connect with; ask by `command` there"


async def test_the_nodes_of_on_connect_and_the_controller_does_not(refusing: Endpoint) -> None:
    asked: list[tuple[str, float]] = []

    class Ended:
        exit, stdout, stderr = 0, b"", b""

    async def on_node(command: str, seconds: float) -> Ended:
        asked.append((command, seconds))
        return Ended()

    node = Node(name="lb-1", host="10.0.0.8", vars={"port": refusing.port})
    criterion = a_criterion(tcp="127.0.0.1:{port}", on="lb-1", timeout=timedelta(seconds=7))
    reading = await read_once(criterion, node, reach=HERE, run_on_node=on_node)

    assert reading.answer is Answer.PASS
    assert asked == [(connect_command(refusing, 7), 9)]


async def test_each_node_is_asked_at_its_own_address(listening: Endpoint) -> None:
    async def ask(port: int) -> Reading:
        node = Node(name="web-1", host="127.0.0.1", vars={"port": port})
        return await read_once(a_criterion(tcp="{node}:{port}"), node, reach=HERE)

    reading = await ask(listening.port)

    assert (reading.node, reading.answer) == ("web-1", Answer.PASS)


async def test_a_reading_that_is_cancelled_is_no_answer(silent: Endpoint) -> None:
    task = asyncio.create_task(from_here(silent))
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [("web-1:80", "web-1", 80), ("[FD00::9]:5432", "fd00::9", 5432), ("10.0.0.9:65535", "10.0.0.9", 65535)],
)
def test_an_address_is_a_host_and_a_port(address: str, host: str, port: int) -> None:
    assert address_endpoint(address) == Endpoint(host, port)


@pytest.mark.parametrize(
    "address",
    ["", "web-1", "web-1:", ":80", "web-1:http", "fd00::9:80", "http://web-1:80", "a b:80", "me@web-1:80", "[::1:80"],
)
def test_what_is_no_address_is_told_with_one_that_is(address: str) -> None:
    with pytest.raises(NoEndpoint, match="is no HOST:PORT") as raised:
        address_endpoint(address)

    assert "{host}:5432" in raised.value.hint


@pytest.mark.parametrize("port", [0, 65536, 99999])
def test_a_port_that_cannot_be_is_told(port: int) -> None:
    with pytest.raises(NoEndpoint, match="port is no number from 1 to 65535"):
        address_endpoint(f"web-1:{port}")
