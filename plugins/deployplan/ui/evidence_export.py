"""The evidence of a run in one file, which `deployplan evidence verify` checks wherever it is unpacked."""

import gzip
import io
import tarfile
from collections.abc import Iterator

from deployplan.evidence.error import RecordError
from deployplan.evidence.folder import bytes_in
from deployplan.evidence.record import RunRecord
from deployplan.evidence.segment import read_segments, segment_name

MOST_BYTES = 64 << 20
"""Bytes of entries that are put into one file."""
MOST_LISTED = 2 * MOST_BYTES
"""The same as files lie in the store: within an hour of a run's end its entries are there twice."""


class TooMuchToExport(RecordError):
    """The evidence is larger than what is put into one file for a browser."""


def require_exportable(record: RunRecord) -> None:
    """Raise TooMuchToExport before anything is read, where the store lists more than can be put into one file."""
    if sum(map(bytes_in, (record.folder, record.apart().folder))) > MOST_LISTED:
        raise _too_much(record)


def export_evidence(record: RunRecord, plan: str | None) -> bytes:
    """Return a tar archive, packed by gzip: every entry as it lies in the store, and the plan that was frozen.

    The same evidence gives the same bytes. Raises TooMuchToExport.
    """
    packed, size = io.BytesIO(), 0
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as pressed, tarfile.open(fileobj=pressed, mode="w") as tar:
        for name, content in _files(record, plan):
            if (size := size + len(content)) > MOST_BYTES:
                raise _too_much(record)
            known = tarfile.TarInfo(name)
            known.size = len(content)
            tar.addfile(known, io.BytesIO(content))
    return packed.getvalue()


def _too_much(record: RunRecord) -> TooMuchToExport:
    why = f"the evidence of {record.name} has more than {MOST_BYTES >> 20} MiB"
    return TooMuchToExport(f"{why}: `deployplan evidence archive` copies it")


def _files(record: RunRecord, plan: str | None) -> Iterator[tuple[str, bytes]]:
    for folder, place in ((record.folder, "evidence"), (record.apart().folder, "evidence/apart")):
        for seq, line in read_segments(folder).items():
            yield f"{place}/{segment_name(seq)}", line
    if plan is not None:
        yield "plan.json", plan.encode()
