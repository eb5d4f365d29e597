"""What we speak with sshd: all that the library has but SHA-1, and how to say that a node speaks none of it."""

import re

import asyncssh
from asyncssh.kex import get_default_kex_algs
from asyncssh.mac import get_default_mac_algs
from asyncssh.public_key import get_default_public_key_algs

from deployplan.remote.errors import NoCommonAlgorithm
from deployplan.remote.transport import Address

# Signatures and certificates by RSA with SHA-1; RSA keys themselves are welcome, with SHA-2.
_RSA_WITH_SHA1 = (b"ssh-rsa", b"ssh-rsa-cert-v01@openssh.com")
_KINDS = ("key exchange", "host key", "encryption", "encryption", "MAC", "MAC", "compression", "compression")
_OPTIONS = {"key exchange": "KexAlgorithms", "host key": "HostKeyAlgorithms", "encryption": "Ciphers", "MAC": "MACs"}
_MISMATCH = re.compile(r"No matching (.+?) algorithm found, sent (\S*) and received (\S*)")
_SHOWN = 400


def without_sha1(names: list[bytes]) -> list[str]:
    """Return the names of algorithms that rest on no SHA-1, once each, in their order."""
    kept = (name.decode() for name in names if name not in _RSA_WITH_SHA1 and b"sha1" not in name)
    return list(dict.fromkeys(kept))


# Curve25519 first: fast, and what every sshd of the last ten years has. Then the library's own order, post-quantum ones
# first. What needs Kerberos (gss-) is left out: nobody has said with which ticket.
KEY_EXCHANGES = tuple(
    dict.fromkeys(
        [
            "curve25519-sha256",
            "curve25519-sha256@libssh.org",
            *(name for name in without_sha1(get_default_kex_algs()) if not name.startswith("gss-")),
        ]
    )
)
# AES-GCM first: here it costs a third of what ChaCha20 does, and sshd has it since 2013. None in CBC mode.
CIPHERS = (
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "chacha20-poly1305@openssh.com",
    "aes256-ctr",
    "aes192-ctr",
    "aes128-ctr",
)
MACS = tuple(without_sha1(get_default_mac_algs()))
SIGNATURES = tuple(without_sha1(get_default_public_key_algs()))


def mismatch(error: Exception, address: Address) -> NoCommonAlgorithm | None:
    """Return the error when the handshake says that both sides have no algorithm in common, else None."""
    found = _MISMATCH.search(str(error)) if isinstance(error, asyncssh.KeyExchangeFailed) else None
    return _no_common(address, found[1], found[2].split(","), found[3].split(",")) if found else None


def host_key_mismatch(offered: bytes, wanted: list[str], address: Address) -> NoCommonAlgorithm | None:
    """The same for kinds of host key, by the node's first message (KEXINIT): it hangs up on these without a word."""
    lists = _name_lists(offered)
    theirs = lists.get("host key", [])
    if not theirs or set(theirs) & set(wanted):
        return None
    return _no_common(address, "host key", wanted, theirs)


def _no_common(address: Address, kind: str, ours: list[str], theirs: list[str]) -> NoCommonAlgorithm:
    option = _OPTIONS.get(kind)
    cure = f"; its sshd_config should allow one of ours in {option}" if option else ""
    return NoCommonAlgorithm(
        f"{address}: no {kind} algorithm in common: the node has {_listed(theirs)}; we have {_listed(ours)}{cure}"
    )


def _listed(names: list[str]) -> str:
    text = ", ".join(name for name in names if name) or "none"
    text = "".join(character if character.isprintable() else "?" for character in text)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _name_lists(message: bytes) -> dict[str, list[str]]:
    """Read the lists of names in a KEXINIT (RFC 4253, 7.1): one byte, 16 of a cookie, then each with its length."""
    found: dict[str, list[str]] = {}
    at = 17
    for kind in _KINDS:
        length = int.from_bytes(message[at : at + 4], "big")
        if at + 4 + length > len(message):
            break
        found.setdefault(kind, message[at + 4 : at + 4 + length].decode("ascii", "replace").split(","))
        at += 4 + length
    return found
