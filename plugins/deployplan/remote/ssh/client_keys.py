"""The private keys that a node is shown: each read and decrypted once, however many nodes it is for."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import asyncssh
from asyncssh.public_key import CERT_TYPE_USER, SSHOpenSSHCertificate

from deployplan.remote.transport import Address


def client_keys(address: Address) -> list[Any]:
    """Return the keys of `address` as asyncssh takes them: decrypting one may cost a tenth of a second of CPU.

    OSError or asyncssh's own errors when one cannot be read.
    """
    passphrase = address.passphrase.reveal() if address.passphrase else None
    keys: list[Any] = [_of_file(path, passphrase) for path in address.key_files]
    if address.private_key:
        keys.append(_parsed(address.private_key.reveal(), passphrase))
    return keys


def fingerprints(address: Address) -> list[str]:
    """Return the SHA-256 fingerprint of each key of `address`, or why one cannot be read; none: the agent's."""
    passphrase = address.passphrase.reveal() if address.passphrase else None
    found = [_fingerprint(Path(name).expanduser(), passphrase) for name in address.key_files]
    return [*found, *([_fingerprint(address.private_key.reveal(), passphrase)] if address.private_key else [])]


def _fingerprint(key: Path | str, passphrase: str | None) -> str:
    try:
        text = key.read_text("utf-8", "surrogateescape") if isinstance(key, Path) else key
        return str(_parsed(text, passphrase).get_fingerprint())
    except (OSError, ValueError, asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        return f"cannot be read: {error}"


def unusable_certificates(address: Address) -> list[str]:
    """Say of each of our certificates that cannot be used why not: expired, or not valid yet."""
    found = []
    for name in address.key_files:
        path = Path(f"{Path(name).expanduser()}-cert.pub")
        try:
            certificate = asyncssh.read_certificate(path)
            if isinstance(certificate, SSHOpenSSHCertificate):
                certificate.validate(CERT_TYPE_USER, None)
        except OSError:
            continue
        except (ValueError, asyncssh.KeyImportError) as error:
            found.append(f"our certificate {path} cannot be used: {str(error).lower()}")
    return found


def _of_file(name: str, passphrase: str | None) -> Any:
    path = Path(name).expanduser()
    if Path(f"{path}-cert.pub").exists():
        return name  # with its certificate: asyncssh knows how the two belong together
    return _parsed(path.read_text("utf-8", "surrogateescape"), passphrase)


@lru_cache(maxsize=16)
def _parsed(text: str, passphrase: str | None) -> asyncssh.SSHKey:
    return asyncssh.import_private_key(text.encode("utf-8", "surrogateescape"), passphrase)
