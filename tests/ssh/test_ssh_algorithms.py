"""Which algorithms a node's sshd may insist on, and what is said when it has none of ours."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncssh
import pytest

from deployplan.remote.errors import NoCommonAlgorithm, Unreachable
from deployplan.remote.ssh.transport import connect
from deployplan.remote.transport import Address
from openssh import OpenSshNode


async def get_in(address: Address) -> str:
    async with await connect(address) as transport:
        return (await transport.run("echo in")).text


@pytest.mark.parametrize(
    "kex",
    [
        "diffie-hellman-group-exchange-sha256",
        "diffie-hellman-group18-sha512",
        "ecdh-sha2-nistp521",
        "curve25519-sha256@libssh.org",
    ],
)
async def test_an_sshd_that_insists_on_one_key_exchange_is_reached(
    a_node: Callable[..., OpenSshNode], kex: str
) -> None:
    node = a_node(options={"KexAlgorithms": kex})
    assert await get_in(node.address()) == "in\n"


@pytest.fixture
async def post_quantum(tmp_path: Path) -> AsyncIterator[Address]:
    """A server that knows post-quantum key exchange only, as a hardened OpenSSH 9.9 may; the one here is older."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "key"], check=True)

    def answer(process: asyncssh.SSHServerProcess[bytes]) -> None:
        process.stdout.write(b"%%deployplan%%\nin\n")
        process.exit(0)

    server = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_host_keys=[str(tmp_path / "key")],
        authorized_client_keys=str(tmp_path / "key.pub"),
        process_factory=answer,
        encoding=None,
        kex_algs=["mlkem768x25519-sha256"],
    )
    key = " ".join((tmp_path / "key.pub").read_text().split()[:2])
    yield Address(
        "web-1", "127.0.0.1", server.get_port(), username="me", host_key=key, key_files=(str(tmp_path / "key"),)
    )
    server.close()
    await server.wait_closed()


async def test_a_server_that_insists_on_post_quantum_key_exchange_is_reached(post_quantum: Address) -> None:
    async with await connect(post_quantum) as transport:
        assert transport.name == "web-1"


async def test_curve25519_is_preferred_to_all_others(a_node: Callable[..., OpenSshNode]) -> None:
    node = a_node(options={"LogLevel": "DEBUG1"})
    assert await get_in(node.address()) == "in\n"
    assert "kex: algorithm: curve25519-sha256" in (node.root / "sshd.log").read_text()


@pytest.mark.parametrize(
    ("option", "offered", "told"),
    [
        ("KexAlgorithms", "diffie-hellman-group14-sha1", "no key exchange algorithm in common"),
        ("MACs", "hmac-sha1", "no MAC algorithm in common"),
        ("Ciphers", "aes128-cbc", "no encryption algorithm in common"),
        ("HostKeyAlgorithms", "ssh-rsa", "no host key algorithm in common"),
    ],
)
async def test_an_sshd_with_nothing_in_common_is_told_so_at_once_and_is_not_unreachable(
    a_node: Callable[..., OpenSshNode], tmp_path: Path, option: str, offered: str, told: str
) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "rsa", "-N", "", "-f", tmp_path / "rsa"], check=True)
    options = {option: offered}
    if option == "MACs":
        options["Ciphers"] = "aes128-ctr"  # one that needs a MAC
    if option == "HostKeyAlgorithms":
        options["HostKey"] = str(tmp_path / "rsa")
    node = a_node(options=options)
    with pytest.raises(
        NoCommonAlgorithm, match=rf"^web-1 \(.*{told}: the node has {offered}.*; we have .*{option}"
    ) as why:
        async with asyncio.timeout(8):  # no try after try
            await get_in(node.address())
    assert not isinstance(why.value, Unreachable)
    assert "sha1," not in str(why.value).partition("we have")[2]


async def test_rsa_keys_are_welcome_as_long_as_they_sign_with_sha2(
    a_node: Callable[..., OpenSshNode], tmp_path: Path
) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "rsa", "-N", "", "-f", tmp_path / "rsa"], check=True)
    keys = {"HostKey": str(tmp_path / "rsa"), "AuthorizedKeysFile": str(tmp_path / "rsa.pub")}
    node = a_node(options=keys)
    pinned = (tmp_path / "rsa.pub").read_text()
    assert await get_in(node.address(host_key=pinned, key_files=(str(tmp_path / "rsa"),))) == "in\n"
