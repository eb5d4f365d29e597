"""Why a node's host key is refused, and what cures it: unknown, changed, revoked, or a certificate that will not do."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from deployplan.remote.errors import AuthenticationRefused, HostKeyRefused
from deployplan.remote.ssh.transport import connect
from deployplan.remote.transport import Address
from openssh import OpenSshNode


async def get_in(address: Address) -> str:
    async with await connect(address) as transport:
        return (await transport.run("echo in")).text


async def refused(address: Address) -> HostKeyRefused:
    with pytest.raises(HostKeyRefused) as error:
        await get_in(address)
    return error.value


def a_key(path: Path, *, sign: list[str] | None = None, authority: Path | None = None) -> Path:
    """Make a key pair, and its certificate when an authority is named."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    if authority is not None:
        subprocess.run(["ssh-keygen", "-q", "-s", authority, "-I", "it", *(sign or []), f"{path}.pub"], check=True)
    return path


def public(path: Path) -> str:
    return " ".join(Path(f"{path}.pub").read_text().split()[:2])


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    return a_key(tmp_path / "ca")


@pytest.fixture
def a_signed_node(a_node: Callable[..., OpenSshNode], tmp_path: Path, authority: Path) -> Callable[..., OpenSshNode]:
    """Make a node whose host key has a certificate, signed with these options."""

    def make(*sign: str) -> OpenSshNode:
        key = a_key(tmp_path / "signed", sign=["-h", *sign], authority=authority)
        return a_node(options={"HostKey": str(key), "HostCertificate": f"{key}-cert.pub"})

    return make


async def test_a_host_that_known_hosts_does_not_have_is_unknown_and_its_line_is_to_be_added(
    node: OpenSshNode, tmp_path: Path
) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(f"another.example {node.host_key}\n")
    address = node.address(host_key=None, known_hosts=str(file))
    error = await refused(address)
    assert f"its host key is not known here: {file} has no line for {node.host}; if SHA256:" in str(error)
    assert "shows, add this line: " in str(error)
    assert "another machine" not in str(error)
    file.write_text(file.read_text() + error.line + "\n")
    assert await get_in(address) == "in\n"


async def test_a_host_whose_key_has_changed_is_another_machine_and_its_line_is_to_be_replaced(
    node: OpenSshNode, tmp_path: Path
) -> None:
    old = a_key(tmp_path / "old")
    file = tmp_path / "known_hosts"
    file.write_text(f"[{node.host}]:{node.port} {public(old)}\n")
    address = node.address(host_key=None, known_hosts=str(file))
    error = await refused(address)
    assert "its host key is not the one expected, SHA256:" in str(error)
    assert "another machine, or reinstalled" in str(error)
    assert f"shows, replace what {file} has for {node.host} by this line: " in str(error)
    file.write_text(error.line + "\n")
    assert await get_in(address) == "in\n"


async def test_a_revoked_host_key_says_so(node: OpenSshNode) -> None:
    lines = f"* {node.host_key}\n@revoked * {node.host_key}\n"
    assert "marked @revoked" in str(await refused(node.address(host_key=None, known_hosts=lines)))


async def test_a_host_certificate_of_a_known_authority_gets_in(
    a_signed_node: Callable[..., OpenSshNode], authority: Path
) -> None:
    node = a_signed_node("-n", "127.0.0.1")
    assert await get_in(node.address(host_key=None, known_hosts=f"@cert-authority * {public(authority)}")) == "in\n"


@pytest.mark.parametrize(
    ("sign", "told"),
    [
        (["-n", "127.0.0.1", "-V", "20200101:20200201"], "its host certificate has expired"),
        (["-n", "127.0.0.1", "-V", "20990101:20990201"], "its host certificate is not valid yet"),
        (["-n", "web-9.example"], "its host certificate is for another host name than '127.0.0.1'"),
    ],
)
async def test_a_host_certificate_that_will_not_do_says_why(
    a_signed_node: Callable[..., OpenSshNode], authority: Path, sign: list[str], told: str
) -> None:
    node = a_signed_node(*sign)
    error = await refused(node.address(host_key=None, known_hosts=f"@cert-authority * {public(authority)}"))
    assert told in str(error)


async def test_a_host_certificate_of_an_authority_that_nobody_knows_says_so(
    a_signed_node: Callable[..., OpenSshNode], tmp_path: Path, authority: Path
) -> None:
    node, other = a_signed_node("-n", "127.0.0.1"), a_key(tmp_path / "other")
    error = await refused(node.address(host_key=None, known_hosts=f"@cert-authority * {public(other)}"))
    assert "its host certificate is of another CA than the one expected, SHA256:" in str(error)
    assert error.line == f"@cert-authority [{node.host}]:{node.port} {public(authority)}"


async def test_a_plain_host_key_where_only_an_authority_is_known_says_so(node: OpenSshNode, authority: Path) -> None:
    error = await refused(node.address(host_key=None, known_hosts=f"@cert-authority * {public(authority)}"))
    assert "it shows a host key without a certificate, and known_hosts has only a CA" in str(error)


async def test_our_own_expired_certificate_says_so(a_node: Callable[..., OpenSshNode], authority: Path) -> None:
    folder = authority.parent
    key = a_key(folder / "me", sign=["-n", "me", "-V", "20200101:20200201"], authority=authority)
    node = a_node(options={"TrustedUserCAKeys": f"{authority}.pub", "AuthorizedKeysFile": "none"})
    with pytest.raises(AuthenticationRefused, match=rf"our certificate {key}-cert.pub cannot be used: .*expired"):
        await get_in(node.address(key_files=(str(key),)))
