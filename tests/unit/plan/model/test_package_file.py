"""The digest of a package is computed once for the same bytes, and never for others."""

import hashlib
from pathlib import Path

import pytest

from deployplan.plan.model import package_file
from deployplan.plan.model.package_file import REMEMBERED_FROM, sha256_of


@pytest.fixture(autouse=True)
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "cache" / "packages.json"
    monkeypatch.setattr(package_file, "_CACHE", path)
    return path


def test_a_small_file_is_simply_read(tmp_path: Path, memory: Path) -> None:
    package = tmp_path / "a.tar"
    package.write_bytes(b"abc")

    assert sha256_of(package) == hashlib.sha256(b"abc").hexdigest()
    assert not memory.exists()


def test_a_changed_file_has_another_digest(tmp_path: Path) -> None:
    for size in (3, REMEMBERED_FROM):
        package = tmp_path / f"{size}.tar"
        package.write_bytes(b"a" * size)
        before = sha256_of(package)
        package.write_bytes(b"b" * size)

        assert sha256_of(package) != before
        assert sha256_of(package) == hashlib.sha256(b"b" * size).hexdigest()


def test_the_digest_of_a_large_file_is_remembered_by_other_processes(
    tmp_path: Path, memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "a.tar"
    package.write_bytes(b"a" * REMEMBERED_FROM)
    before = sha256_of(package)
    monkeypatch.setattr(package_file, "_computed", lambda path, identity: pytest.fail("the file was read again"))

    assert sha256_of(package) == before
    assert before in memory.read_text()


@pytest.mark.parametrize("content", ["", "nonsense", "[]"])
def test_a_damaged_memory_is_no_obstacle(tmp_path: Path, memory: Path, content: str) -> None:
    memory.parent.mkdir()
    memory.write_text(content)
    package = tmp_path / "a.tar"
    package.write_bytes(b"a" * REMEMBERED_FROM)

    assert sha256_of(package) == hashlib.sha256(b"a" * REMEMBERED_FROM).hexdigest()


def test_a_memory_that_cannot_be_written_is_no_obstacle(tmp_path: Path, memory: Path) -> None:
    memory.parent.write_text("a file where the folder should be")
    package = tmp_path / "a.tar"
    package.write_bytes(b"a" * REMEMBERED_FROM)

    assert sha256_of(package) == hashlib.sha256(b"a" * REMEMBERED_FROM).hexdigest()
