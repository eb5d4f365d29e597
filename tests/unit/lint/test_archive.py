"""Archives are looked into when that is cheap."""

import bz2
import gzip
import io
import lzma
import tarfile
import time
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from builders import an_archive
from deployplan.lint.archive import LISTED_UP_TO, LONGEST_TEXT, names_in, small_files_in


def test_tar_and_zip_tell_their_names(tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(an_archive("./install.sh", "sub/up.sql"))
    for end, pack in (("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)):
        (tmp_path / f"a.tar.{end}").write_bytes(pack(an_archive("install.sh", "sub/up.sql")))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("install.sh", "")
        archive.writestr("sub/up.sql", "")

    for name in ("a.tar", "a.tar.gz", "a.tar.bz2", "a.tar.xz", "a.zip"):
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


def a_bomb(kind: str) -> bytes:
    """A small gzip of a tar that says or holds much: one huge member, a name of 200 MB, 600 entries."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as out:
        if kind == "member":
            entry = tarfile.TarInfo("zeros")
            entry.size = 8**11 - 1
            out.write(entry.tobuf(tarfile.GNU_FORMAT))
            out.write(bytes(4 * 1024 * 1024))
        elif kind == "name":
            entry = tarfile.TarInfo("././@LongLink")
            entry.type, entry.size = tarfile.GNUTYPE_LONGNAME, 200 * 1024 * 1024
            out.write(entry.tobuf(tarfile.GNU_FORMAT))
            for _ in range(200):
                out.write(b"n" * 1024 * 1024)
        else:
            out.write(tarfile.TarInfo("x").tobuf() * 600)
    return packed.getvalue()


@pytest.mark.parametrize("kind", ["member", "name", "entries"])
def test_an_archive_that_unpacks_to_more_than_is_looked_into_tells_nothing_and_costs_little(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deployplan.lint.archive.MOST_ENTRIES", 500)
    (tmp_path / "a.tar.gz").write_bytes(a_bomb(kind))
    began = time.process_time()
    tracemalloc.start()
    try:
        assert names_in(tmp_path / "a.tar.gz") is None
        assert tracemalloc.get_traced_memory()[1] < 64 * 1024 * 1024
    finally:
        tracemalloc.stop()
    assert time.process_time() - began < 60  # a bound of the kind, not of the machine: unbounded it is hours


def test_a_zip_with_more_entries_than_are_looked_at_tells_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number in range(20):
            archive.writestr(f"{number}", "")
    monkeypatch.setattr("deployplan.lint.archive.MOST_ENTRIES", 19)
    assert names_in(tmp_path / "a.zip") is None


def test_a_zip_whose_table_of_contents_is_too_large_tells_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number in range(20):
            archive.writestr(f"{number:0200}", "")
    monkeypatch.setattr("deployplan.lint.archive.MOST_AT_ONCE", 4000)
    assert names_in(tmp_path / "a.zip") is None


def a_zip(**contents: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in contents.items():
            archive.writestr(name, text)
    return file.getvalue()


@pytest.mark.parametrize("pack", ["tar", "tar.gz", "zip"])
def test_the_small_files_of_an_archive_are_read(pack: str, tmp_path: Path) -> None:
    contents = {"install": "echo installed\n", "large": "x" * (LONGEST_TEXT + 1), "last": "end\n"}
    made = an_archive(*contents, contents={name: text.encode() for name, text in contents.items()})
    packed = {"tar": made, "tar.gz": gzip.compress(made), "zip": a_zip(**contents)}[pack]
    (tmp_path / "a").write_bytes(packed)
    assert dict(small_files_in(tmp_path / "a")) == {"install": b"echo installed\n", "last": b"end\n"}


def test_no_more_is_read_of_all_files_of_an_archive_than_is_stated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.zip").write_bytes(a_zip(**{f"f{number}": "x" * 1000 for number in range(20)}))
    monkeypatch.setattr("deployplan.lint.archive.MOST_TEXT", 5500)
    assert [name for name, _ in small_files_in(tmp_path / "a.zip")] == ["f0", "f1", "f2", "f3", "f4"]


@pytest.mark.parametrize("damage", ["cut", "not an archive", "absent"])
def test_of_a_damaged_archive_what_comes_before_the_damage_is_read(damage: str, tmp_path: Path) -> None:
    whole = gzip.compress(an_archive("install.sh", contents={"install.sh": b"x"}))
    if damage != "absent":
        (tmp_path / "a").write_bytes(whole[:-20] if damage == "cut" else b"text")
    assert dict(small_files_in(tmp_path / "a")) in ({}, {"install.sh": b"x"})
