"""Which host keys a node may show, and what to say when it shows another."""

import asyncio
import base64
import binascii
import re
import socket
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import TypeAlias

import asyncssh
from asyncssh.public_key import get_default_certificate_algs, get_default_public_key_algs

from deployplan.remote.errors import HostKeyRefused
from deployplan.remote.ssh.algorithms import without_sha1
from deployplan.remote.transport import Address

Trusted: TypeAlias = tuple[list[asyncssh.SSHKey], list[asyncssh.SSHKey], list[asyncssh.SSHKey]]
_KEY_TYPE = re.compile(r"(?:^|\s)((?:sk-)?(?:ssh|ecdsa)-\S+)\s+(\S+)")
# What asyncssh says of a host key or certificate that it refuses, and what is so.
_WHY = {
    "Certificate expired": "its host certificate has expired; have a new one signed: ssh-keygen -s CA -h …",
    "Certificate not yet valid": "its host certificate is not valid yet; compare the clocks, or have a new one signed",
    "Certificate principal mismatch": "its host certificate is for another host name than {host!r}; have one signed "
    "with -n {host}",
    "Invalid certificate type": "it shows a user's certificate as its host certificate; have one signed with -h",
    "Host key is revoked": "its host key is marked @revoked in known_hosts; it needs a new one (ssh-keygen -A)",
    "Host CA key is revoked": "the CA of its host certificate is marked @revoked in known_hosts",
}


class KeyWitness(asyncssh.SSHClient):
    """Sees the key that no expectation matched, to name it in the error; trusts nothing."""

    key: asyncssh.SSHKey | None = None
    authority: asyncssh.SSHKey | None = None
    """Whose certificate the node showed, when it is nobody's whom we trust."""
    trusted: str | None = None
    """The fingerprint of the host key that was as expected; None before that is known."""
    trusted_at: float | None = None
    """When that was known, by `time.monotonic`."""
    _connection: asyncssh.SSHClientConnection | None = None

    def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
        self._connection = conn

    def begin_auth(self, username: str) -> None:
        key = self._connection.get_server_host_key() if self._connection else None
        self.trusted, self.trusted_at = "" if key is None else key.get_fingerprint(), monotonic()

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        self.key = key
        return False

    def validate_host_ca_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        self.authority = key
        return False

    @property
    def offered(self) -> bytes:
        """The node's first message, its algorithms; empty when none came."""
        return getattr(self._connection, "_server_kexinit", b"")


@dataclass(frozen=True)
class Expectation:
    """What a node may show: `known` as asyncssh takes it (None is any key), and what of it speaks of this node."""

    known: Trusted | asyncssh.SSHKnownHosts | None
    keys: list[asyncssh.SSHKey] = field(default_factory=list)
    authorities: list[asyncssh.SSHKey] = field(default_factory=list)

    @property
    def algorithms(self) -> list[str]:
        """The kinds of key to ask for: the expected ones first, but then any.

        Asked only for the expected kinds, a node that has none of them hangs up without a word; asked for any, it shows
        what it has, and the error can name that.
        """
        names = get_default_certificate_algs() if self.authorities else []
        own = [name for key in self.keys for name in key.sig_algorithms]
        return without_sha1([*names, *own, *get_default_public_key_algs()])


async def expectation(address: Address) -> Expectation:
    """Return what the node may show. Raises HostKeyRefused when that cannot be read."""
    if address.accept_any_host_key:
        return Expectation(None)
    if address.host_key:
        key = pinned_key(address)
        return Expectation(([key], [], []), [key])
    if not address.known_hosts:
        return Expectation(([], [], []))
    known = _read_known_hosts(address)
    keys: list[asyncssh.SSHKey] = []
    authorities: list[asyncssh.SSHKey] = []
    port = address.port if address.port != 22 else None
    # Behind a jump host or a ProxyCommand only that knows its address.
    for ip in [""] if address.jump or address.proxy_command else await _addresses(address):
        found = known.match(address.host, ip, port)
        keys, authorities = [*keys, *found[0]], [*authorities, *found[1]]
    return Expectation(known, keys, authorities)


