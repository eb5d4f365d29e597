"""Which host keys a node may show, and what to say when it shows another."""

import asyncio
import base64
import binascii
import re
import socket
from pathlib import Path
from typing import TypeAlias

import asyncssh
from asyncssh.public_key import get_default_certificate_algs, get_default_public_key_algs

from deployplan.remote.errors import HostKeyRefused
from deployplan.remote.transport import Address

Trusted: TypeAlias = tuple[list[asyncssh.SSHKey], list[asyncssh.SSHKey], list[asyncssh.SSHKey]]
_KEY_TYPE = re.compile(r"(?:^|\s)((?:sk-)?(?:ssh|ecdsa)-\S+)\s+(\S+)")


class KeyWitness(asyncssh.SSHClient):
    """Sees the key that no expectation matched, to name it in the error; trusts nothing."""

    key: asyncssh.SSHKey | None = None

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        self.key = key
        return False


def trusted(address: Address) -> Trusted | asyncssh.SSHKnownHosts | None:
    """Return what asyncssh shall accept: None is any key. Raises HostKeyRefused when the expectation cannot be read."""
    if address.accept_any_host_key:
        return None
    if address.host_key:
        return [pinned(address)], [], []
    if not address.known_hosts:
        return [], [], []
    if _KEY_TYPE.search(address.known_hosts):
        lines = address.known_hosts
    else:
        path = Path(address.known_hosts).expanduser()
        try:
            lines = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise HostKeyRefused(f"{address}: known_hosts file {path} cannot be read: {error}") from error
    try:
        return asyncssh.import_known_hosts(lines)
    except ValueError as error:
        raise HostKeyRefused(f"{address}: known_hosts cannot be read: {error}") from error


async def algorithms(address: Address, known: Trusted | asyncssh.SSHKnownHosts | None) -> list[str]:
    """Return the kinds of key to ask for: the expected ones first, but then any.

    Asked only for the expected kinds, a node that has none of them hangs up without a word; asked for any, it shows
    what it has, and the error can name that.
    """
    keys: list[asyncssh.SSHKey] = []
    authorities: list[asyncssh.SSHKey] = []
    if isinstance(known, tuple):
        keys = known[0]
    elif known is not None:
        port = address.port if address.port != 22 else None
        for ip in [""] if address.jump else await _addresses(address):  # behind a jump host only that knows its address
            found = known.match(address.host, ip, port)
            keys, authorities = [*keys, *found[0]], [*authorities, *found[1]]
    names = get_default_certificate_algs() if authorities else []
    names = [*names, *(name for key in keys for name in key.sig_algorithms), *get_default_public_key_algs()]
    return list(dict.fromkeys(name.decode() for name in names))


async def _addresses(address: Address) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))


def pinned(address: Address) -> asyncssh.SSHKey:
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


def refusal(address: Address, key: asyncssh.SSHKey | None) -> HostKeyRefused:
    """Say which key the node showed, and what would make it trusted."""
    if key is None:
        return HostKeyRefused(f"{address}: the node has no host key of the expected type, or shows a revoked one")
    fingerprint = key.get_fingerprint()
    host = address.host if address.port == 22 else f"[{address.host}]:{address.port}"
    public = " ".join(key.export_public_key("openssh").decode().split()[:2])
    line = f"{host} {public}"
    expected = address.host_key or address.known_hosts
    why = "is not the one expected: another machine, or reinstalled" if expected else "is not known here"
    cure = f"if {fingerprint} is what the node's own ssh-keygen -lf shows, add this line to known_hosts: {line}"
    return HostKeyRefused(f"{address}: its host key {why}; {cure}", fingerprint=fingerprint, line=line)


def _type_of(blob: str) -> str:
    data = base64.b64decode(blob, validate=True)
    length = int.from_bytes(data[:4], "big")
    return data[4 : 4 + min(length, 64)].decode("ascii")
