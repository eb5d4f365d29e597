"""Files for their owner's eyes only."""

import base64
from pathlib import Path

from deployplan.local.private_files import kept_secret, write_private


def test_a_private_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    write_private(tmp_path / "deep" / "key", "content")
    assert (tmp_path / "deep/key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "deep/key").read_text() == "content"


def test_a_file_that_others_could_read_is_closed_when_it_is_rewritten(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, "new")
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["key"]


def test_a_secret_is_made_once_and_kept(tmp_path: Path) -> None:
    first = kept_secret(tmp_path / "fernet.key")
    assert kept_secret(tmp_path / "fernet.key") == first
    assert len(base64.urlsafe_b64decode(first)) == 32
    assert kept_secret(tmp_path / "other.key") != first