def _read_known_hosts(address: Address) -> asyncssh.SSHKnownHosts:
    text = address.known_hosts or ""
    if not _KEY_TYPE.search(text):
        path = Path(text).expanduser()
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise HostKeyRefused(f"{address}: known_hosts file {path} cannot be read: {error}") from error
    try:
        return asyncssh.import_known_hosts(text)
    except ValueError as error:
        raise HostKeyRefused(f"{address}: known_hosts cannot be read: {error}") from error


async def _addresses(address: Address) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))


def pinned_key(address: Address) -> asyncssh.SSHKey:
    """Return the one key expected; it may be written as in a .pub file, as in known_hosts, or as its base64 alone."""
    text = (address.host_key or "").strip()
    found = _KEY_TYPE.search(text)
    try:
        line = f"{found[1]} {found[2]}" if found else f"{_type_of(text)} {text}"
        return asyncssh.import_public_key(line)
    except (ValueError, binascii.Error, asyncssh.KeyImportError) as error:
        raise HostKeyRefused(
            f"{address}: host_key {text[:60]!r} cannot be read; expected `ssh-ed25519 AAAA…`"
        ) from error


def refusal(error: Exception, address: Address, witness: KeyWitness, expected: Expectation) -> HostKeyRefused:
    """Say which key the node showed and why it is refused, and what would make it trusted."""
    host = address.host if address.port == 22 else f"[{address.host}]:{address.port}"
    for said, meaning in _WHY.items():
        if said in str(error):
            return HostKeyRefused(f"{address}: {meaning.format(host=address.host)}")
    if witness.authority is not None:
        why = _why_not_this_authority(address, expected)
        return _refusal(address, witness.authority, why, f"@cert-authority {host}")
    if witness.key is not None:
        return _refusal(address, witness.key, _why_not_this_key(address, expected), host)
    return HostKeyRefused(f"{address}: the node has no host key of the expected type, or shows a revoked one")


def _refusal(address: Address, key: asyncssh.SSHKey, why: tuple[str, str], begin: str) -> HostKeyRefused:
    fingerprint = key.get_fingerprint()
    line = f"{begin} {' '.join(key.export_public_key('openssh').decode().split()[:2])}"
    what, cure = why
    message = f"{address}: {what}; if {fingerprint} is what the node's own ssh-keygen -lf shows, {cure}: {line}"
    return HostKeyRefused(message, fingerprint=fingerprint, line=line)


def _why_not_this_key(address: Address, expected: Expectation) -> tuple[str, str]:
    """What is wrong and what to do: another key than one that is known, or none known for this host at all."""
    if address.host_key:
        known = _fingerprints(expected.keys)
        return f"its host key is not the one pinned, {known}: another machine, or reinstalled", "pin this one instead"
    if expected.keys:
        known = _fingerprints(expected.keys)
        what = f"its host key is not the one expected, {known}: another machine, or reinstalled"
        return what, f"replace what {_place(address)} has for {address.host} by this line"
    if expected.authorities:
        what = f"it shows a host key without a certificate, and {_place(address)} has only a CA for {address.host}"
        return what, "have its key signed and named by HostCertificate in its sshd_config, or add this line"
    if address.known_hosts:
        return f"its host key is not known here: {_place(address)} has no line for {address.host}", "add this line"
    return "its host key is not known here: no known_hosts and no host_key is set", "add this line to known_hosts"


def _why_not_this_authority(address: Address, expected: Expectation) -> tuple[str, str]:
    if expected.authorities:
        known = _fingerprints(expected.authorities)
        return f"its host certificate is of another CA than the one expected, {known}", "replace that CA's line by this"
    return "its host certificate is of a CA that is not known here", "add this line to known_hosts"


def _place(address: Address) -> str:
    text = address.known_hosts or ""
    return "known_hosts" if _KEY_TYPE.search(text) else text


def _fingerprints(keys: list[asyncssh.SSHKey]) -> str:
    return " or ".join(dict.fromkeys(key.get_fingerprint() for key in keys))


def _type_of(blob: str) -> str:
    data = base64.b64decode(blob, validate=True)
    length = int.from_bytes(data[:4], "big")
    return data[4 : 4 + min(length, 64)].decode("ascii")
