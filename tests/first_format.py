"""The records that the first format left: see formats/README.md."""

import tarfile
from pathlib import Path

KEY = b"k" * 32
SUCCEEDED = ("shop-2", "manual__2026-11-30T07:00:00+00:00")
BACKED_OUT = ("desk-2", "manual__2026-11-30T07:01:00+00:00")
UNDER_WAY = ("till-2", "manual__2026-11-30T07:02:00+00:00")
RUNS = (SUCCEEDED, BACKED_OUT, UNDER_WAY)
_ARCHIVE = Path(__file__).parent / "formats" / "first.tar.gz"


def unpack(folder: Path) -> Path:
    """Unpack the records into `folder`; returns the root of the record store."""
    with tarfile.open(_ARCHIVE) as archive:
        archive.extractall(folder)
    return folder / "records"
