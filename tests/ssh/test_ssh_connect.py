"""Getting in, or being told by name and in time why not."""

import asyncio
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deployplan.remote.command import Secret
from deployplan.remote.errors import AuthenticationRefused, HostKeyRefused, RemoteError, Unreachable
from deployplan.remote.ssh.transport import SshTransport, connect
from deployplan.remote.transport import Address
from openssh import OpenSshNode, connect_all


@contextmanager
def within(seconds: float) -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


async def get_in(address: Address) -> str:
    async with await connect(address) as transport:
        return (await transport.run("echo in")).text


@pytest.mark.parametrize(
    "known",
    ["[{host}]:{port} {key}", "{host} {key}", "# comment\n\nother ssh-rsa AAAA\n[{host}]:{port},x {key} comment\n"],
)
async def test_a_node_in_known_hosts_is_known_at_its_port_or_at_any(
    node: OpenSshNode, known: str, tmp_path: Path
) -> None:
    lines = known.format(host=node.host, port=node.port, key=node.host_key)
    (tmp_path / "known_hosts").write_text(lines)
    for known_hosts in (lines, str(tmp_path / "known_hosts")):
        assert await get_in(node.address(host_key=None, known_hosts=known_hosts)) == "in\n"


@pytest.mark.parametrize("form", ["{key}", "{key} root@web-1", "{host} {key}", "{blob}"])
async def test_a_pinned_key_may_be_written_in_any_usual_way(node: OpenSshNode, form: str) -> None:
    written = form.format(key=node.host_key, host=node.host, blob=node.host_key.split()[1])
    assert await get_in(node.address(host_key=written)) == "in\n"


async def test_a_node_that_nobody_vouched_for_is_refused_with_the_cure(node: OpenSshNode, tmp_path: Path) -> None:
    with pytest.raises(
        HostKeyRefused, match=r"^web-1 \(.*its host key is not known here: no .*; if SHA256:"
    ) as refused:
        await get_in(node.address(host_key=None))
    shown = subprocess.run(
        ["ssh-keygen", "-lf", node.root / "host_key.pub"], capture_output=True, text=True, check=True
    )
    assert refused.value.fingerprint in shown.stdout
    assert refused.value.line in str(refused.value)
    assert await get_in(node.address(host_key=None, known_hosts=refused.value.line)) == "in\n"


async def test_another_machine_in_the_nodes_place_is_refused(a_node: Callable[..., OpenSshNode]) -> None:
    right, wrong = a_node("web-1"), a_node("web-2")
    with (
        within(5),
        pytest.raises(
            HostKeyRefused, match=r"web-1 .*is not the one pinned, SHA256:\S+: another machine, or reinstalled"
        ),
    ):
        await get_in(wrong.address(name="web-1", host_key=right.host_key))
    line = f"[{wrong.host}]:{wrong.port} {right.host_key}"
    with pytest.raises(HostKeyRefused, match="is not the one expected"):
        await get_in(wrong.address(host_key=None, known_hosts=line))


async def test_a_key_of_another_type_than_the_pinned_one_is_refused(node: OpenSshNode, tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", tmp_path / "other"], check=True)
    with within(5), pytest.raises(HostKeyRefused, match="web-1"):
        await get_in(node.address(host_key=(tmp_path / "other.pub").read_text()))


async def test_any_key_is_taken_only_when_that_is_said(node: OpenSshNode) -> None:
    assert await get_in(node.address(host_key=None, accept_any_host_key=True)) == "in\n"


@pytest.mark.parametrize("known", ["/nowhere/known_hosts", "web-1 ssh-ed25519"])
async def test_known_hosts_that_cannot_be_read_trust_nobody(node: OpenSshNode, known: str) -> None:
    with pytest.raises(HostKeyRefused, match="web-1"):
        await get_in(node.address(host_key=None, known_hosts=known))


@pytest.mark.parametrize("pinned", ["ssh-ed25519 AAAA", "nonsense", "AAAAC3NzaC1lZDI1NTE5"])
async def test_a_pinned_key_that_cannot_be_read_trusts_nobody(node: OpenSshNode, pinned: str) -> None:
    with pytest.raises(HostKeyRefused, match="expected `ssh-ed25519 AAAA…`"):
        await get_in(node.address(host_key=pinned))


async def test_a_key_that_the_node_does_not_know_is_refused(a_node: Callable[..., OpenSshNode]) -> None:
    node, other = a_node("web-1"), a_node("web-2")
    with within(5), pytest.raises(AuthenticationRefused, match=r"^web-1 .*the node refuses our keys"):
        await get_in(node.address(key_files=(str(other.key_file),)))
    with within(5), pytest.raises(AuthenticationRefused, match="web-1"):
        await get_in(node.address(key_files=(), password=Secret("hunter2")))


async def test_our_own_key_that_cannot_be_read_is_named(node: OpenSshNode) -> None:
    with pytest.raises(AuthenticationRefused, match=r"our own key cannot be used: .*/nowhere"):
        await get_in(node.address(key_files=("/nowhere",)))
    with pytest.raises(AuthenticationRefused, match="our own key cannot be used"):
        await get_in(node.address(key_files=(), private_key=Secret("no key")))


async def test_a_key_given_as_text_gets_in_and_is_never_shown(node: OpenSshNode) -> None:
    text = node.key_file.read_text()
    address = node.address(key_files=(), private_key=Secret(text))
    assert await get_in(address) == "in\n"
    assert text.splitlines()[1] not in repr(address)


async def test_a_node_that_is_down_is_unreachable(node: OpenSshNode) -> None:
    node.stop()
    with within(2), pytest.raises(Unreachable, match=r"^web-1 \(.*connection refused"):
        await get_in(node.address())


async def test_a_name_that_nobody_knows_is_unreachable(node: OpenSshNode) -> None:
    with within(20), pytest.raises(Unreachable, match="web-1"):
        await get_in(node.address(host="web-1.invalid"))


async def test_a_node_that_takes_the_call_and_says_nothing_is_unreachable(node: OpenSshNode, mute_port: int) -> None:
    with within(6), pytest.raises(Unreachable, match=r"web-1 .*no answer within 3 s"):
        await get_in(node.address(port=mute_port, connect_timeout=1, login_timeout=2))


async def test_a_burst_that_sshd_drops_gets_in_all_the_same(a_node: Callable[..., OpenSshNode]) -> None:
    node = a_node(options={"MaxStartups": "2:100:2"})
    burst = [node.address(name=f"call-{number}") for number in range(10)]
    with within(60):
        found = await connect_all(burst)
    transports = [each for each in found.values() if isinstance(each, SshTransport)]
    await asyncio.gather(*(transport.close() for transport in transports))
    assert "beginning MaxStartups throttling" in (node.root / "sshd.log").read_text()
    assert len(transports) == 10, found


async def test_one_of_many_that_fails_does_not_stop_the_others(a_node: Callable[..., OpenSshNode]) -> None:
    up, down = a_node("web-1"), a_node("web-2")
    down.stop()
    found = await connect_all([up.address(), down.address()])
    assert isinstance(found["web-1"], SshTransport)
    await found["web-1"].close()
    assert isinstance(found["web-2"], RemoteError)


async def test_what_answers_but_is_no_ssh_server_is_unreachable(node: OpenSshNode) -> None:
    async def http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 10)
        writer.close()

    server = await asyncio.start_server(http, "127.0.0.1", 0)
    with within(40), pytest.raises(Unreachable, match="web-1"):
        await get_in(node.address(port=server.sockets[0].getsockname()[1]))
    server.close()
