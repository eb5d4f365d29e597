"""What a saved instance may hold: files and folders below its own, on every Python."""

import io
import tarfile
from pathlib import Path

import pytest

from deployplan.local.instance import unpack


def a_tar(**changes: object) -> tarfile.TarFile:
    member = tarfile.TarInfo("records/run")
    for name, value in changes.items():
        setattr(member, name, value)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(member, io.BytesIO(b"x" * member.size))
    buffer.seek(0)
    return tarfile.open(fileobj=buffer)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "../outside"},
        {"name": "/etc/outside"},
        {"name": "records/../../outside"},
        {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"},
        {"type": tarfile.LNKTYPE, "linkname": "/etc/passwd"},
        {"type": tarfile.FIFOTYPE},
        {"type": tarfile.CHRTYPE},
    ],
    ids=str,
)
def test_what_would_land_elsewhere_or_is_no_file_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    with a_tar(**changes) as archive, pytest.raises(tarfile.TarError, match="no file or folder below its own"):
        unpack(archive, tmp_path / "in")
    assert not (tmp_path / "outside").exists()


def test_nobody_but_its_owner_may_write_a_file_whatever_the_archive_says(tmp_path: Path) -> None:
    with a_tar(size=3, mode=0o4777) as archive:
        unpack(archive, tmp_path)
    found = tmp_path / "records" / "run"
    assert (found.read_bytes(), found.stat().st_mode & 0o7777) == (b"xxx", 0o755)
