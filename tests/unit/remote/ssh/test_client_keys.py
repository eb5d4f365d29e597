"""The private keys that a node is shown: read once for a whole fleet, and anew when the file has changed."""

import subprocess
from pathlib import Path

import asyncssh
import pytest

from deployplan.remote.command import Secret
from deployplan.remote.ssh.client_keys import client_keys
from deployplan.remote.transport import Address


def a_key(folder: Path, name: str = "key", passphrase: str = "") -> Path:
    path = folder / name
    path.unlink(missing_ok=True)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", path], check=True)
    return path


def an_address(path: Path, **rest: object) -> Address:
    return Address("web-1", "10.0.0.1", key_files=(str(path),), **rest)  # type: ignore[arg-type]


def test_one_file_gives_one_key_for_all_nodes(tmp_path: Path) -> None:
    path = a_key(tmp_path)
    assert client_keys(an_address(path))[0] is client_keys(an_address(path))[0]


def test_a_file_that_has_changed_gives_its_new_key(tmp_path: Path) -> None:
    before = client_keys(an_address(a_key(tmp_path)))[0]
    (tmp_path / "key.pub").unlink()
    after = client_keys(an_address(a_key(tmp_path)))[0]
    assert before.get_fingerprint() != after.get_fingerprint()


def test_a_key_is_opened_with_the_passphrase_given_and_with_no_other(tmp_path: Path) -> None:
    path = a_key(tmp_path, passphrase="open sesame")
    assert client_keys(an_address(path, passphrase=Secret("open sesame")))
    with pytest.raises(asyncssh.KeyEncryptionError):
        client_keys(an_address(path, passphrase=Secret("guess")))


def test_a_key_with_a_certificate_is_left_to_asyncssh(tmp_path: Path) -> None:
    path = a_key(tmp_path)
    Path(f"{path}-cert.pub").write_text("ssh-ed25519-cert-v01@openssh.com AAAA")
    assert client_keys(an_address(path)) == [str(path)]


def test_a_key_that_is_not_there_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        client_keys(an_address(tmp_path / "missing"))
