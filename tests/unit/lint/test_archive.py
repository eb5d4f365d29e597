"""Archives are looked into when that is cheap."""

import gzip
import zipfile
from pathlib import Path

import pytest

from builders import an_archive
from deployplan.lint.archive import LISTED_UP_TO, names_in


def test_tar_and_zip_tell_their_names(tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(an_archive("./install.sh", "sub/up.sql"))
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(an_archive("install.sh", "sub/up.sql")))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("install.sh", "")
        archive.writestr("sub/up.sql", "")

    for name in ("a.tar", "a.tar.gz", "a.zip"):
        assert names_in(tmp_path / name) == {"install.sh", "sub/up.sql"}


NOT_ARCHIVES = {"empty": b"", "text": b"a binary", "zip": b"PK\x03\x04 broken", "gzip": gzip.compress(b"no tar")}


@pytest.mark.parametrize("content", NOT_ARCHIVES.values(), ids=NOT_ARCHIVES)
def test_what_is_no_archive_tells_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.bin").write_bytes(content)

    assert names_in(tmp_path / "a.bin") is None


def test_a_damaged_archive_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(an_archive("install.sh"))[:-20])

    assert names_in(tmp_path / "a.tar.gz") is None


def test_a_missing_file_tells_nothing(tmp_path: Path) -> None:
    assert names_in(tmp_path / "absent.tar") is None


def test_a_large_tar_is_not_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.tar").write_bytes(an_archive("install.sh"))
    monkeypatch.setattr("deployplan.lint.archive.LISTED_UP_TO", 10)

    assert LISTED_UP_TO > 10
    assert names_in(tmp_path / "a.tar") is None
